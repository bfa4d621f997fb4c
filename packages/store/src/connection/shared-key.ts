import { createHash } from 'node:crypto'
import type { ClusterOptions, RedisOptions } from 'ioredis'
import { givenNodes, isCluster, ownOptions } from './own-redis.ts'
import type { ParsedStoreOptions } from '../options/store-options.ts'

/** Where a connection leads, as whom, and what it demands of the other side. */
const decisive = [
  ['host', 'port', 'path', 'family', 'db', 'username', 'password', 'tls', 'Connector', 'natMap'],
  ['sentinels', 'name', 'role', 'preferredSlaves', 'sentinelUsername', 'sentinelPassword', 'sentinelTLS', 'enableTLSForSentinelMode'],
].flat() as (keyof RedisOptions)[]
const decisiveOfCluster: (keyof ClusterOptions)[] = ['natMap', 'dnsLookup', 'useSRVRecords', 'resolveSrv']

/** The same for options that say the same. A digest: it has passwords in it. */
export function sharedKey({ url, prefix, names, redis }: ParsedStoreOptions): string {
  const options = ownOptions(redis)
  const cluster = isCluster(redis) ? [givenNodes(redis), decisiveOfCluster.map((name) => redis.options[name])] : []
  const text = written([url, prefix, names, decisive.map((name) => options[name]), cluster])
  return createHash('sha256').update(text).digest('base64url')
}

function written(value: unknown): string {
  if (typeof value === 'function') return identity(value)
  if (typeof value !== 'object' || value === null) return `${typeof value} ${JSON.stringify(String(value))}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`
  if (Array.isArray(value)) return `[${value.map(written).join()}]`
  if (Object.getPrototypeOf(value) !== Object.prototype) return identity(value)
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return `{${entries
    .map(([key, entry]) => `${JSON.stringify(key)}:${written(entry)}`)
    .toSorted()
    .join()}}`
}

/** Functions of the same text may check different things. On the process, as the shared stores are. */
const identities = ((globalThis as Record<symbol, unknown>)[Symbol.for('ripen.shared-identities')] ??= {
  known: new WeakMap(),
  last: 0,
}) as { readonly known: WeakMap<object, number>; last: number }

function identity(value: object): string {
  let number = identities.known.get(value)
  if (number === undefined) identities.known.set(value, (number = ++identities.last))
  return `object ${number}`
}
