import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { Deferred } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  /** Runs `count` jobs; for each, how late it started by the server's clock. */
  async function lateness(count: number): Promise<Deferred<number[]>> {
    const done = new Deferred<number[]>()
    const late: number[] = []
    await runningWorker(
      queue,
      async (job) => {
        if (late.push((await queue.store.now()) - job.dueAt) === count) done.resolve(late)
      },
      { concurrency: 10 },
    )
    return done
  }

  test('a delayed job is due its delay after it was added', async () => {
    const job = await queue.add('later', 1, { delay: '90 s' })
    expect(job.state).toBe('scheduled')
    expect(job.dueAt).toBe(job.addedAt + 90_000)
    expect(await queue.getJob(job.id)).toMatchObject({ state: 'scheduled', dueAt: job.dueAt, addedAt: job.addedAt })
    expect((await queue.getJob(job.id))?.options.delay).toBe(90_000)
  })

  test.for([
    ['a Date', (time: number) => new Date(time)],
    ['epoch ms', (time: number) => time],
  ] as const)('runAt takes %s', async ([, form]) => {
    const time = (await queue.store.now()) + 3_600_000
    const job = await queue.add('later', 1, { runAt: form(time) })
    expect(job).toMatchObject({ state: 'scheduled', dueAt: time })
    expect(await queue.getJob(job.id)).toMatchObject({ state: 'scheduled', dueAt: time })
  })

  test('no job starts early, and none later than a moment', async () => {
    const done = await lateness(60)
    await queue.addBulk(Array.from({ length: 60 }, (_value, i) => ({ name: 'later', options: { delay: 20 + 10 * i } })))
    const late = await within(10_000, done.promise, '60 delayed jobs')
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(1_000)
  })

  test('a job that is due sooner than what the worker waits for does not wait behind it', async () => {
    const done = await lateness(1)
    await queue.add('later', 'far', { delay: '1 h' })
    await queue.add('later', 'near', { delay: 100 })
    const [late = Number.NaN] = await within(5_000, done.promise, 'the near job')
    expect(late).toBeGreaterThanOrEqual(0)
    expect(late).toBeLessThan(900)
  })

  test('delay 0 and a time that has passed are due at once', async () => {
    const done = await lateness(2)
    expect((await queue.add('now', 1, { delay: 0 })).state).toBe('ready')
    await queue.add('past', 1, { runAt: 1_000 })
    await within(5_000, done.promise, 'both jobs')
  })

  test('time is that of the server, moved by clockOffset', async () => {
    const ran = new Deferred<number>()
    await runningWorker(queue, async (job) => ran.resolve(job.dueAt))
    const job = await queue.add('later', 1, { delay: '1 day' })
    queue.store.clockOffset = 86_400_000
    expect(await within(5_000, ran.promise, 'the job of tomorrow')).toBe(job.dueAt)
    expect((await queue.add('next', 1, { delay: '1 h' })).addedAt).toBeGreaterThanOrEqual(job.dueAt)
  })

  test('jobs that become ready together are ordered by their due time, then by id: generated ids as they were added, own ids by their bytes', async () => {
    const time = (await queue.store.now()) + 3_600_000
    const names = ['d', 'b', 'c', 'a', 'e']
    for (const name of names) await queue.add(name, 1, { id: name, runAt: time })
    await queue.add('first', 1, { id: 'z', runAt: time - 1 })
    queue.store.clockOffset = 3_600_001
    const ran: string[] = []
    const done = new Deferred<void>()
    await runningWorker(queue, async ({ name }) => void (ran.push(name) === 6 && done.resolve()))
    await within(10_000, done.promise, 'all six')
    expect(ran).toEqual(['first', ...names.toSorted()])
  })

  test('a delayed job does not overtake what was ready before it', async () => {
    await queue.add('ready', 1)
    await queue.add('delayed', 2, { runAt: 1_000 })
    await queue.add('ready', 3)
    const ran: unknown[] = []
    const done = new Deferred<void>()
    await runningWorker(queue, async ({ data }) => void (ran.push(data) === 3 && done.resolve()))
    await within(10_000, done.promise, 'all three')
    expect(ran).toEqual([1, 3, 2])
  })
})
