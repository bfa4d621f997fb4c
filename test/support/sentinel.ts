import { Redis } from 'ioredis'
import { until } from './deadline.ts'
import { redisServer, type RedisServer, type RedisServerOptions } from './redis-server.ts'

/** A primary, a replica and sentinels that watch them, each a process of its own that a test may stop. */
export interface RedisSentinels {
  /** The two servers; the first is the primary at the start. */
  readonly servers: readonly [RedisServer, RedisServer]
  /** `redis+sentinel://127.0.0.1:p1,127.0.0.1:p2,…/ripen` */
  readonly url: string
  /** Resolves once all sentinels know of another primary. */
  failedOver(from: number, deadline?: number): Promise<number>
  close(): Promise<void>
}

/**
 * Starts them, and waits until the replica follows and every sentinel knows of all. A primary that is silent
 * for one second is given up.
 */
export async function redisSentinels(options: RedisServerOptions = {}): Promise<RedisSentinels> {
  const all: RedisServer[] = []
  const start = async (of: RedisServerOptions): Promise<RedisServer> => {
    const server = await redisServer(of)
    all.push(server)
    return server
  }
  const close = async (): Promise<void> => {
    await Promise.all(all.map((server) => server.close()))
  }
  const clients: Redis[] = []
  try {
    const repl = ['--repl-diskless-sync-delay', '0']
    const primary = await start({ ...options, args: [...repl, ...(options.args ?? [])] })
    const replica = await start({ ...options, args: [...repl, ...(options.args ?? []), '--replicaof', '127.0.0.1', String(primary.port)] })
    const lines = [
      `sentinel monitor ripen 127.0.0.1 ${primary.port} 2`,
      'sentinel down-after-milliseconds ripen 1000',
      'sentinel failover-timeout ripen 4000',
      'sentinel parallel-syncs ripen 1',
    ]
    const sentinels = [await start({ sentinel: lines }), await start({ sentinel: lines }), await start({ sentinel: lines })]
    for (const { port } of sentinels) clients.push(new Redis({ host: '127.0.0.1', port }))
    for (const client of clients) await until(() => knowsAll(client), 20_000, 'sentinels that know of each other and of the replica', 50)
    const primaryOf = async (sentinel: RedisServer): Promise<number> => {
      const client = new Redis({ host: '127.0.0.1', port: sentinel.port })
      try {
        const [, port] = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'ripen')) as [string, string]
        return Number(port)
      } finally {
        client.disconnect()
      }
    }
    // As long as one of them names the former primary, clients may be led there, should it come back: with
    // nothing, as it keeps nothing on disk.
    const agreed = async (from: number): Promise<number | undefined> => {
      const [port, ...others] = await Promise.all(sentinels.map(primaryOf))
      return port !== from && others.every((other) => other === port) ? port : undefined
    }
    return {
      servers: [primary, replica],
      url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/ripen`,
      failedOver: (from, deadline = 20_000) => until(() => agreed(from), deadline, 'the failover', 50) as Promise<number>,
      close,
    }
  } catch (error) {
    await close()
    throw error
  } finally {
    for (const client of clients) client.disconnect()
  }
}

async function knowsAll(client: Redis): Promise<boolean> {
  const pairs = (await client.call('SENTINEL', 'MASTER', 'ripen')) as string[]
  const value = (name: string): string | undefined => pairs[pairs.indexOf(name) + 1]
  return value('num-slaves') === '1' && value('num-other-sentinels') === '2' && value('flags') === 'master'
}
