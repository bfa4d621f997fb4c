import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import type { FixtureEvent } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventOfEach, eventsOf, jobsOf, sharedClock, workerProcess } from './worker-process.ts'

const lease = 2_000

describeWithRedisServer('a worker stopped past its lease', () => {
  test('its late settlements are refused, and each job is completed once, by the other', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ slow: { ms: number } }>('stop', { store: testStore(url, { prefix }) })
    const options = { concurrency: 5, prefetch: 0, lease }
    const stopped = workerProcess({ url, prefix, queue: 'stop', options })
    await stopped.event('ready')
    // Some end by their timers while it stands still, some run on when it turns again.
    const jobs = await queue.addBulk([100, 200, 4_000, 10_000, 10_000].map((ms) => ({ name: 'slow' as const, data: { ms } })))
    const ids = jobs.map(({ id }) => id)
    await eventOfEach(stopped, 'started', ids)
    stopped.kill('SIGSTOP')
    const from = sharedClock()
    const other = workerProcess({ url, prefix, queue: 'stop', options })
    const restarted = await eventOfEach(other, 'started', ids)
    const last = Math.max(...restarted.map(({ at }) => Number(at)))
    console.log(`the jobs of a stopped worker had all started again after ${Math.round(last - from)} ms, lease ${lease} ms`)
    expect(last - from).toBeLessThan(lease + 1_000)

    stopped.kill('SIGCONT')
    for (const id of ids) await stopped.event('error', ({ code, message }) => code === 'RIPEN_LEASE_LOST' && String(message).includes(id))
    await eventOfEach(other, 'completed', ids, 15_000)
    for (const job of jobs) expect(await job.refresh()).toMatchObject({ state: 'completed', result: other.pid, stalls: 1, attempt: 1 })
    expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, completed: ids.length })
    expect(jobsOf(stopped, 'completed').size).toBe(0)
    expect(eventsOf(other, 'completed').length).toBe(ids.length)
    const fences = (events: readonly FixtureEvent[]): number[] => events.map(({ fence }) => Number(fence))
    expect(Math.min(...fences(restarted))).toBeGreaterThan(Math.max(...fences(eventsOf(stopped, 'started'))))

    // It is a worker like any other again.
    await queue.pause()
    other.kill('SIGKILL')
    await other.exit()
    await queue.resume()
    const next = await queue.add('slow', { ms: 1 })
    await stopped.event('completed', ({ jobId }) => jobId === next.id)
    await until(async () => (await next.refresh())?.state === 'completed', 1_000, 'the next job')
  })
})
