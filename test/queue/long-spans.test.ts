import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { Deferred, Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'

/** As long as a few calls take: a timer that has overflowed fires meanwhile. */
async function aWhile(queue: Queue): Promise<void> {
  for (let calls = 0; calls < 30; calls++) await queue.store.now()
}

// Timers of Node hold 2^31 - 1 ms, about 25 days; what is longer would fire at once.
onEachServer((_name, server) => {
  test('a job may have a timeout of a month', async () => {
    const queue = testQueue(server)
    await runningWorker(queue, async (_job, { signal }) => {
      await aWhile(queue)
      return signal.aborted
    })
    const job = await queue.add('long', 1, { timeout: '30 days' })
    expect(await job.wait({ timeout: '10 s' })).toBe(false)
  })

  test('a wait may have a timeout of a month', async () => {
    const queue = testQueue(server)
    const job = await queue.add('long', 1)
    const [result] = await Promise.all([
      job.wait({ timeout: '30 days' }),
      aWhile(queue).then(() => runningWorker(queue, async () => 'done')),
    ])
    expect(result).toBe('done')
  })

  test('a store may wait a month for its server', async () => {
    const queue = new Queue('work', { store: testStore(server.url, { enqueueTimeout: '30 days' }) })
    const job = await queue.add('long', 1)
    expect((await queue.getJob(job.id))?.data).toBe(1)
    await queue.close()
  })

  test('a worker may take a month to close', async () => {
    const queue = testQueue(server)
    const [started, gate] = [new Deferred<void>(), new Gate()]
    const worker = await runningWorker(
      queue,
      async (_job, { signal }) => {
        started.resolve()
        await gate.opened
        return signal.aborted
      },
      { closeTimeout: '30 days' },
    )
    const job = await queue.add('long', 1)
    await started.promise
    const closed = worker.close()
    await aWhile(queue)
    gate.open()
    await closed
    expect(await job.wait({ timeout: '10 s' })).toBe(false)
  })

  test('delays of years are times on the server', async () => {
    const queue = testQueue(server)
    const job = await queue.add('long', 1, { delay: '36500 days' })
    expect(job.dueAt).toBe(job.addedAt + 36_500 * 86_400_000)
    expect((await queue.getJob(job.id))?.dueAt).toBe(job.dueAt)
  })
})
