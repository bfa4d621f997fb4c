import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { Gate } from './gate.ts'
import { nextEvent, runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test.for<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an object', { sum: 3, parts: [1, 2], text: 'a\nb;c' }],
    ['an empty text', ''],
    ['0', 0],
    ['false', false],
  ])('wait resolves to the result: %s', async ([, result]) => {
    await runningWorker(queue, async () => result)
    const job = await queue.add('some', 1)
    expect(await job.wait(inTime)).toEqual(result)
    expect(await job.wait(inTime)).toEqual(result)
    expect((await job.refresh())?.result).toEqual(result)
  })

  test('wait rejects with the error of the last attempt as its cause', async () => {
    await runningWorker(queue, async (_job, { attempt }) =>
      Promise.reject(Object.assign(new RangeError(`failure ${attempt}`), { code: 'E_RANGE' })),
    )
    const job = await queue.add('some', 1, { attempts: 2, backoff: 1 })
    const error = (await job.wait(inTime).catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject({ code: 'RIPEN_JOB_FAILED', name: 'JobFailedError', jobId: job.id, message: 'failure 2' })
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'failure 2',
      code: 'E_RANGE',
      stack: expect.stringContaining('wait.test.ts'),
    })
  })

  test.for(['while it waits', 'beforehand'] as const)(
    'wait rejects with a CancelledError that tells the reason: cancelled %s',
    async (when) => {
      const job = await queue.add('some', 1, { delay: '1 h' })
      if (when === 'beforehand') await job.cancel('no money')
      const waiting = job.wait(inTime).catch((reason: unknown) => reason)
      if (when === 'while it waits') await elsewhere(queue, server).cancel(job.id, { reason: 'no money' })
      expect(await waiting).toMatchObject({
        code: 'RIPEN_CANCELLED',
        jobId: job.id,
        reason: 'no money',
        message: `job ${job.id} was cancelled: no money`,
      })
    },
  )

  test('wait for a job that is removed or cleared rejects with a JobGoneError', async () => {
    const removed = await queue.add('some', 1)
    const cleared = await queue.addBulk([{ name: 'some' }, { name: 'some', options: { delay: '1 h' } }])
    const there = elsewhere(queue, server)
    const waiting = [removed, ...cleared].map((job) => job.wait(inTime).catch((reason: unknown) => reason))
    // A message reaches who listens already; who asks later is told as well.
    expect(await there.remove(removed.id)).toBe(1)
    expect(await there.clear()).toBe(2)
    for (const [index, job] of [removed, ...cleared].entries())
      expect(await waiting[index]).toMatchObject({ code: 'RIPEN_JOB_GONE', jobId: job.id })
    await expect(removed.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_GONE' })
  })

  test('wait rejects with a TimedOutError when it takes too long, and the job goes on', async () => {
    const job = await queue.add('some', 1)
    await expect(job.wait({ timeout: 30 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT', name: 'TimedOutError' })
    await expect(job.wait({ timeout: 0 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await runningWorker(queue, async () => 'done')
    expect(await job.wait(inTime)).toBe('done')
  })

  test("wait rejects with the signal's reason", async () => {
    const job = await queue.add('some', 1)
    const controller = new AbortController()
    const waiting = job.wait({ signal: controller.signal })
    const reason = new Error('the user left')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(job.wait({ signal: controller.signal })).rejects.toBe(reason)
    await expect(job.wait({ signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('a hundred wait for one job, here and elsewhere, before and after its end', async () => {
    const job = await queue.add('some', 1)
    const there = elsewhere(queue, server)
    const copy = await there.getJob(job.id)
    const waiting = Array.from({ length: 100 }, (_value, i) => (i % 2 === 0 || copy === null ? job : copy).wait(inTime))
    expect(copy).not.toBeNull()
    await runningWorker(queue, async () => 'shared')
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['shared']))
    expect(await (await there.getJob(job.id))?.wait(inTime)).toBe('shared')
  })

  test('many jobs are waited for at once, each gets its own', async () => {
    const jobs = await queue.addBulk(Array.from({ length: 300 }, (_value, i) => ({ name: 'some', data: i })))
    const waiting = jobs.map((job) => job.wait(inTime))
    await runningWorker(queue, async ({ data }) => `result ${data}`, { concurrency: 20 })
    expect(await Promise.all(waiting)).toEqual(jobs.map((_job, i) => `result ${i}`))
  })

  test('a snooze or a failed attempt does not end the wait', async () => {
    await runningWorker(queue, async (_job, { attempt }) => {
      if (attempt < 3) throw new Error('not yet')
      return attempt
    })
    const job = await queue.add('some', 1, { attempts: 3, backoff: 10 })
    expect(await job.wait(inTime)).toBe(3)
  })

  test('a closing queue ends its waits', async () => {
    const job = await queue.add('some', 1)
    const waiting = job.wait().catch((reason: unknown) => reason)
    await queue.close()
    expect(await within(1_000, waiting, 'the end of the wait')).toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(job.wait()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('wait of a retried job is for its new end', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, async () => {
      if (!opened) throw new Error('first')
      await gate.opened
      return 'second'
    })
    let opened = false
    const failed = nextEvent(worker, 'failed')
    const job = await queue.add('some', 1)
    await failed
    await expect(job.wait(inTime)).rejects.toMatchObject({ message: 'first' })
    opened = true
    expect(await job.retry()).toBe(true)
    const waiting = job.wait(inTime)
    gate.open()
    expect(await waiting).toBe('second')
  })

  test.for<[unknown, string]>([
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: '1 sec' }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
    [{ timout: 5 }, 'timout'],
    [5, 'wait options'],
  ])('wait(%j) is refused', async ([options, option]) => {
    const job = await queue.add('some', 1)
    await expect(job.wait(options as { timeout: number })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option })
  })
})
