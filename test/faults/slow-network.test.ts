import { Queue } from '@ripen/queue'
import { isRipenError } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a network that holds each byte back', () => {
  test.each([1, 50, 200])('for %i ms each way: every job runs once, and nobody loses a lease', async (delay) => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    proxy.delay(delay)
    const store = testStore(proxy.url)
    const queue = new Queue<{ quick: { number: number } }>('slow', { store, retain: { completed: { count: 1_000 } } })
    const runs: number[] = []
    const noticed: unknown[] = []
    const worker = new Worker(queue, { quick: async ({ data }) => void runs.push(data.number) }, { concurrency: 10, lease: '2 s' })
    worker.on('error', (error) => noticed.push(error)).on('stalled', (id) => noticed.push(id))
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    const jobs = await Promise.all(
      Array.from({ length: 200 }, (_value, number) => queue.add('quick', { number }, number % 10 === 0 ? { delay: 100 } : {})),
    )
    const [first] = jobs
    await first?.wait({ timeout: '10 s' })
    await until(async () => (await queue.counts()).completed === jobs.length, 15_000, 'the end of all jobs')
    expect(runs.toSorted((a, b) => a - b)).toEqual(jobs.map(({ data }) => data.number))
    // At 400 ms for an answer a worker needs more than 4.5 s to start, and says so.
    expect(noticed.filter((error) => !isRipenError(error, 'RIPEN_CONNECTION'))).toEqual([])
  })
})
