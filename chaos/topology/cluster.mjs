import { Cluster } from 'ioredis'
import { prefix, queueName } from '../crew.mjs'
import { until } from '../deadline.mjs'
import { startProxied } from './proxied.mjs'

const size = 3
const slotCount = 16_384

/** How far above its port a node listens for the others. */
const busOffset = 10_000

/**
 * A cluster of three primaries with a replica each. All connections of clients and of replicas go through the
 * proxies, whose ports the nodes announce; only their bus does not.
 */
export async function startCluster(directory) {
  const settings = (port) => ({
    'cluster-enabled': 'yes',
    'cluster-node-timeout': 3_000,
    'cluster-announce-ip': '127.0.0.1',
    'cluster-announce-port': port,
    'repl-diskless-sync-delay': 0,
  })
  const pairs = []
  while (pairs.length < 2 * size) pairs.push(await startProxied(directory, `server-${pairs.length + 1}`, settings, busOffset))
  const servers = pairs.map(({ server }) => server)
  const slot = await join(servers)
  const hosts = pairs.map(({ proxy }) => ({ host: '127.0.0.1', port: proxy.port }))
  const redis = new Cluster(hosts, { clusterRetryStrategy: () => 200, redisOptions: { maxRetriesPerRequest: null } })
  redis.on('error', () => undefined) // it connects anew

  const serverAt = (port) => pairs.find(({ proxy }) => proxy.port === port).server
  /** Who has the queue's slot, as a node sees it: the primary, then its replicas. */
  const ownersFor = async (server) => {
    const ranges = await server.ask('CLUSTER', 'SLOTS')
    const [, , ...nodes] = ranges.find(([first, last]) => slot >= first && slot <= last) ?? []
    return nodes.map(([, port]) => serverAt(port))
  }
  /** As those see it that say so themselves. */
  const primary = async () => {
    for (const server of servers) {
      const [owner] = await ownersFor(server).catch(() => [])
      if (owner === server) return server
    }
    throw new Error('nobody has the slot of the queue')
  }
  const isWhole = async () => {
    const present = await primary()
    let replicas = 0
    for (const server of servers) {
      const { role, slave0 = '', master_link_status: link } = await server.replication()
      if (role === 'master' ? !slave0.includes('state=online') : link !== 'up') return false
      if (role === 'slave') replicas++
      const state = await server.ask('CLUSTER', 'INFO')
      const [owner, ...others] = await ownersFor(server)
      if (
        owner !== present ||
        others.length !== 1 ||
        !state.includes('cluster_state:ok') ||
        (await server.ask('CLUSTER', 'NODES')).includes('fail')
      )
        return false
    }
    return replicas === size
  }
  const url = `redis+cluster://${hosts.map(({ host, port }) => `${host}:${port}`).join()}`
  const whole = async () => {
    await until(isWhole, 'a cluster with all its nodes')
    return url
  }
  await whole()
  return {
    url,
    durability: { replicas: 1, timeout: 1_000 },
    proxies: pairs.map(({ proxy }) => proxy),
    servers,
    redis,
    primary,
    replica: async () => (await ownersFor(await primary()))[1],
    whole,
    /** The primary holds its clients back until its replica has all. */
    async failOver() {
      const [, replica] = await ownersFor(await primary())
      await replica.ask('CLUSTER', 'FAILOVER')
      return { loses: false }
    },
    /**
     * Moves the slot of the queue to another primary, key by key, as `redis-cli --cluster reshard` does it. A
     * key of half a million members keeps a node busy for longer than the others wait for it, and a replica
     * that took over in the midst of a move would not have what has just arrived: Redis Cluster loses it. So
     * none may, meanwhile.
     */
    async moveSlot() {
      for (const server of servers) await server.ask('CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
      const former = await primary()
      const candidates = []
      for (const server of servers) if (server !== former && (await server.replication()).role === 'master') candidates.push(server)
      /** Who leads the nodes of the target now: on a busy machine another may have taken over meanwhile. */
      const leader = async () => {
        const { role, master_port: port } = await candidates[0].replication()
        return role === 'master' ? candidates[0] : serverAt(Number(port))
      }
      const move = async () => {
        const [source, target] = [await primary(), await leader()]
        const [from, to] = await Promise.all([source, target].map((server) => server.ask('CLUSTER', 'MYID')))
        if (source !== target) {
          // What imports a slot does not hear of a failover of its owner.
          await target.ask('CLUSTER', 'SETSLOT', slot, 'STABLE')
          await until(async () => (await ownersFor(target))[0] === source, 'a target that knows who has the slot', 5_000)
          await target.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from)
          await source.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to)
          for (let keys; (keys = await source.ask('CLUSTER', 'GETKEYSINSLOT', slot, 3)).length > 0;)
            await source.ask('MIGRATE', '127.0.0.1', target.port, '', 0, 20_000, 'REPLACE', 'KEYS', ...keys)
        }
        for (const server of new Set([target, source, ...candidates])) await server.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to)
        return true
      }
      // A node that was too busy to hear of the others takes the cluster for down, and refuses for a moment.
      await until(move, 'a slot that has moved')
      for (const server of servers) await server.ask('CONFIG', 'SET', 'cluster-replica-no-failover', 'no')
    },
    async stop() {
      redis.disconnect()
      for (const { proxy } of pairs) proxy.close()
      await Promise.all(servers.map((server) => server.kill()))
    },
  }
}

/** Makes one cluster of the servers, the first of them primaries. @returns the slot of the queue. */
async function join(servers) {
  const primaries = servers.slice(0, size)
  for (const [index, server] of servers.entries()) await server.ask('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  const firstSlot = (index) => Math.floor((slotCount * index) / size)
  for (const [index, server] of primaries.entries())
    await server.ask('CLUSTER', 'ADDSLOTSRANGE', firstSlot(index), firstSlot(index + 1) - 1)
  for (const server of servers.slice(1)) await server.ask('CLUSTER', 'MEET', '127.0.0.1', servers[0].port, servers[0].port + busOffset)
  for (const [index, server] of servers.slice(size).entries()) {
    const knowsAll = async () => (await server.ask('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${servers.length}`)
    await until(knowsAll, 'a node that knows all')
    await server.ask('CLUSTER', 'REPLICATE', await primaries[index].ask('CLUSTER', 'MYID'))
  }
  return servers[0].ask('CLUSTER', 'KEYSLOT', `{${prefix}:${queueName}:0}`)
}
