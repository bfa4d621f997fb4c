import { openStore } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { describe, expect, test } from 'vitest'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { completedIds, produce } from './producer.ts'
import { eventsOf, jobsOf, sharedClock, workerProcess } from './worker-process.ts'

const enqueueTimeout = 3_000

/**
 * Kills the server, and brings it back after so many ms. Answers when it was back, by {@link sharedClock}.
 */
async function away(server: RedisServer, duration: number): Promise<number> {
  await server.stop('SIGKILL')
  const end = performance.now() + duration
  await until(() => performance.now() >= end, duration + 1_000, 'the end of the outage')
  await server.start()
  return sharedClock()
}

describeWithRedisServer('a server that is killed and comes back, with appendfsync always', () => {
  describe.concurrent('after', () => {
    test.for([2, 10, 25])(
      '%i s: nothing acknowledged is lost, and workers resume within 1 s',
      { timeout: 90_000 },
      async (seconds, { onTestFinished }) => {
        const server = await ownServer({ appendonly: 'always' }, onTestFinished)
        const prefix = randomPrefix()
        const store = openStore({ url: server.url, prefix, enqueueTimeout })
        onTestFinished(() => store.close())
        const queue = new Queue<{ slow: { ms: number } }>('restart', { store, retain: { completed: { count: 1_000_000 } } })
        const workers = [1, 2].map(() =>
          workerProcess({ url: server.url, prefix, queue: 'restart', options: { concurrency: 3, lease: 5_000 } }, onTestFinished),
        )
        await Promise.all(workers.map((worker) => worker.event('ready')))
        const producer = produce(queue)
        // Some work is always left for the time of the return.
        await queue.addBulk(Array.from({ length: 60 }, () => ({ name: 'slow' as const, data: { ms: 20 } })))
        await Promise.all(workers.map((worker) => worker.event('completed')))
        await queue.addBulk(Array.from({ length: 600 }, () => ({ name: 'slow' as const, data: { ms: 20 } })))
        const before = producer.acknowledged.size
        const killed = sharedClock()
        const back = await away(server, seconds * 1_000)

        const resumed = await Promise.all(workers.map((worker) => worker.event('started', ({ at }) => Number(at) >= back, 10_000)))
        const pauses = resumed.map(({ at }) => Math.round(Number(at) - back))
        expect(Math.max(...pauses)).toBeLessThan(1_000)
        await until(() => producer.acknowledged.size > before + 30, 10_000, 'adds that are acknowledged again')
        await producer.stop()
        expect(producer.others).toEqual([])
        expect(producer.slowest).toBeLessThan(enqueueTimeout + 1_000)
        // Adds wait out a short outage, and fail in a long one.
        expect(producer.unknown.size === 0 || back - killed > enqueueTimeout - 500).toBe(true)
        expect(producer.unknown.size > 0 || back - killed < enqueueTimeout + 500).toBe(true)
        await until(
          async () => {
            const { ready, active, scheduled } = await queue.counts()
            return ready + active + scheduled === 0
          },
          30_000,
          'an empty queue',
          100,
        )

        const ended = await completedIds(queue)
        const lost = [...producer.acknowledged].filter((id) => !ended.has(id))
        const started = new Set(workers.flatMap((worker) => [...jobsOf(worker, 'started')]))
        console.log(
          `away ${seconds} s: ${producer.acknowledged.size} adds acknowledged, ${lost.length} lost, ${producer.unknown.size} unconfirmed; ` +
            `workers resumed ${pauses.join(' and ')} ms after the return, ${workers.flatMap((worker) => eventsOf(worker, 'stalled')).length} stalls`,
        )
        // The workers live on, so what they held stayed theirs: nothing stalled, and nothing ran twice.
        for (const name of ['stalled', 'failed']) expect(workers.flatMap((worker) => eventsOf(worker, name))).toEqual([])
        expect(workers.flatMap((worker) => eventsOf(worker, 'started')).length).toBe(started.size)
        expect(lost).toEqual([])
        expect((await queue.counts()).failed).toBe(0)
        expect([...ended].filter((id) => !started.has(id))).toEqual([])
        expect(ended.size).toBeGreaterThanOrEqual(producer.acknowledged.size + 660)
        expect(ended.size).toBeLessThanOrEqual(producer.acknowledged.size + producer.unknown.size + 660)
      },
    )
  })
})
