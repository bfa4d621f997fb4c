import { Queue } from '@ripen/queue'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/keys.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventOfEach, eventsOf, jobsOf, workerProcess } from './worker-process.ts'

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

    // The other stands still until the first one has its jobs, and that one is stopped at once: what it prefetched it hands back after a while.
    second.kill('SIGSTOP')
    const ids = (await queue.addBulk(Array.from({ length: 25 }, () => ({ name: 'hold' as const })))).map(({ id }) => id)
    await until(() => jobsOf(first, 'started').size === concurrency, 5_000, 'running jobs', 1)
    const killed = performance.timeOrigin + performance.now()
    first.kill('SIGSTOP')
    const held = await redis.hkeys(shardKeys(prefix, 'kill', 0).leases)
    expect(held.length).toBeGreaterThan(concurrency)
    second.kill('SIGCONT')
    first.kill('SIGKILL')

    const started = await eventOfEach(second, 'started', held)
    const last = Math.max(...started.map(({ at }) => Number(at)))
    console.log(
      `${held.length} jobs of a killed worker (${concurrency} ran) had all started again after ${Math.round(last - killed)} ms, lease ${lease} ms`,
    )
    expect(last - killed).toBeLessThan(lease + 1_000)
    await eventOfEach(second, 'completed', ids)
    expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, scheduled: 0, failed: 0, completed: ids.length })
    expect(eventsOf(second, 'completed').length).toBe(ids.length)
  })
})
