import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventsOf, workerProcess } from './worker-process.ts'

describeWithRedisServer('the shortest lease, 1 s', () => {
  test('is kept by heartbeats for as long as jobs run', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ slow: { ms: number } }>('short', { store: testStore(url, { prefix }) })
    const process = { url, prefix, queue: 'short', options: { concurrency: 20, lease: 1_000 } }
    const workers = [workerProcess(process), workerProcess(process)]
    await Promise.all(workers.map((worker) => worker.event('ready')))
    const jobs = await queue.addBulk(
      Array.from({ length: 20 }, (_value, index) => ({ name: 'slow' as const, data: { ms: 6_000 }, options: { delay: 50 * index } })),
    )
    for (const { id } of jobs) await Promise.any(workers.map((worker) => worker.event('completed', ({ jobId }) => jobId === id)))
    for (const worker of workers) for (const name of ['error', 'stalled', 'failed']) expect(eventsOf(worker, name)).toEqual([])
    expect(workers.flatMap((worker) => eventsOf(worker, 'started')).length).toBe(jobs.length)
  })
})
