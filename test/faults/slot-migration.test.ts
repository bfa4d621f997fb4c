import { Queue } from '@ripen/queue'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { runningWorker } from '../queue/running-worker.ts'
import { redisCluster } from '../support/cluster.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { prefixOf } from '../queue/stored-keys.ts'

const waiting = 100_000

describeWithRedisServer('the slot of a queue that moves to another node under load', () => {
  test(`the queue stands still and goes on: nothing is lost of ${waiting} jobs, and no call fails`, { timeout: 120_000 }, async () => {
    const cluster = await redisCluster(3)
    onTestFinished(() => cluster.close())
    const store = testStore(cluster.url, { enqueueTimeout: '30 s' })
    const queue = new Queue('moving', { store, retain: { completed: { count: 1_000_000 } } })
    onTestFinished(() => queue.close())
    for (let i = 0; i < waiting; i += 5_000)
      await queue.addBulk(Array.from({ length: 5_000 }, (_value, j) => ({ name: 'some', data: i + j, options: { delay: '1 h' } })))
    const runs = new Map<string, number>()
    const worker = await runningWorker(queue, async ({ id }) => void runs.set(id, (runs.get(id) ?? 0) + 1), { concurrency: 10 })
    let stopped = false
    let slowest = 0
    const added: string[] = []
    const producing = (async () => {
      while (!stopped) {
        const begun = performance.now()
        const jobs = await Promise.all(Array.from({ length: 5 }, (_value, i) => queue.add('some', i)))
        slowest = Math.max(slowest, performance.now() - begun)
        added.push(...jobs.map(({ id }) => id))
      }
    })()
    await until(() => runs.size > 50, 10_000, 'work')
    const begun = performance.now()
    await moveSlot(cluster.nodes, `{${prefixOf(queue)}:moving:0}`)
    const took = performance.now() - begun
    const before = runs.size
    await until(() => runs.size > before + 50, 10_000, 'work at the new node')
    stopped = true
    await producing
    await until(async () => (await queue.counts()).completed >= added.length, 30_000, 'the end of all jobs')
    expect(await queue.counts()).toEqual({
      scheduled: waiting,
      ready: 0,
      active: 0,
      blocked: 0,
      completed: added.length,
      failed: 0,
      cancelled: 0,
    })
    expect(added.filter((id) => !runs.has(id))).toEqual([])
    console.log(
      `${waiting} jobs moved to another node in ${Math.round(took)} ms; ${added.length} adds meanwhile, the slowest took ${Math.round(slowest)} ms, ` +
        `${[...runs.values()].filter((times) => times > 1).length} jobs ran twice`,
    )
    await worker.close()
  })
})

/** As `redis-cli --cluster reshard` does it. */
async function moveSlot(nodes: readonly RedisServer[], key: string): Promise<void> {
  const clients = nodes.map((node) => new Redis(node.url))
  try {
    const slot = Number(await clients[0]!.call('CLUSTER', 'KEYSLOT', key))
    const ranges = (await clients[0]!.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
    const [, , [, port]] = ranges.find(([first, last]) => slot >= first && slot <= last)!
    const from = nodes.findIndex((node) => node.port === port)
    const to = (from + 1) % nodes.length
    const [source, target] = [clients[from]!, clients[to]!]
    const [sourceId, targetId] = await Promise.all([source.call('CLUSTER', 'MYID'), target.call('CLUSTER', 'MYID')])
    await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(sourceId))
    await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(targetId))
    for (;;) {
      const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 3)) as string[]
      if (keys.length === 0) break
      await source.call('MIGRATE', '127.0.0.1', nodes[to]!.port, '', 0, 20_000, 'KEYS', ...keys)
    }
    for (const client of [target, source, ...clients]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(targetId))
  } finally {
    for (const client of clients) client.disconnect()
  }
}
