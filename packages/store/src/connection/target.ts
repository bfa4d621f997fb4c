import { isIP, isIPv6 } from 'node:net'
import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis'
import { ConfigurationError } from '../errors/errors.ts'
import { withoutPassword } from '../errors/shown-text.ts'
import { urlOfSentinels, urlOfSocket } from './target-url.ts'

export type Topology = 'embedded' | 'standalone' | 'sentinel' | 'cluster'

/** Where the server is: what a URL says, in ioredis' terms. */
export interface Target {
  readonly topology: Topology
  readonly url: string
  /** For an embedded server that has to be started first: its directory, `''` for one in memory. */
  readonly directory?: string
  readonly options: RedisOptions
  readonly nodes?: readonly ClusterNode[]
  /** The options of the user's own Cluster, for a thread. */
  readonly clusterOptions?: ClusterOptions
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
  if (url.startsWith('embedded://'))
    throw new ConfigurationError(
      'url',
      "must name a directory after 'embedded:', as in 'embedded:./data' or 'embedded:/var/lib/ripen'",
      withoutPassword(url),
    )
  if (url.startsWith('embedded:')) return { topology: 'embedded', url, directory: url.slice('embedded:'.length), options: {} }
  if (url.startsWith('unix://')) return parseUnix(url)
  const match = /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?$/.exec(url)
  // A password with one of these that is not escaped would be cut in silence.
  if (match === null || /[@#?]/.test(match[3] ?? '') || (match[2] === undefined && url.includes('@')))
    throw new ConfigurationError('url', `must be ${forms}`, withoutPassword(url))
  const [, scheme, credentials, hosts = '', path = ''] = match
  const access = parseCredentials(url, credentials)
  if (scheme === 'redis+sentinel') {
    const [text = '', database = ''] = path.split('/')
    const name = decoded(url, text, 'the name of the primary')
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
    throw new ConfigurationError('url', 'must not name a database: a cluster has only one', withoutPassword(url))
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
  if (target.topology === 'cluster') throw new ConfigurationError('database', 'cannot be chosen: a cluster has only one database', database)
  return { ...target, url: write(target, database), database }
}

function write({ url, directory, options: { path, name } }: Target, database: number): string {
  if (directory !== undefined) return url
  if (path !== undefined) return urlOfSocket(path, database)
  const authority = /^[^/]*\/\/[^/]*/.exec(url)?.[0] ?? ''
  return name === undefined ? `${authority}/${database}` : urlOfSentinels(authority, name, database)
}

/**
 * Fast at first, never slower than a quarter of a second: workers resume within a second of the server's
 * return.
 */
export function reconnectDelay(times: number): number {
  return Math.min(20 * 2 ** Math.min(times - 1, 6), 200) + Math.floor(Math.random() * 50)
}

function parseUnix(url: string): Target {
  const match = /^unix:\/\/(\/[^?]+)(?:\?db=(\d+))?$/.exec(url)
  if (match?.[1] === undefined)
    throw new ConfigurationError('url', 'must be unix:///absolute/path or unix:///absolute/path?db=1', withoutPassword(url))
  return { topology: 'standalone', url, options: { path: decoded(url, match[1], 'its path'), ...databaseOption(url, match[2] ?? '') } }
}

function parseCredentials(url: string, text: string | undefined): RedisOptions {
  if (text === undefined || text === '') return {}
  // Messages are searched for credentials up to one of these.
  if (/[\s'"]/.test(text))
    throw new ConfigurationError('url', 'must percent-encode blanks and quotes in the user and the password', withoutPassword(url))
  const [user = '', ...rest] = text.split(':')
  const username = decoded(url, user, 'user and password')
  // A user who has no password logs in with an empty one, as with ioredis.
  return { ...(username === '' ? {} : { username }), password: decoded(url, rest.join(':'), 'user and password') }
}

function decoded(url: string, text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConfigurationError('url', `must percent-encode ${what}, with %25 for a percent sign`, withoutPassword(url))
  }
}

function parseHosts(url: string, text: string, defaultPort: number): { host: string; port: number }[] {
  return text.split(',').map((entry) => {
    const match = /^(?:\[([^[\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(entry)
    const address = match?.[1]?.replace('%25', '%')
    const host = address ?? match?.[2]
    const port = match?.[3] === undefined ? defaultPort : Number(match[3])
    if (host === undefined || (address !== undefined && !isIPv6(address)) || port > 65_535 || port === 0)
      throw new ConfigurationError('url', `must be ${forms}`, withoutPassword(url))
    return { host, port }
  })
}

function databaseOption(url: string, text: string): RedisOptions {
  if (text === '') return {}
  if (!/^\d{1,4}$/.test(text)) throw new ConfigurationError('url', 'must name the database by its number', withoutPassword(url))
  return { db: Number(text) }
}
