import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Client } from '../call/caller.ts'
import { isClient, isCluster, overridden, type OwnRedis } from './own-redis.ts'
import { quietRejections } from './quiet-rejections.ts'
import { strictHandshake } from './strict-handshake.ts'
import { reconnectDelay, type Target } from './target.ts'

/**
 * Makes an ioredis client of the target; it connects on first use. `own` are the options of the user, or a
 * client to duplicate.
 */
export function createClient(target: Target, own: OwnRedis | undefined, behaviour: RedisOptions): Client {
  const database = target.database === undefined ? {} : { db: target.database }
  if (isClient(own) && !isCluster(own)) return strictHandshake(own.duplicate({ ...behaviour, ...database, lazyConnect: true }))
  const options = {
    ...overridden(target.options, isCluster(own) || own === undefined ? {} : own),
    ...behaviour,
    ...database,
    lazyConnect: true,
    replyMapping: 'legacy' as const,
  }
  const clusterOptions = {
    ...target.clusterOptions,
    redisOptions: options,
    lazyConnect: true,
    enableOfflineQueue: behaviour.enableOfflineQueue ?? true,
    clusterRetryStrategy: reconnectDelay,
    // A node that came back by itself would do so unseen: the call layer counts nodes.
    clusterNodeRetryStrategy: undefined,
    ...(behaviour.autoResendUnfulfilledCommands === false ? { retryDelayOnFailover: 0 } : {}),
    // The call layer follows redirections by sending again; these few tries cover a slot that has just moved.
    maxRedirections: 4,
  }
  const cluster = isCluster(own) ? own.duplicate([], clusterOptions) : target.nodes && new Cluster([...target.nodes], clusterOptions)
  return cluster?.on('+node', (node: Redis) => quietRejections(strictHandshake(node), 'asking')) ?? strictHandshake(new Redis(options))
}
