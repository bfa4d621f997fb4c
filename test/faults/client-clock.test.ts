import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventOfEach, eventsOf, workerProcess } from './worker-process.ts'

const hour = 3_600_000
const lease = 2_000

describeWithRedisServer('a worker whose clock is wrong by an hour', () => {
  test.for([hour, -hour])('%i ms: no effect', async (dateOffset, { onTestFinished }) => {
    const { url } = await ownServer({}, onTestFinished)
    const prefix = randomPrefix()
    const queue = new Queue<{ slow: { ms: number } }>('clock', { store: testStore(url, { prefix }) })
    const [wrong, right] = [dateOffset, 0].map((offset) =>
      workerProcess({ url, prefix, queue: 'clock', dateOffset: offset, options: { concurrency: 2, prefetch: 0, lease } }, onTestFinished),
    )
    if (wrong === undefined || right === undefined) throw new Error('two workers were started')
    await Promise.all([wrong.event('ready'), right.event('ready')])
    // Long ones outlive their lease twice; a delayed one is due in 1 s, and one in an hour.
    const long = await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'slow' as const, data: { ms: 5_000 } })))
    const soon = await queue.add('slow', { ms: 1 }, { delay: '1 s' })
    const later = await queue.add('slow', { ms: 1 }, { delay: '50 minutes' })
    const ids = [...long, soon].map(({ id }) => id)
    await Promise.all(ids.map((id) => Promise.any([wrong, right].map((worker) => worker.event('completed', ({ jobId }) => jobId === id)))))
    for (const worker of [wrong, right]) for (const name of ['error', 'stalled', 'failed']) expect(eventsOf(worker, name)).toEqual([])
    expect(eventsOf(wrong, 'started').length).toBeGreaterThan(0)
    expect(eventsOf(wrong, 'started').length + eventsOf(right, 'started').length).toBe(ids.length)
    const done = await soon.refresh()
    expect(Number(done?.startedAt) - soon.dueAt).toBeGreaterThanOrEqual(0)
    for (const job of long) expect(await job.refresh()).toMatchObject({ state: 'completed', stalls: 0 })
    expect((await later.refresh())?.state).toBe('scheduled')

    // The one that is right dies: what it ran is recovered after its lease by the one that is wrong, not an
    // hour sooner or later.
    const held = await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'slow' as const, data: { ms: 1_500 } })))
    await Promise.all(
      held.map(({ id }) => Promise.any([wrong, right].map((worker) => worker.event('started', ({ jobId }) => jobId === id)))),
    )
    right.kill('SIGKILL')
    await eventOfEach(
      wrong,
      'completed',
      held.map(({ id }) => id),
      10_000,
    )
    const stalls = await Promise.all(held.map(async (job) => (await job.refresh())?.stalls))
    expect(stalls.reduce((sum, count) => Number(sum) + Number(count), 0)).toBe(eventsOf(wrong, 'stalled').length)
    expect(eventsOf(wrong, 'stalled').length).toBe(2)
  })
})
