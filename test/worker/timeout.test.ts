import type { Queue } from '@ripen/queue'
import { isRipenError } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { aborted, Deferred, Gate } from '../queue/gate.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { MovableClock } from '../support/movable-clock.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('an attempt that runs for too long is aborted with a TimedOutError, and has failed', async () => {
    const reasons: unknown[] = []
    await runningWorker(queue, async (_job, { signal }) => {
      await aborted(signal)
      reasons.push(signal.reason)
      throw new Error('stopped, as told')
    })
    const job = await queue.add('slow', 1, { timeout: 40, attempts: 2, backoff: 1 })
    await expect(job.wait(inTime)).rejects.toMatchObject({
      code: 'RIPEN_JOB_FAILED',
      cause: { name: 'TimedOutError', code: 'RIPEN_TIMED_OUT' },
    })
    expect(reasons.map((reason) => isRipenError(reason, 'RIPEN_TIMED_OUT'))).toEqual([true, true])
    expect(await job.refresh()).toMatchObject({ state: 'failed', attempt: 2, error: { code: 'RIPEN_TIMED_OUT' } })
  })

  test('the attempt has failed although its handler returns a result afterwards', async () => {
    await runningWorker(queue, async (_job, { signal }) => {
      await aborted(signal)
      return 'too late'
    })
    const job = await queue.add('slow', 1, { timeout: 40 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ cause: { code: 'RIPEN_TIMED_OUT' } })
    expect((await job.refresh())?.result).toBeUndefined()
  })

  test('a handler that looks at its signal only later sees that it has aborted', async () => {
    const gate = new Gate()
    const [begun, seen] = [new Deferred<void>(), new Deferred<unknown>()]
    const worker = await runningWorker(queue, async (_job, context) => {
      begun.resolve()
      await gate.opened
      seen.resolve(context.signal.aborted && context.signal.reason)
    })
    const failed = nextEvent(worker, 'failed')
    await queue.add('slow', 1, { timeout: 1 })
    await begun.promise
    for (let calls = 0; calls < 50; calls++) await queue.store.now()
    gate.open()
    expect(await seen.promise).toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await failed
  })

  test('5 s after the abort the attempt is settled without its handler, and the slot is free', async () => {
    const clock = new MovableClock({ runs: true })
    queue = testQueue(server, {}, { clock })
    const [gate, over] = [new Gate(), new Deferred<void>()]
    const worker = await runningWorker(queue, async (job, { signal }) => {
      if (job.name !== 'stuck') return 'done'
      await aborted(signal)
      over.resolve()
      await gate.opened
      return 'done'
    })
    const stuck = await queue.add('stuck', 1, { timeout: 100 })
    const next = await queue.add('next', 1)
    await over.promise
    await clock.advance(3_000)
    expect((await stuck.refresh())?.state).toBe('active')
    await clock.advance(2_000)
    await expect(stuck.wait(inTime)).rejects.toMatchObject({ cause: { code: 'RIPEN_TIMED_OUT' } })
    expect(await next.wait(inTime)).toBe('done')
    const told: string[] = []
    worker.on('completed', ({ name }) => void told.push(name))
    gate.open()
    const last = nextEvent(worker, 'completed', ({ name }) => name === 'last')
    await queue.add('last', 1)
    await last
    expect((await stuck.refresh())?.state).toBe('failed')
    expect(told).not.toContain('stuck')
  })

  test('an attempt that ends in time is not aborted', async () => {
    const signals: AbortSignal[] = []
    await runningWorker(queue, async (_job, { signal }) => signals.push(signal))
    const job = await queue.add('quick', 1, { timeout: '1 h' })
    await job.wait(inTime)
    expect(signals[0]?.aborted).toBe(false)
  })
})
