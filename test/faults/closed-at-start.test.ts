import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { ownServer } from './own-server.ts'

const lease = '1 s'

describeWithRedisServer('a worker that is closed while it starts', () => {
  test('has no heartbeat afterwards', async () => {
    const server = await ownServer()
    const queue = testQueue({ name: 'own', url: server.url })
    const { redis } = queue.store
    const { workers } = shardKeys(prefixOf(queue), queue.name, 0)
    const worker = await new Worker(queue, async () => 'done', { lease }).ready()
    server.suspend()
    onTestFinished(() => server.resume())
    const running = worker.run()
    // Its first heartbeat is under way now; the server hears of it after the close.
    await new Promise((resolve) => setImmediate(resolve))
    await worker.close({ timeout: 300 })
    await within(100, running, 'the end of run')
    server.resume()
    await runningWorker(queue, async () => 'done', { lease })
    const rows = new Map<string, Set<string>>()
    const mostBeats = async (): Promise<number> => {
      for (const name of await redis.zrange(workers, '0', '-1'))
        rows.set(name, (rows.get(name) ?? new Set()).add((await redis.zscore(workers, name)) ?? ''))
      return Math.max(...[...rows.values()].map(({ size }) => size))
    }
    await until(async () => (await mostBeats()) >= 4, 10_000, 'four heartbeats of another worker')
    expect([...rows.values()].filter(({ size }) => size > 2).length).toBe(1)
  })
})
