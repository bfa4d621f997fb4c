import { Queue } from '@ripen/queue'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventOfEach, eventsOf, sharedClock, workerProcess } from './worker-process.ts'

const lease = 2_000
const concurrency = 5

describeWithRedisServer('a worker killed in mid-work', () => {
  test('all its jobs, running and prefetched, start again on another within lease + 1 s and finish', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ hold: undefined }>('kill', { store: testStore(url, { prefix }) })
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    const first = workerProcess({ url, prefix, queue: 'kill', hold: true, options: { concurrency, prefetch: 20, lease } })
    const second = workerProcess({ url, prefix, queue: 'kill', options: { concurrency: 50, lease } })
    await Promise.all([first.event('ready'), second.event('ready')])

    const { active, leases } = shardKeys(prefix, 'kill', 0)
    const add = async (count: number): Promise<string[]> =>
      (await queue.addBulk(Array.from({ length: count }, () => ({ name: 'hold' as const })))).map(({ id }) => id)

    // The other stands still while jobs are handed out, so that the first one gets them all.
    second.kill('SIGSTOP')
    const running = await add(concurrency)
    await eventOfEach(first, 'started', running)
    second.kill('SIGCONT')
    const deadline = Number(await redis.zscore(active, String(running[0])))
    await until(
      async () => Number(await redis.zscore(active, String(running[0]))) > deadline,
      3 * lease,
      'a lease that heartbeats have prolonged',
    )
    second.kill('SIGSTOP')
    const waiting = await add(20)
    // One field of the hash is no lease.
    await until(async () => (await redis.hlen(leases)) > concurrency + 1, 5_000, 'prefetched jobs', 1)
    // At once: what it prefetched it hands back after a while.
    const killed = sharedClock()
    first.kill('SIGSTOP')
    const held = (await redis.hkeys(leases)).filter((id) => id !== '')
    expect(held.length).toBeGreaterThan(concurrency)
    second.kill('SIGCONT')
    first.kill('SIGKILL')

    const started = await eventOfEach(second, 'started', held)
    const last = Math.max(...started.map(({ at }) => Number(at)))
    console.log(
      `${held.length} jobs of a killed worker (${concurrency} ran) had all started again after ${Math.round(last - killed)} ms, lease ${lease} ms`,
    )
    expect(last - killed).toBeLessThan(lease + 1_000)
    await eventOfEach(second, 'completed', [...running, ...waiting])
    expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, scheduled: 0, failed: 0, completed: 25 })
    expect(eventsOf(second, 'completed').length).toBe(25)
  })
})
