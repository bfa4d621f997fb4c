import type { Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { MovableClock } from '../support/movable-clock.ts'
import { aborted, Deferred, Gate } from './gate.ts'
import { nextEvent, runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const inTime = { timeout: '15 s' } as const
const outcome = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => ({ value })).catch((reason: unknown) => reason)

onEachServer((_name, server) => {
  let queue: Queue
  let there: Queue

  beforeEach(() => {
    queue = testQueue(server)
    there = elsewhere(queue, server)
  })

  test.for<[string, () => Promise<unknown>]>([
    ['returns a result', async () => 'all the same'],
    ['throws the reason of the signal', async () => Promise.reject(new Error('as asked'))],
    ['throws something else', async () => Promise.reject(new TypeError('broken'))],
  ])('a running job is cancelled through its signal, from another process, and its handler %s', async ([, end]) => {
    const started = new Deferred<void>()
    const reason = new Deferred<unknown>()
    const worker = await runningWorker(queue, async (_job, { signal }) => {
      started.resolve()
      await aborted(signal)
      reason.resolve(signal.reason)
      return end()
    })
    const cancelled = nextEvent(worker, 'cancelled')
    const job = await queue.add('some', 1, { attempts: 5, backoff: 1 })
    await started.promise
    const waiting = outcome(job.wait(inTime))
    const asked = performance.now()
    expect(await there.cancel(job.id, { reason: 'not needed' })).toBe(1)
    expect(await within(5_000, reason.promise, 'the abort')).toMatchObject({ code: 'RIPEN_CANCELLED', jobId: job.id, reason: 'not needed' })
    expect(performance.now() - asked).toBeLessThan(1_000)
    expect(await waiting).toMatchObject({ code: 'RIPEN_CANCELLED', reason: 'not needed' })
    const [told, error] = await cancelled
    expect([told.id, told.state, error.code]).toEqual([job.id, 'cancelled', 'RIPEN_CANCELLED'])
    expect(await job.refresh()).toMatchObject({ state: 'cancelled', attempt: 1, result: undefined, error: { name: 'CancelledError' } })
    expect(await queue.counts()).toMatchObject({ cancelled: 1, completed: 0, failed: 0, scheduled: 0, ready: 0, active: 0 })
  })

  // The worker that was asked has died, and the job gone back to where it came from.
  test.for<[string, (queue: Queue, id: string) => Promise<unknown>]>([
    ['cancelled', (of, id) => of.cancel(id)],
    ['removed', (of, id) => of.remove(id)],
    ['cleared', (of) => of.clear()],
  ])('a cancel that no worker heard is over when the job is %s: it does not end the next one of that id', async ([, end]) => {
    const job = await queue.add('some', 1, { id: 'again' })
    const { keys, store } = new Shard(queue.store, queue.name, queue.definition.settings)
    await store.caller.call((client) => client.hset(keys.cancels, job.id, ';{}\nnot needed'))
    await end(queue, job.id)
    expect(await store.caller.call((client) => client.hlen(keys.cancels))).toBe(0)
    if ((await queue.retry(job.id)) === 0) await queue.add('some', 1, { id: 'again' })
    await runningWorker(queue, async () => 'done')
    expect(await job.wait(inTime)).toBe('done')
  })

  test('a cancelled job is retried only by hand, and then runs from the first attempt', async () => {
    const attempts: number[] = []
    await runningWorker(queue, async (job, { attempt, signal }) => {
      attempts.push(attempt)
      if (attempts.length === 1) {
        await there.cancel(job.id)
        await aborted(signal)
      }
      return 'done'
    })
    const job = await queue.add('some', 1, { attempts: 3 })
    expect(await outcome(job.wait(inTime))).toMatchObject({ code: 'RIPEN_CANCELLED', reason: '' })
    expect(await job.retry()).toBe(true)
    expect(await job.wait(inTime)).toBe('done')
    expect(attempts).toEqual([1, 1])
  })

  test('a cancel is heard with the heartbeat when its message is lost', async () => {
    internals(queue.store).subscriber.listen = async () => () => undefined
    const started = new Deferred<void>()
    await runningWorker(queue, async (_job, { signal }) => {
      started.resolve()
      await aborted(signal)
    })
    const job = await queue.add('some', 1)
    await started.promise
    expect(await there.cancel(job.id)).toBe(1)
    await until(async () => (await job.refresh())?.state === 'cancelled', 5_000, 'the cancel')
  })

  test.for(['returns', 'throws with attempts left', 'throws on its last attempt'] as const)(
    'a cancel that was accepted holds although its message comes too late and the handler %s',
    async (how) => {
      internals(queue.store).subscriber.listen = async () => () => undefined
      const worker = await runningWorker(queue, async (job) => {
        expect(await there.cancel(job.id, { reason: 'too late?' })).toBe(1)
        if (how !== 'returns') throw new Error('broken')
        return 'done'
      })
      const told = Promise.race(
        (['cancelled', 'completed', 'retrying', 'failed'] as const).map((event) => nextEvent(worker, event).then(() => event)),
      )
      const job = await queue.add('some', 1, { attempts: how === 'throws with attempts left' ? 3 : 1, backoff: 1 })
      expect(await told).toBe('cancelled')
      expect(await job.refresh()).toMatchObject({
        state: 'cancelled',
        result: undefined,
        error: { code: 'RIPEN_CANCELLED', message: expect.stringContaining('too late?') },
      })
      expect(await queue.counts()).toMatchObject({ cancelled: 1, completed: 0, failed: 0, scheduled: 0 })
    },
  )

  test('a prefetched job is cancelled without its handler', async () => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const ran: unknown[] = []
    const worker = await runningWorker(
      queue,
      async ({ data }) => {
        ran.push(data)
        started.resolve()
        await gate.opened
      },
      { prefetch: 3 },
    )
    const jobs = await queue.addBulk([0, 1, 2, 3].map((data) => ({ name: 'some', data })))
    await started.promise
    await until(async () => (await queue.counts()).active === 4, 5_000, 'the prefetched jobs')
    const cancelled = nextEvent(worker, 'cancelled')
    expect(await there.cancel(jobs[2]?.id ?? '', { reason: 'unneeded' })).toBe(1)
    const [told, error] = await cancelled
    expect([told.id, error.reason]).toEqual([jobs[2]?.id, 'unneeded'])
    expect((await jobs[2]?.refresh())?.state).toBe('cancelled')
    gate.open()
    await jobs[3]?.wait(inTime)
    expect(ran).toEqual([0, 1, 3])
  })

  test('hundreds of running jobs are cancelled with the heartbeats alone', async () => {
    internals(queue.store).subscriber.listen = async () => () => undefined
    await runningWorker(queue, async (_job, { signal }) => aborted(signal), { concurrency: 700 })
    const jobs = await queue.addBulk(Array.from({ length: 700 }, () => ({ name: 'some' })))
    await until(async () => (await queue.counts()).active === 700, 5_000, '700 running jobs')
    expect(new Set(await Promise.all(jobs.map((job) => there.cancel(job.id))))).toEqual(new Set([1]))
    await until(async () => (await queue.counts()).cancelled === 700, 15_000, '700 cancelled jobs')
    expect((await queue.counts()).active).toBe(0)
  })

  test('5 s after the abort a job is cancelled without its handler', async () => {
    const clock = new MovableClock({ runs: true })
    queue = testQueue(server, {}, { clock })
    const [gate, started, over] = [new Gate(), new Deferred<void>(), new Deferred<void>()]
    await runningWorker(queue, async ({ name }, { signal }) => {
      if (name !== 'stuck') return name
      started.resolve()
      await aborted(signal)
      over.resolve()
      await gate.opened
      return name
    })
    const stuck = await queue.add('stuck', 1)
    const next = await queue.add('next', 1)
    await started.promise
    await stuck.cancel()
    await over.promise
    await clock.advance(3_000)
    expect((await stuck.refresh())?.state).toBe('active')
    await clock.advance(2_000)
    expect(await next.wait(inTime)).toBe('next')
    gate.open()
    expect((await stuck.refresh())?.state).toBe('cancelled')
  })
})
