import type { Cluster, ClusterNode, Redis, RedisOptions } from 'ioredis'
import { isIP } from 'node:net'
import { ConfigurationError } from '../errors/errors.ts'
import { urlOfCluster, urlOfOptions } from './target-url.ts'

/** The `redis` option: options for ioredis, or a client of the user's, perhaps of another copy of ioredis. */
export type OwnRedis = RedisOptions | Redis | Cluster

export function isClient(own: OwnRedis | undefined): own is Redis | Cluster {
  return own !== undefined && 'duplicate' in own && typeof own.duplicate === 'function'
}

export function isCluster(own: OwnRedis | undefined): own is Cluster {
  return isClient(own) && own.isCluster
}

/** @throws ConfigurationError for what is neither, and for `keyPrefix`, which scripts would not follow. */
export function ownRedis(option: string, value: unknown): OwnRedis {
  if (typeof value !== 'object' || value === null) throw new ConfigurationError(option, 'must be options for ioredis, or a client', value)
  const own = value as OwnRedis
  if (ownOptions(own).keyPrefix) throw new ConfigurationError(`${option}.keyPrefix`, 'cannot be used: give `prefix` to the store instead')
  return own
}

/** The ioredis options behind either form. */
export function ownOptions(own: OwnRedis | undefined): RedisOptions {
  if (own === undefined) return {}
  if (isCluster(own)) return { ...own.options.redisOptions, ...(own.options.keyPrefix ? { keyPrefix: own.options.keyPrefix } : {}) }
  return isClient(own) ? own.options : own
}

/**
 * The URL of the server that the user's client or options name; undefined when they name none. Certificates
 * and other details stay in the options.
 */
export function ownUrl(own: OwnRedis): string | undefined {
  const options = ownOptions(own)
  if (isCluster(own)) return urlOfCluster(options, knownNodes(own))
  const { host, port, path, sentinels } = options
  const named = isClient(own) || sentinels || path || host !== undefined || port !== undefined
  return named ? urlOfOptions(options) : undefined
}

/** Nodes it knows, or those it was given when it has not connected yet. */
function knownNodes(cluster: Cluster): readonly ClusterNode[] {
  const known = cluster.nodes().map(({ options }) => ({ host: options.host, port: options.port }))
  return known.length > 0 ? known : givenNodes(cluster)
}

/** Nodes that a client was given, with their options. */
export function givenNodes(cluster: Cluster): readonly ClusterNode[] {
  return (cluster as unknown as { startupNodes?: readonly ClusterNode[] }).startupNodes ?? []
}

/**
 * Refuses options that would speak plain text where the URL, or the user's options, ask for TLS.
 *
 * @throws ConfigurationError
 */
export function checkEncryption(url: string, own: OwnRedis | undefined): void {
  if (own === undefined || isClient(own)) return
  const encrypted = url.startsWith('rediss:')
  if (encrypted && 'tls' in own && !own.tls)
    throw new ConfigurationError('redis.tls', 'must be absent or an object of TLS options, because rediss:// asks for TLS', own.tls)
  const sentinels = own.sentinels !== undefined || url.startsWith('redis+sentinel:')
  if (sentinels && (encrypted || own.tls) && own.enableTLSForSentinelMode !== true)
    throw new ConfigurationError(
      'redis.enableTLSForSentinelMode',
      'must be true for TLS with Sentinel: otherwise ioredis speaks plain text to the primary (`sentinelTLS` covers only the sentinels)',
      own.enableTLSForSentinelMode,
    )
}

/**
 * The options of a URL, overridden by the user's. Undefined options are ignored; TLS options add to those of
 * the URL.
 */
export function overridden(options: RedisOptions, own: RedisOptions): RedisOptions {
  const merged: RedisOptions = { ...options, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) }
  if (!options.tls || !own.tls) return merged
  const given: unknown = own.tls
  const { host = '' } = merged
  const serverName = isIP(host) === 0 ? { servername: host } : {}
  return { ...merged, tls: { ...serverName, ...(typeof given === 'string' ? { profile: given } : (given as object)) } }
}
