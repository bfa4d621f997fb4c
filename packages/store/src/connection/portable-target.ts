import { Cluster, Redis, type ClusterNode, type ClusterOptions, type RedisOptions } from 'ioredis'
import { givenNodes, isClient, isCluster, overridden, ownOptions, type OwnRedis } from './own-redis.ts'
import type { Target } from './target.ts'

interface PortableTarget {
  readonly target: Target
  /** Options that cannot be posted, by name. */
  readonly missing: readonly string[]
}

/** Ripen's own take their place, or they concern nobody but the user's client. */
const replaced = new Set(['retryStrategy', 'clusterRetryStrategy', 'clusterNodeRetryStrategy', 'redisOptions', 'scripts'])

/** The target with all that the user's options or client have, in a form that can be posted to a thread. */
export function portableTarget(target: Target, own: OwnRedis | undefined): PortableTarget {
  const missing: string[] = []
  // As with its duplicates, the client's options are complete.
  const all = isClient(own) && !isCluster(own) ? own.options : overridden(target.options, ownOptions(own))
  const options = portableOptions('redis', all, missing) as RedisOptions
  if (!isCluster(own)) return { target: { ...target, options }, missing }
  const clusterOptions = portableOptions('redis', own.options, missing) as ClusterOptions
  const nodes = portable('nodes', givenNodes(own), missing) as readonly ClusterNode[]
  return { target: { ...target, options, clusterOptions, nodes }, missing }
}

/** The thread's ioredis has the same defaults, functions among them. */
function portableOptions(name: string, options: object, missing: string[]): unknown {
  const defaults: Record<string, unknown> = {
    ...new Cluster(['localhost'], { lazyConnect: true }).options,
    ...new Redis({ lazyConnect: true }).options,
  }
  const given = Object.entries(options).filter(([key, value]) => !replaced.has(key) && !isSameFunction(value, defaults[key]))
  return portable(name, Object.fromEntries(given), missing)
}

/** By its text as well: another copy of ioredis has other objects. */
function isSameFunction(one: unknown, other: unknown): boolean {
  if (typeof one !== 'function' || typeof other !== 'function') return false
  return one === other || (String(one) === String(other) && !String(one).includes('[native code]'))
}

/**
 * The part of a value that can be posted to a thread: no functions, and no instances of a class except bytes
 * (certificates).
 */
function portable(name: string, value: unknown, missing: string[]): unknown {
  if (value === null || value instanceof Uint8Array || !['object', 'function', 'symbol'].includes(typeof value)) return value
  if (Array.isArray(value)) return value.map((entry, index) => portable(`${name}.${index}`, entry, missing))
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, portable(`${name}.${key}`, entry, missing)]))
  missing.push(name)
  return undefined
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
