import { Queue } from '@ripen/queue'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/keys.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventOfEach, jobsOf, workerProcess } from './worker-process.ts'

const lease = 2_000

describeWithRedisServer('a worker killed in mid-work', () => {
  test('all its jobs, running and prefetched, start again on another within lease + 1 s and finish', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ hold: undefined }>('kill', { store: testStore(url, { prefix }) })
    const first = workerProcess({ url, prefix, queue: 'kill', hold: true, options: { concurrency: 5, prefetch: 20, lease } })
    await first.event('ready')
    const jobs = await queue.addBulk(Array.from({ length: 25 }, () => ({ name: 'hold' as const })))
    await until(() => jobsOf(first, 'started').size === 5, 5_000, 'five running jobs')
    const second = workerProcess({ url, prefix, queue: 'kill', options: { concurrency: 50, lease } })
    await second.event('ready')

    // It hands back what waits for long and takes it again: stop it in a moment in which it holds more than it runs.
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    const holdings = async (): Promise<string[] | undefined> => {
      first.kill('SIGSTOP')
      const ids = (await queue.getJobs({ state: 'active' })).jobs.map(({ id }) => id)
      const leases = await redis.hgetall(shardKeys(prefix, 'kill', 0).leases)
      const holders = ids.filter((id) => !jobsOf(second, 'started').has(id) && leases[id] !== undefined)
      if (holders.length > 5) return holders
      first.kill('SIGCONT')
      return undefined
    }
    const killed = performance.timeOrigin + performance.now()
    const held = (await until(holdings, 10_000, 'a worker that holds more than it runs')) ?? []
    first.kill('SIGKILL')
    const started = await eventOfEach(second, 'started', held)
    const last = Math.max(...started.map(({ at }) => Number(at)))
    console.log(
      `${held.length} jobs of a killed worker (5 ran) had all started again after ${Math.round(last - killed)} ms, lease ${lease} ms`,
    )
    expect(last - killed).toBeLessThan(lease + 1_000)
    await until(async () => (await queue.counts()).completed === jobs.length, 5_000, 'the end of all jobs')
    expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, scheduled: 0, failed: 0, completed: 25 })
    const runs = second.events.filter(({ event, jobId }) => event === 'completed' && held.includes(String(jobId)))
    expect(runs.length).toBe(held.length)
  })
})
