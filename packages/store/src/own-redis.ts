import type { Cluster, Redis, RedisOptions } from 'ioredis'
import { ConfigurationError } from './errors.ts'

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
  if (typeof value !== 'object' || value === null) throw new ConfigurationError(option, 'must be options for ioredis or a client', value)
  const own = value as OwnRedis
  if (ownOptions(own).keyPrefix) throw new ConfigurationError(`${option}.keyPrefix`, 'can not be used: give `prefix` to the store instead')
  return own
}

/** The ioredis options behind either form. */
export function ownOptions(own: OwnRedis | undefined): RedisOptions {
  if (own === undefined) return {}
  if (isCluster(own)) return { ...own.options.redisOptions, ...(own.options.keyPrefix ? { keyPrefix: own.options.keyPrefix } : {}) }
  return isClient(own) ? own.options : own
}

/** The URL of the server that the user's client or options name; undefined when they name none. Certificates and other details stay in the options. */
export function ownUrl(own: OwnRedis): string | undefined {
  const { path, host, port, db, username, password, tls, sentinels, name } = ownOptions(own)
  const database = db ? String(db) : ''
  const access = password ? `${encodeURIComponent(username ?? '')}:${encodeURIComponent(password)}@` : ''
  if (isCluster(own)) return `redis+cluster://${access}${clusterNodes(own)}`
  if (sentinels) {
    const hosts = sentinels.map((sentinel) => `${sentinel.host ?? 'localhost'}:${sentinel.port ?? 26_379}`).join(',')
    return `redis+sentinel://${access}${hosts}/${name ?? ''}${database && `/${database}`}`
  }
  if (path) return `unix://${path}${database && `?db=${database}`}`
  if (!isClient(own) && host === undefined && port === undefined) return undefined
  const bracketed = host?.includes(':') === true ? `[${host}]` : (host ?? 'localhost')
  return `${tls ? 'rediss' : 'redis'}://${access}${bracketed}:${port ?? 6379}${database && `/${database}`}`
}

/** Nodes it knows, or those it was given when it has not connected yet. */
function clusterNodes(cluster: Cluster): string {
  const known = cluster.nodes().map(({ options }) => `${options.host}:${options.port}`)
  if (known.length > 0) return known.join(',')
  const { startupNodes = [] } = cluster as unknown as { startupNodes?: readonly (string | number | { host?: string; port?: number })[] }
  const given = startupNodes.map((node) =>
    typeof node === 'object'
      ? `${node.host ?? 'localhost'}:${node.port ?? 6379}`
      : typeof node === 'number'
        ? `localhost:${node}`
        : node.replace(/^\w+:\/\//, ''),
  )
  return given.join(',') || 'localhost:6379'
}
