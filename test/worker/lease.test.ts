import { Queue, type Job } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { Worker, type JobContext } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { aborted, Deferred, Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'

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
    const workers = [
      await runningWorker(queue, handler, { lease: '1 s' }),
      await runningWorker(elsewhere(queue, server), handler, { lease: '1 s' }),
    ]
    const stalled: string[] = []
    for (const worker of workers) worker.on('stalled', (id) => void stalled.push(id))
    const job = await queue.add('long', 1)
    expect(await job.wait(inTime)).toBe('done')
    expect(runs).toHaveLength(1)
    expect(stalled).toEqual([])
    expect(await job.refresh()).toMatchObject({ stalls: 0, attempt: 1 })
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

  test('the workers of a process hear cancels of their own queue only', async () => {
    const { store } = queue
    // Told by the heartbeat alone, and started in one moment: nothing but the queue tells the workers and
    // their jobs apart.
    internals(store).subscriber.listen = async () => () => undefined
    const queues = [new Queue('first', { store }), new Queue('second', { store })]
    const gate = new Gate()
    const told: string[] = []
    const handler = async ({ queue: name }: Job, { signal }: JobContext): Promise<void> => {
      signal.addEventListener('abort', () => told.push(name))
      await Promise.race([aborted(signal), gate.opened])
    }
    await Promise.all(queues.map((each) => runningWorker(each, handler)))
    const jobs = await Promise.all(queues.map((each) => each.add('some', 1, { id: 'mine' })))
    await until(
      async () => (await Promise.all(queues.map((each) => each.counts()))).every(({ active }) => active === 1),
      5_000,
      'both jobs',
    )
    expect(await jobs[0]?.cancel()).toBe(true)
    await until(async () => (await jobs[0]?.refresh())?.state === 'cancelled', 5_000, 'the cancel')
    expect(told).toEqual(['first'])
    gate.open()
    await jobs[1]?.wait(inTime)
    for (const each of queues) await each.close()
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
