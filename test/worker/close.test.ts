import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { aborted, Deferred, Gate } from '../queue/gate.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { storedKeys } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('close waits for what runs, takes nothing more and hands back what had not started', async () => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const worker = await runningWorker(
      queue,
      async ({ data }) => {
        started.resolve()
        await gate.opened
        return data
      },
      { prefetch: 3, concurrency: 2 },
    )
    const jobs = await queue.addBulk(Array.from({ length: 8 }, (_value, i) => ({ name: 'some', data: i })))
    await started.promise
    const closed = Promise.all([worker.close(), worker.close()])
    const late = await queue.add('some', 'late')
    gate.open()
    await within(5_000, closed, 'the close')
    expect(await queue.counts()).toMatchObject({ active: 0, completed: 2, ready: 7 })
    expect(await jobs[0]?.wait(inTime)).toBe(0)
    for (const job of [...jobs.slice(2), late]) expect(await job.refresh()).toMatchObject({ state: 'ready', attempt: 0, stalls: 0 })
  })

  test.for(['throws', 'does not end'] as const)(
    'a handler that takes too long is aborted with a ClosingError; its job goes back without an attempt or a stall: it %s',
    async (how) => {
      const started = new Deferred<void>()
      const gate = new Gate()
      const reasons: unknown[] = []
      const worker = await runningWorker(queue, async (_job, { signal }) => {
        started.resolve()
        await aborted(signal)
        reasons.push(signal.reason)
        if (how === 'does not end') await gate.opened
        throw new Error('stopped')
      })
      const retried: string[] = []
      for (const event of ['failed', 'retrying', 'completed'] as const) worker.on(event, () => void retried.push(event))
      const job = await queue.add('some', 1, { attempts: 2, priority: 3 })
      const behind = await queue.add('some', 2, { priority: 3 })
      await started.promise
      const start = performance.now()
      await worker.close({ timeout: '1 s' })
      expect(performance.now() - start).toBeGreaterThan(450)
      expect(performance.now() - start).toBeLessThan(1_300)
      expect(reasons).toMatchObject([{ code: 'RIPEN_CLOSING' }])
      expect(await job.refresh()).toMatchObject({ state: 'ready', attempt: 0, stalls: 0, error: undefined })
      expect((await queue.getJobs({ state: 'ready' })).jobs.map(({ id }) => id)).toEqual([job.id, behind.id])
      expect(retried).toEqual([])
      gate.open()
      await runningWorker(queue, async (_job, { attempt }) => attempt)
      expect(await job.wait(inTime)).toBe(1)
    },
  )

  test('a handler that returns after the abort has completed its job', async () => {
    const started = new Deferred<void>()
    const worker = await runningWorker(queue, async (_job, { signal }) => {
      started.resolve()
      await aborted(signal)
      return 'in time'
    })
    const job = await queue.add('some', 1)
    await started.promise
    await worker.close({ timeout: '1 s' })
    expect(await job.wait(inTime)).toBe('in time')
  })

  test('close of an idle worker is quick, and leaves no trace of it', async () => {
    await queue.ready()
    const worker = await runningWorker(queue, async () => 'done')
    await (await queue.add('some', 1)).wait(inTime)
    const start = performance.now()
    await worker.close()
    expect(performance.now() - start).toBeLessThan(500)
    const keys = Object.keys(await storedKeys(queue)).map((key) => key.split('}:')[1])
    expect(keys.filter((key) => key === 'workers' || key === 'worker' || key === 'active')).toEqual([])
  })

  test('close of a worker that was never started, or was only made ready, ends at once', async () => {
    const worker = new Worker(queue, async () => 'done')
    await within(500, worker.close(), 'the close')
    const ready = await new Worker(queue, async () => 'done').ready()
    await within(500, ready.close(), 'the close')
    await expect(ready.run()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('a worker closes what it opened and nothing else', async () => {
    const worker = new Worker(queue.definition, async () => 'done', { store: queue.store })
    const ended = worker.run()
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
    await worker.close()
    await ended
    expect((await queue.add('some', 2)).state).toBe('ready')
    const other = new Queue('other', { store: queue.store })
    expect((await other.add('some', 1)).state).toBe('ready')
    await other.close()
  })

  test('await using closes a worker and a queue', async () => {
    let closed = false
    {
      await using worker = new Worker(queue, async () => 'done')
      worker.on('closed', () => (closed = true))
      await using short = new Queue('short', { store: queue.store })
      await short.add('some', 1)
    }
    expect(closed).toBe(true)
  })

  test('a job that is running when its worker closes may be cancelled still', async () => {
    const started = new Deferred<void>()
    const worker = await runningWorker(queue, async (_job, { signal }) => {
      started.resolve()
      await aborted(signal)
      return 'done'
    })
    const cancelled = nextEvent(worker, 'cancelled')
    const job = await queue.add('some', 1)
    await started.promise
    const closed = worker.close({ timeout: '8 s' })
    await job.cancel()
    await within(3_000, cancelled, 'the cancel')
    await within(1_000, closed, 'the close')
    expect((await job.refresh())?.state).toBe('cancelled')
  })

  test('a bad timeout is refused with a rejection, and closes nothing', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    for (const options of [{ timeout: -1 }, { timeout: 'soon' }, { timeot: 5 }])
      await expect(worker.close(options as { timeout: number })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION' })
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
  })
})
