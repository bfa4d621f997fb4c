import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { Deferred } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

const inTime = { timeout: '20 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  /** A handler that works for three leases, by the server's clock. */
  const working = (started: Deferred<void>, runs: number[]) => async (): Promise<string> => {
    const end = (await queue.store.now()) + 3_000
    runs.push(end)
    started.resolve()
    while ((await queue.store.now()) < end) await new Promise((resolve) => setTimeout(resolve, 50))
    return 'done'
  }

  test('a job that takes longer than its lease stays with its worker, beside one that is idle', async () => {
    const runs: number[] = []
    const handler = working(new Deferred(), runs)
    const workers = [await runningWorker(queue, handler, { lease: '1 s' }), await runningWorker(elsewhere(queue, server), handler, { lease: '1 s' })]
    const stalled: string[] = []
    for (const worker of workers) worker.on('stalled', (id) => void stalled.push(id))
    const job = await queue.add('long', 1)
    expect(await job.wait(inTime)).toBe('done')
    expect(runs).toHaveLength(1)
    expect(stalled).toEqual([])
    expect(await job.refresh()).toMatchObject({ stalls: 0, attempt: 0 })
  })

  test('the workers of a process keep their leases when others of them close', async () => {
    const runs: number[] = []
    const started = new Deferred<void>()
    const others = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const other = new Worker(name, async () => 'done', { store: queue.store, lease: '1 s' })
        return { other: await other.ready(), ended: other.run() }
      }),
    )
    await runningWorker(queue, working(started, runs), { lease: '1 s' })
    await runningWorker(elsewhere(queue, server), async () => 'by another', { lease: '1 s', concurrency: 5 })
    await queue.pause()
    const job = await queue.add('long', 1)
    await queue.resume()
    await Promise.race([started.promise, job.wait(inTime)])
    for (const { other, ended } of others) {
      await other.close()
      await ended
    }
    expect(await job.wait(inTime)).toBe(runs.length === 1 ? 'done' : 'by another')
    expect((await job.refresh())?.stalls).toBe(0)
  })

  test('the workers of a process hear of their own queue only', async () => {
    const store = queue.store
    const [first, second] = [new Queue('first', { store }), new Queue('second', { store })]
    // Started in one moment, so that nothing but the queue tells them apart.
    await Promise.all([runningWorker(first, async () => 'by the first'), runningWorker(second, async () => 'by the second')])
    await first.pause()
    const held = await first.add('some', 1)
    await expect(held.wait({ timeout: 2_500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    expect(await (await second.add('some', 1)).wait({ timeout: 900 })).toBe('by the second')
    await first.resume()
    expect(await held.wait(inTime)).toBe('by the first')
    await Promise.all([first.close(), second.close()])
  })

  test('the fence grows over attempts, retries by hand and ids that are used again', async () => {
    const fences: number[] = []
    await runningWorker(queue, async (_job, { fence, attempt }) => {
      fences.push(fence)
      if (attempt === 1) throw new Error('first')
      if (fences.length < 4) throw new Error('second')
    })
    const job = await queue.add('some', 1, { id: 'mine', attempts: 2, backoff: 0 })
    await job.wait(inTime).catch(() => undefined)
    expect(await job.retry()).toBe(true)
    await job.wait(inTime)
    expect(await job.remove()).toBe(true)
    await (await queue.add('some', 2, { id: 'mine', attempts: 2, backoff: 0 })).wait(inTime)
    expect(fences).toHaveLength(6)
    expect(fences.every((fence, i) => i === 0 || fence > (fences[i - 1] ?? 0))).toBe(true)
    expect(fences.every(Number.isSafeInteger)).toBe(true)
  })
})
