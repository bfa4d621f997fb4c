import type { Queue } from '@ripen/queue'
import { Discard, RetryIn, Snooze, type JobContext } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { runningWorker, nextEvent } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('a job fails for good at its first error, unless it has more attempts', async () => {
    const worker = await runningWorker(queue, async () => Promise.reject(Object.assign(new TypeError('broken'), { code: 'E_BROKEN' })))
    const failed = nextEvent(worker, 'failed')
    const job = await queue.add('some', 1)
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED', message: 'broken', jobId: job.id })
    const [told, error] = await failed
    expect([told.id, told.state, told.attempt, error.message]).toEqual([job.id, 'failed', 1, 'broken'])
    expect(await job.refresh()).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { name: 'TypeError', message: 'broken', code: 'E_BROKEN' },
    })
    expect((await job.refresh())?.error?.stack).toContain('attempts.test.ts')
  })

  test('attempts are counted from 1, and wait by the backoff of the job', async () => {
    const seen: [attempt: number, jobAttempt: number, fence: number][] = []
    const worker = await runningWorker(queue, async (job, { attempt, fence }) => {
      seen.push([attempt, job.attempt, fence])
      if (attempt < 3) throw new Error(`failure ${attempt}`)
      return 'at last'
    })
    const delays: unknown[] = []
    worker.on('retrying', (job, error, delay) => delays.push([job.state, job.attempt, error.message, delay]))
    const job = await queue.add('some', 1, { attempts: 3, backoff: { type: 'linear', delay: 30 } })
    expect(await job.wait(inTime)).toBe('at last')
    expect(seen.map(([attempt, jobAttempt]) => [attempt, jobAttempt])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
    const fences = seen.map(([, , fence]) => fence)
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(delays).toEqual([
      ['scheduled', 1, 'failure 1', 30],
      ['scheduled', 2, 'failure 2', 60],
    ])
    expect(await job.refresh()).toMatchObject({ state: 'completed', attempt: 3, result: 'at last' })
  })

  test('between two attempts the job is scheduled, with its error', async () => {
    const worker = await runningWorker(queue, async () => Promise.reject(new Error('broken')))
    const retrying = nextEvent(worker, 'retrying')
    const job = await queue.add('some', 1, { attempts: 2, backoff: '1 h' })
    await retrying
    const now = await queue.store.now()
    const between = await job.refresh()
    expect(between).toMatchObject({ state: 'scheduled', attempt: 1, error: { message: 'broken' } })
    expect(between?.dueAt).toBeGreaterThan(now + 3_590_000)
    expect(between?.dueAt).toBeLessThanOrEqual(now + 3_600_000)
    const failed = nextEvent(worker, 'failed')
    expect(await job.promote()).toBe(true)
    await failed
    expect(await job.refresh()).toMatchObject({ state: 'failed', attempt: 2 })
  })

  test("the default backoff is 'exponential'", async () => {
    const worker = await runningWorker(queue, async () => Promise.reject(new Error('broken')))
    const retrying = nextEvent(worker, 'retrying')
    await queue.add('some', 1, { attempts: 2 })
    const [, , delay] = await retrying
    expect(delay).toBeGreaterThanOrEqual(800)
    expect(delay).toBeLessThanOrEqual(1_200)
  })

  test('Discard fails at once, with its cause, whatever attempts are left', async () => {
    const worker = await runningWorker(queue, async () => Promise.reject(new Discard('hopeless', { cause: new Error('why') })))
    const failed = nextEvent(worker, 'failed')
    const job = await queue.add('some', 1, { attempts: 9, backoff: 1 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ message: 'hopeless' })
    const [, error] = await failed
    expect(error).toBeInstanceOf(Discard)
    expect(error.cause.message).toBe('why')
    expect(await job.refresh()).toMatchObject({ state: 'failed', attempt: 1, error: { name: 'Discard', message: 'hopeless' } })
  })

  test('Snooze comes again later and uses no attempt', async () => {
    const attempts: number[] = []
    let due = 0
    await runningWorker(queue, async (job, { attempt }) => {
      if (attempts.push(attempt) <= 2) throw new Snooze('40 ms')
      due = job.dueAt
    })
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    expect(attempts).toEqual([1, 1, 1])
    expect(due).toBeGreaterThanOrEqual(job.addedAt + 80)
    expect(await job.refresh()).toMatchObject({ state: 'completed', attempt: 1, error: undefined })
  })

  test('RetryIn uses an attempt, with a delay of its own; the last one fails', async () => {
    const attempts: number[] = []
    const worker = await runningWorker(queue, async (_job, { attempt }) => {
      attempts.push(attempt)
      throw new RetryIn('20 ms', { cause: 'busy' })
    })
    const retrying = nextEvent(worker, 'retrying')
    const job = await queue.add('some', 1, { attempts: 2, backoff: '1 h' })
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED' })
    expect((await retrying)[2]).toBe(20)
    expect(attempts).toEqual([1, 2])
  })

  test.for<[string, (context: JobContext) => unknown, string]>([
    ['a text', () => Promise.reject('just text'), 'just text'], // oxlint-disable-line typescript/prefer-promise-reject-errors -- the case
    ['nothing', () => Promise.reject(undefined), 'undefined'], // oxlint-disable-line typescript/prefer-promise-reject-errors -- the case
    ['an object without a prototype', () => Promise.reject(Object.create(null)), '{}'], // oxlint-disable-line typescript/prefer-promise-reject-errors -- the case
    ['a symbol', () => Promise.reject(Symbol('odd')), 'Symbol(odd)'], // oxlint-disable-line typescript/prefer-promise-reject-errors -- the case
  ])('a thrown value that is no Error is named NonError: %s', async ([, handler, message]) => {
    const worker = await runningWorker(queue, (_job, context) => handler(context) as Promise<unknown>)
    const failed = nextEvent(worker, 'failed')
    const job = await queue.add('some', 1)
    await expect(job.wait(inTime)).rejects.toMatchObject({ message, cause: { name: 'NonError' } })
    expect((await failed)[1]).toBeInstanceOf(Error)
    expect((await job.refresh())?.error).toEqual({ name: 'NonError', message })
  })

  test('a handler that throws before it returns a promise fails like any other', async () => {
    await runningWorker(queue, () => {
      throw new RangeError('at once')
    })
    const job = await queue.add('some', 1)
    await expect(job.wait(inTime)).rejects.toMatchObject({ message: 'at once', cause: { name: 'RangeError' } })
  })

  test('an InvalidJobError that the handler meets elsewhere is retried like any error', async () => {
    const other = testQueue(server)
    await runningWorker(queue, async (_job, { attempt }) => {
      if (attempt === 1) await other.add('bad', 1n)
      return attempt
    })
    const job = await queue.add('some', 1, { attempts: 2, backoff: 1 })
    expect(await job.wait(inTime)).toBe(2)
  })
})
