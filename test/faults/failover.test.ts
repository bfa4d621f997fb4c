import { Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import type { FixtureProcess } from '../support/child.ts'
import { redisCluster } from '../support/cluster.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { redisSentinels } from '../support/sentinel.ts'
import { randomPrefix } from '../support/test-store.ts'
import { completedIds, produce, type Producer } from './producer.ts'
import { eventsOf, workerProcess } from './worker-process.ts'

const enqueueTimeout = 15_000

interface Load {
  readonly queue: Queue<{ slow: { ms: number } }>
  readonly workers: readonly FixtureProcess[]
  readonly producer: Producer
  /** Resolves once work is done that was added after the call. */
  goesOn(): Promise<void>
  /**
   * Resolves once another 30 adds are acknowledged, as they are while the old primary is back as a replica.
   */
  oldPrimaryConfirms(): Promise<void>
  /**
   * Stops the producer, waits for the end of all jobs, and answers what was acknowledged and never ended,
   * with its state.
   */
  end(): Promise<string[]>
}

/**
 * Two worker processes and a producer whose adds a replica confirms, at work when this resolves. The servers
 * are closed after the test.
 */
async function load(servers: { readonly url: string; close(): Promise<void> }): Promise<Load> {
  onTestFinished(() => servers.close())
  const { url } = servers
  const prefix = randomPrefix()
  const store = openStore({ url, prefix, enqueueTimeout })
  onTestFinished(() => store.close())
  const queue = new Queue<{ slow: { ms: number } }>('failover', { store, retain: { completed: { count: 1_000_000 } } })
  const workers = [1, 2].map(() => workerProcess({ url, prefix, queue: 'failover', options: { concurrency: 3, lease: 5_000 } }))
  await Promise.all(workers.map((worker) => worker.event('ready')))
  const producer = produce(queue, { durability: { replicas: 1, timeout: '1 s' } })
  await Promise.all(workers.map((worker) => worker.event('completed')))
  return {
    queue,
    workers,
    producer,
    goesOn: async () => {
      const job = await queue.add('slow', { ms: 1 }, { priority: -1 })
      await job.wait({ timeout: '30 s' })
    },
    oldPrimaryConfirms: async () => {
      const before = producer.acknowledged.size
      await until(() => producer.acknowledged.size > before + 30, 20_000, 'adds that the old primary confirms as a replica')
    },
    end: async () => {
      await producer.stop()
      const missing = async (): Promise<string[]> => {
        const ended = await completedIds(queue)
        return [...producer.acknowledged].filter((id) => !ended.has(id))
      }
      // A server that has just been demoted answers reads for a moment more, of data that it is about to
      // drop: one look is not enough.
      await until(async () => (await missing()).length === 0, 30_000, 'the end of all jobs', 200).catch(() => undefined)
      const lost = await Promise.all((await missing()).map(async (id) => [id, (await queue.getJob(id))?.state ?? 'gone'] as const))
      return lost.map(([id, state]) => `${id}: ${state}`)
    },
  }
}

/** No lease was given to two workers. */
function expectOwnFences(workers: readonly FixtureProcess[]): void {
  // A settlement that was lost with the primary lets its worker run the job again, under the lease that it
  // still has.
  const leases = workers.flatMap((worker) => [
    ...new Set(eventsOf(worker, 'started').map(({ jobId, fence }) => `${String(jobId)} ${String(fence)}`)),
  ])
  expect(leases.length).toBeGreaterThan(0)
  expect(new Set(leases).size).toBe(leases.length)
}

/**
 * Ends the load and tells what came of it: each job that was acknowledged has completed, adds failed only for
 * want of an answer or of replicas, and no lease was given twice.
 *
 * @param outage in ms.
 */
async function expectNothingLost(what: string, load: Load, outage: number): Promise<void> {
  const lost = await load.end()
  const { acknowledged, unknown, others, slowest } = load.producer
  console.log(
    `${what}: ${acknowledged.size} adds acknowledged, ${lost.length} lost, ${unknown.size} unconfirmed; ` +
      `work went on after ${Math.round(outage)} ms, the slowest add took ${Math.round(slowest)} ms`,
  )
  expect(lost).toEqual([])
  expect(others).toEqual([])
  expectOwnFences(load.workers)
}

describeWithRedisServer('a failover', () => {
  describe.sequential('of Sentinel', () => {
    test('the primary is killed: with a durability nothing acknowledged is lost', { timeout: 90_000 }, async () => {
      const sentinels = await redisSentinels()
      const work = await load(sentinels)
      const [primary, replica] = sentinels.servers
      const begun = performance.now()
      await primary.stop()
      expect(await sentinels.failedOver(primary.port)).toBe(replica.port)
      await work.goesOn()
      const resumed = performance.now()
      await primary.start()
      await work.oldPrimaryConfirms()
      await expectNothingLost('the primary of Sentinel killed', work, resumed - begun)
    })

    test('the replica had stood still: what it did not have was not acknowledged', { timeout: 90_000 }, async () => {
      const sentinels = await redisSentinels()
      const work = await load(sentinels)
      const [primary, replica] = sentinels.servers
      replica.suspend()
      await until(() => work.producer.unknown.size > 0, 10_000, 'adds that no replica confirms')
      const begun = performance.now()
      await primary.stop()
      replica.resume()
      await sentinels.failedOver(primary.port)
      await work.goesOn()
      const resumed = performance.now()
      await primary.start()
      await expectNothingLost('to a replica that lagged', work, resumed - begun)
    })

    test('one that was asked for: nobody is told of it', { timeout: 90_000 }, async () => {
      const sentinels = await redisSentinels()
      const work = await load(sentinels)
      const [primary] = sentinels.servers
      const begun = performance.now()
      const sentinel = new Redis(`redis://${sentinels.url.split('/')[2]!.split(',')[0]!}`)
      onTestFinished(() => sentinel.disconnect())
      await sentinel.call('SENTINEL', 'FAILOVER', 'ripen')
      await sentinels.failedOver(primary.port)
      await work.goesOn()
      const resumed = performance.now()
      await work.oldPrimaryConfirms()
      await expectNothingLost('a failover that was asked for', work, resumed - begun)
    })
  })

  describe.sequential('of a cluster', () => {
    test('the primary of the queue is killed: with a durability nothing acknowledged is lost', { timeout: 120_000 }, async () => {
      const cluster = await redisCluster(3, 1)
      const work = await load(cluster)
      const primary = await primaryOf(cluster.nodes, work.queue)
      const begun = performance.now()
      await primary.stop()
      await work.goesOn()
      const resumed = performance.now()
      await primary.start()
      await work.oldPrimaryConfirms()
      await expectNothingLost('a primary of a cluster killed', work, resumed - begun)
    })

    test('every node is restarted in turn', { timeout: 180_000 }, async () => {
      const cluster = await redisCluster(3, 1)
      const work = await load(cluster)
      const begun = performance.now()
      for (const node of cluster.nodes) {
        await node.stop('SIGTERM')
        await work.goesOn()
        await node.start()
        await work.goesOn()
        await until(() => isInSync(node), 20_000, 'the return of the node', 100)
      }
      const resumed = performance.now()
      await expectNothingLost('a rolling restart of six nodes', work, resumed - begun)
    })
  })
})

async function primaryOf(nodes: readonly RedisServer[], queue: Queue<any>): Promise<RedisServer> {
  const { meta } = shardKeys((queue.store as unknown as { options: { prefix: string } }).options.prefix, queue.name, 0)
  const client = new Redis(nodes[0]!.url)
  try {
    const slot = Number(await client.call('CLUSTER', 'KEYSLOT', meta))
    const ranges = (await client.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
    const [, , [, port]] = ranges.find(([first, last]) => slot >= first && slot <= last)!
    return nodes.find((node) => node.port === port)!
  } finally {
    client.disconnect()
  }
}

async function isInSync(node: RedisServer): Promise<boolean> {
  const client = new Redis(node.url)
  try {
    const [cluster, replication] = await Promise.all([client.call('CLUSTER', 'INFO'), client.info('replication')])
    return String(cluster).includes('cluster_state:ok') && (replication.includes('role:master') || replication.includes('link_status:up'))
  } catch {
    return false // it is loading
  } finally {
    client.disconnect()
  }
}
