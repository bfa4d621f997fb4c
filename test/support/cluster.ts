import { Redis } from 'ioredis'
import { until } from './deadline.ts'
import { freePort } from './free-port.ts'
import { redisServer, type RedisServer } from './redis-server.ts'

const slotCount = 16_384

/** A cluster, each node a process of its own that a test may kill. */
export interface RedisCluster {
  /** The primaries, and behind them the replicas of each in turn. */
  readonly nodes: readonly RedisServer[]
  /** `redis+cluster://127.0.0.1:p1,127.0.0.1:p2,…` */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts `size` primaries that share the slots evenly, each with so many replicas, and waits until each node
 * says that the cluster is complete.
 */
export async function redisCluster(size: number = 3, replicas: number = 0): Promise<RedisCluster> {
  const nodes: RedisServer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()))
  }
  try {
    while (nodes.length < size * (1 + replicas))
      nodes.push(
        await redisServer({
          port: await freePort({ cluster: true }),
          args: ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
        }),
      )
    await join(nodes, size)
  } catch (error) {
    await close()
    throw error
  }
  return { nodes, url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`, close }
}

async function join(nodes: readonly RedisServer[], size: number): Promise<void> {
  const clients = nodes.map((node) => new Redis(node.url))
  const primaries = clients.slice(0, size)
  try {
    await Promise.all(clients.map((client, index) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)))
    await Promise.all(primaries.map((client, index) => client.call('CLUSTER', 'ADDSLOTS', ...slots(index, size))))
    await Promise.all(clients.map((client) => client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]!.port)))
    const ids = await Promise.all(primaries.map((client) => client.call('CLUSTER', 'MYID')))
    for (const [index, replica] of clients.slice(size).entries()) {
      await until(() => knows(replica, nodes.length), 20_000, 'the other nodes', 50)
      await replica.call('CLUSTER', 'REPLICATE', String(ids[index % size]))
    }
    for (const client of clients) await until(() => isComplete(client, size, nodes.length), 20_000, 'cluster_state:ok', 50)
    for (const replica of clients.slice(size))
      await until(async () => (await replica.info('replication')).includes('master_link_status:up'), 20_000, 'the replication', 50)
  } finally {
    for (const client of clients) client.disconnect()
  }
}

async function knows(client: Redis, nodes: number): Promise<boolean> {
  return String(await client.call('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${nodes}`)
}

function slots(index: number, size: number): number[] {
  const first = Math.floor((slotCount * index) / size)
  const next = Math.floor((slotCount * (index + 1)) / size)
  return Array.from({ length: next - first }, (_value, offset) => first + offset)
}

async function isComplete(client: Redis, size: number, nodes: number): Promise<boolean> {
  const info = String(await client.call('CLUSTER', 'INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${size}`) && info.includes(`cluster_known_nodes:${nodes}`)
}
