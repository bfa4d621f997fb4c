import { Redis } from 'ioredis'
import { join } from 'node:path'
import { until } from '../deadline.mjs'
import { freePort, Server } from '../server.mjs'
import { startProxied } from './proxied.mjs'

const name = 'ripen'

/**
 * A primary, a replica and three sentinels. All connections to the two go through their proxies, those
 * between them and of the sentinels as well: they announce the proxies' ports.
 */
export async function startSentinel(directory) {
  const pairs = []
  const settings = (port) => ({
    'replica-announce-ip': '127.0.0.1',
    'replica-announce-port': port,
    'repl-diskless-sync-delay': 0,
    ...(pairs.length === 0 ? {} : { replicaof: ['127.0.0.1', pairs[0].proxy.port] }),
  })
  for (const each of ['server-1', 'server-2']) pairs.push(await startProxied(directory, each, settings))
  const sentinels = []
  for (const number of [1, 2, 3]) {
    const watch = {
      'sentinel monitor': [name, '127.0.0.1', pairs[0].proxy.port, 2],
      'sentinel down-after-milliseconds': [name, 1_500],
      'sentinel failover-timeout': [name, 4_000],
    }
    const sentinel = new Server(join(directory, `sentinel-${number}`), await freePort(), watch, ['--sentinel'])
    await sentinel.start()
    sentinels.push(sentinel)
  }
  const hosts = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const redis = new Redis({ sentinels: hosts, name, maxRetriesPerRequest: null })
  redis.on('error', () => undefined) // it connects anew

  const primaryOf = async (sentinel) => {
    const [, port] = await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)
    return pairs.find(({ proxy }) => proxy.port === Number(port)).server
  }
  /** As all sentinels see it: as long as one of them still names the old primary, clients would go there. */
  const primary = async () => {
    const [named, ...others] = await Promise.all(sentinels.map(primaryOf))
    if (others.some((other) => other !== named)) throw new Error('the sentinels do not agree')
    return named
  }
  const replica = async () => {
    const present = await primary()
    return pairs.map(({ server }) => server).find((server) => server !== present)
  }
  /** Whether this sentinel knows all the others, and finds nothing wrong with any. */
  const isContent = async (sentinel) => {
    const of = fieldsOf(await sentinel.ask('SENTINEL', 'MASTER', name))
    const replicas = (await sentinel.ask('SENTINEL', 'REPLICAS', name)).map(fieldsOf)
    return (
      of.flags === 'master' &&
      of['num-other-sentinels'] === '2' &&
      replicas.length === 1 &&
      replicas[0].flags === 'slave' &&
      replicas[0]['master-link-status'] === 'ok'
    )
  }
  const isWhole = async () => {
    const present = await primary()
    const { role, slave0 = '' } = await present.replication()
    const { role: other, master_link_status: link } = await (await replica()).replication()
    if (role !== 'master' || !slave0.includes('state=online') || other !== 'slave' || link !== 'up') return false
    for (const sentinel of sentinels) if (!(await isContent(sentinel))) return false
    return true
  }
  const whole = async () => {
    await until(isWhole, 'a primary and a replica that all sentinels agree on')
    return `redis://127.0.0.1:${(await primary()).port}`
  }
  await whole()
  return {
    url: `redis+sentinel://${hosts.map(({ host, port }) => `${host}:${port}`).join()}/${name}`,
    durability: { replicas: 1, timeout: 1_000 },
    proxies: pairs.map(({ proxy }) => proxy),
    servers: pairs.map(({ server }) => server),
    redis,
    primary,
    replica,
    whole,
    /** The primary goes on taking writes until it is told that it is none, and loses them. */
    async failOver() {
      await until(async () => (await sentinels[0].ask('SENTINEL', 'FAILOVER', name)) === 'OK', 'a sentinel that fails over')
      return { loses: true }
    },
    async stop() {
      redis.disconnect()
      for (const { proxy } of pairs) proxy.close()
      await Promise.all([...sentinels, ...pairs.map(({ server }) => server)].map((server) => server.kill()))
    },
  }
}

/** What Sentinel answers as names and values in turn. */
function fieldsOf(words) {
  return Object.fromEntries(words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]]] : [])))
}
