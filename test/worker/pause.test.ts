import type { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Deferred, Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  /** A worker whose handler waits at the gate. */
  const busyWorker = async (): Promise<{ worker: Worker; gate: Gate }> => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const worker = await runningWorker(queue, async () => {
      started.resolve()
      await gate.opened
    })
    await queue.add('some', 1)
    await started.promise
    return { worker, gate }
  }

  test('a paused worker takes nothing, waits for what runs and hands back what it had prefetched', async () => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const worker = await runningWorker(
      queue,
      async () => {
        started.resolve()
        await gate.opened
      },
      { prefetch: 5 },
    )
    await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'some' })))
    await started.promise
    let resolved = false
    const paused = worker.pause().then(() => (resolved = true))
    await until(async () => (await queue.counts()).ready === 3, 5_000, 'the return of what was prefetched')
    expect(resolved).toBe(false)
    gate.open()
    await within(5_000, paused, 'the pause')
    expect(await queue.counts()).toMatchObject({ ready: 3, active: 0, completed: 1 })
    const job = await queue.add('some', 1)
    await expect(job.wait({ timeout: 1_500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    const resumed = performance.now()
    worker.resume()
    await job.wait(inTime)
    expect(performance.now() - resumed).toBeLessThan(1_000)
  })

  test('another worker goes on while one is paused', async () => {
    const by: string[] = []
    const first = await runningWorker(queue, async () => void by.push('first'))
    await runningWorker(queue, async () => void by.push('second'))
    await first.pause()
    const jobs = await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'some' })))
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    expect(new Set(by)).toEqual(new Set(['second']))
  })

  test.for(['before it is ready', 'when it is ready', 'when it has just been started'] as const)(
    'a worker that is paused %s starts paused',
    async (when) => {
      const worker = new Worker(queue, async () => 'done')
      onTestFinished(() => worker.close())
      if (when === 'when it is ready') await worker.ready()
      const run = when === 'when it has just been started' ? worker.run() : undefined
      await within(5_000, worker.pause(), 'the pause')
      const ended = run ?? worker.run()
      const job = await queue.add('some', 1)
      await expect(job.wait({ timeout: 1_500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
      worker.resume()
      expect(await job.wait(inTime)).toBe('done')
      await worker.close()
      await ended
    },
  )

  test('pause and resume may be called many times', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    for (let i = 0; i < 20; i++) {
      const paused = worker.pause()
      worker.resume()
      await within(5_000, paused, 'a pause that was taken back')
    }
    await Promise.all([worker.pause(), worker.pause()])
    worker.resume()
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
  })

  test('resumed at once, before it has connected, it runs', async () => {
    const worker = new Worker(queue, async () => 'done')
    onTestFinished(() => worker.close())
    const [ended, paused] = [worker.run(), worker.pause()]
    worker.resume()
    await within(5_000, paused, 'the pause')
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
    await worker.close()
    await ended
  })

  test('a pause ends when somebody resumes the worker while its jobs still run', async () => {
    const { worker, gate } = await busyWorker()
    const paused = worker.pause()
    await new Promise((resolve) => setTimeout(resolve, 20))
    worker.resume()
    expect(await within(1_000, paused, 'the pause')).toBeUndefined()
    gate.open()
  })

  test('a pause ends with the close of its worker', async () => {
    const { worker, gate } = await busyWorker()
    const paused = worker.pause()
    await worker.close({ timeout: 300 })
    expect(await within(1_000, paused, 'the pause')).toBeUndefined()
    gate.open()
  })
})
