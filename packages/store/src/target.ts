import { isIP } from 'node:net'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { ConfigurationError } from './errors.ts'
import type { Client } from './caller.ts'
import { isClient, isCluster, type OwnRedis } from './own-redis.ts'
import { quietRejections } from './quiet-rejections.ts'
import { withoutPassword } from './shown-text.ts'

export type Topology = 'embedded' | 'standalone' | 'sentinel' | 'cluster'

/** Where the server is: what a URL says, in ioredis' terms. */
export interface Target {
  readonly topology: Topology
  readonly url: string
  /** For an embedded server that has to be started first: its directory, `''` for one in memory. */
  readonly directory?: string
  readonly options: RedisOptions
  readonly nodes?: readonly { host: string; port: number }[]
  /** A named database: it wins over all options. */
  readonly database?: number
}

const forms =
  "'embedded:', 'embedded:./directory', 'redis://', 'rediss://', 'unix:///path', 'redis+sentinel://h1:26379,h2:26379/name' or 'redis+cluster://h1:7000,h2:7001'"

/**
 * Parses a target URL.
 *
 * @throws ConfigurationError with the forms that are known.
 */
export function parseTarget(url: string): Target {
  if (url === 'embedded:' || url.startsWith('embedded:'))
    return { topology: 'embedded', url, directory: url.slice('embedded:'.length), options: {} }
  if (url.startsWith('unix://')) return parseUnix(url)
  const match = /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?$/.exec(url)
  // A password with one of these that is not escaped would be cut in silence.
  if (match === null || /[@#?]/.test(match[3] ?? '') || (match[2] === undefined && url.includes('@')))
    throw new ConfigurationError('url', `must be ${forms}`, withoutPassword(url))
  const [, scheme, credentials, hosts = '', path = ''] = match
  const access = parseCredentials(url, credentials)
  if (scheme === 'redis+sentinel') {
    const [name = '', database = ''] = path.split('/')
    if (name === '')
      throw new ConfigurationError(
        'url',
        'must end with the name of the primary: redis+sentinel://h1:26379,h2:26379/name',
        withoutPassword(url),
      )
    return {
      topology: 'sentinel',
      url,
      options: { ...access, name, sentinels: parseHosts(url, hosts, 26_379), ...databaseOption(url, database) },
    }
  }
  const nodes = parseHosts(url, hosts, 6379)
  if (scheme === 'redis+cluster' && !['', '0'].includes(path))
    throw new ConfigurationError('url', 'must name no database: a cluster has one only', withoutPassword(url))
  if (scheme === 'redis+cluster') return { topology: 'cluster', url, nodes, options: access }
  const [first, ...more] = nodes
  if (first === undefined || more.length > 0)
    throw new ConfigurationError('url', 'must name one host; for several use redis+sentinel:// or redis+cluster://', withoutPassword(url))
  return {
    topology: 'standalone',
    url,
    options: {
      ...first,
      ...access,
      ...databaseOption(url, path),
      ...(scheme === 'rediss' ? { tls: isIP(first.host) === 0 ? { servername: first.host } : {} } : {}),
    },
  }
}

/** Another database of the same server. */
export function withDatabase(target: Target, database: number): Target {
  if (target.topology === 'cluster') throw new ConfigurationError('database', 'a cluster has one database only', database)
  const authority = /^[^/]*\/\/[^/]*/.exec(target.url)?.[0] ?? ''
  const url =
    target.directory !== undefined
      ? target.url
      : target.options.path !== undefined
        ? `unix://${target.options.path}?db=${database}`
        : `${authority}${target.options.name === undefined ? '' : `/${target.options.name}`}/${database}`
  return { ...target, url, database }
}

/** Makes an ioredis client of the target; it connects on first use. `own` are the options of the user, or a client to duplicate. */
export function createClient(target: Target, own: OwnRedis | undefined, behaviour: RedisOptions): Client {
  const database = target.database === undefined ? {} : { db: target.database }
  if (isClient(own) && !isCluster(own)) return own.duplicate({ ...behaviour, ...database, lazyConnect: true })
  const options = {
    ...target.options,
    ...(isCluster(own) ? {} : own),
    ...behaviour,
    ...database,
    lazyConnect: true,
    replyMapping: 'legacy' as const,
  }
  const clusterOptions = {
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
  return cluster?.on('+node', (node: Redis) => quietRejections(node, 'asking')) ?? new Redis(options)
}

/** Fast at first, never slower than a quarter of a second: workers resume within a second of the server's return. */
export function reconnectDelay(times: number): number {
  return Math.min(20 * 2 ** Math.min(times - 1, 6), 200) + Math.floor(Math.random() * 50)
}

function parseUnix(url: string): Target {
  const match = /^unix:\/\/(\/[^?]+)(?:\?db=(\d+))?$/.exec(url)
  if (match?.[1] === undefined)
    throw new ConfigurationError('url', 'must be unix:///absolute/path or unix:///absolute/path?db=1', withoutPassword(url))
  return { topology: 'standalone', url, options: { path: match[1], ...databaseOption(url, match[2] ?? '') } }
}

function parseCredentials(url: string, text: string | undefined): RedisOptions {
  if (text === undefined || text === '') return {}
  const colon = text.indexOf(':')
  try {
    if (colon < 0) return { password: decodeURIComponent(text) }
    const username = decodeURIComponent(text.slice(0, colon))
    return { ...(username === '' ? {} : { username }), password: decodeURIComponent(text.slice(colon + 1)) }
  } catch {
    throw new ConfigurationError('url', 'must have its user and password percent-encoded', withoutPassword(url))
  }
}

function parseHosts(url: string, text: string, defaultPort: number): { host: string; port: number }[] {
  return text.split(',').map((entry) => {
    const match = /^(\[[0-9a-fA-F:]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(entry)
    const port = match?.[2] === undefined ? defaultPort : Number(match[2])
    if (match?.[1] === undefined || port > 65_535 || port === 0)
      throw new ConfigurationError('url', `must be ${forms}`, withoutPassword(url))
    return { host: match[1].replace(/^\[|\]$/g, ''), port }
  })
}

function databaseOption(url: string, text: string): RedisOptions {
  if (text === '') return {}
  if (!/^\d{1,4}$/.test(text)) throw new ConfigurationError('url', 'the database must be a number', withoutPassword(url))
  return { db: Number(text) }
}
