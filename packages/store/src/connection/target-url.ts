import type { ClusterNode, RedisOptions } from 'ioredis'
import { resolve } from 'node:path'
import { ConfigurationError } from '../errors/errors.ts'

/**
 * Writes options as the URL that leads to the same server; `parseTarget` reads it back. Certificates and
 * other details have no place in it.
 */
export function urlOfOptions(options: RedisOptions): string {
  const { path, host, port, db, tls, sentinels, name } = options
  if (sentinels) return urlOfSentinels(`redis+sentinel://${access(options)}${sentinels.map(hostAndPort(26_379)).join(',')}`, name ?? '', db)
  if (path) return urlOfSocket(resolve(path), db)
  return `${tls ? 'rediss' : 'redis'}://${access(options)}${hostAndPort(6379)({ host, port })}${db ? `/${db}` : ''}`
}

export function urlOfCluster(options: RedisOptions, nodes: readonly ClusterNode[]): string {
  const written = nodes.map((node) => {
    // Options of a single node stay with the client.
    if (typeof node === 'string')
      return node
        .replace(/^(?:\w+:)?\/\//, '')
        .replace(/^.*@/, '')
        .replace(/[/?].*$/, '')
    return hostAndPort(6379)(typeof node === 'number' ? { port: node } : node)
  })
  return `redis+cluster://${access(options)}${written.join(',') || 'localhost:6379'}`
}

/** @param authority all before the name of the primary. */
export function urlOfSentinels(authority: string, name: string, db?: number): string {
  return `${authority}/${encoded('redis.name', name)}${db ? `/${db}` : ''}`
}

/** @param path absolute. What would end it in a URL is escaped. */
export function urlOfSocket(path: string, db?: number): string {
  return `unix://${path
    .split('/')
    .map((segment) => encoded('redis.path', segment))
    .join('/')}${db ? `?db=${db}` : ''}`
}

function access({ username, password }: RedisOptions): string {
  if (!username && !password) return ''
  const secret = password ? `:${encoded('redis.password', password, false)}` : ''
  return `${encoded('redis.username', username ?? '')}${secret}@`
}

function hostAndPort(defaultPort: number): (address: { host?: string | undefined; port?: number | undefined }) => string {
  return ({ host = 'localhost', port = defaultPort }) =>
    // The zone of an address begins with a percent sign.
    `${host.includes(':') ? `[${host.replace('%', '%25')}]` : host}:${port}`
}

/** @param shown whether an error may show the text. */
function encoded(option: string, text: string, shown = true): string {
  try {
    return encodeURIComponent(text)
  } catch {
    const rule = 'must be well-formed text: it has half of a surrogate pair'
    throw shown ? new ConfigurationError(option, rule, text) : new ConfigurationError(option, rule)
  }
}
