import type { Cluster, Redis, RedisOptions } from 'ioredis'
import type { Clock } from '../clock/clock.ts'
import { realClock } from '../clock/real-clock.ts'
import { ConfigurationError } from '../errors/errors.ts'
import type { Duration } from './duration.ts'
import { defaultLogger, type Logger } from '../logger.ts'
import { checkEncryption, isClient, ownRedis, ownUrl, type OwnRedis } from '../connection/own-redis.ts'
import { boolean, identifier, integer, logger, name, optional, parseOptions, span, text } from './options.ts'

/** How to reach the server, and how Ripen behaves on it. */
export interface StoreOptions {
  /**
   * Where the server is. Default: `RIPEN_URL`, then `REDIS_URL`, then `'embedded:'`. If `NODE_ENV` is
   * `production`, one of the first two or this option is required.
   */
  readonly url?: string
  /** Names of databases, for {@link Store.database}: `{ persons: 1, things: 2 }`. Default none. */
  readonly names?: Readonly<Record<string, number>>
  /**
   * The first part of every key, except those of sorted sets, whose names are their keys. Stores with
   * different prefixes share nothing else. Default `'ripen'`.
   */
  readonly prefix?: string
  /**
   * More options for ioredis, or your own client: Ripen duplicates it, and never uses or closes it. Default:
   * none.
   */
  readonly redis?: RedisOptions | Redis | Cluster
  /** How long an add, or any other call, waits during an outage. Default 5 s. */
  readonly enqueueTimeout?: Duration
  /** How many connections {@link Store.blocking} hands out at most. Default: no limit. */
  readonly maxBlocking?: number
  /**
   * Opens one store per process for each target, user, database, TLS and prefix, however often it is called,
   * and survives hot reload. Functions and instances of a class in `redis` must be the same object. Default
   * false.
   */
  readonly shared?: boolean
  /** Default: pino on stderr, level `RIPEN_LOG_LEVEL`. */
  readonly logger?: Logger
}

/** The options of a store that its users may see: none that may hold a password. */
export interface SharedOptions {
  readonly names: Readonly<Record<string, number>>
  readonly prefix: string
  readonly enqueueTimeout: number
  readonly maxBlocking: number
  readonly shared: boolean
  readonly logger: Logger
  readonly clock: Clock
}

export interface ParsedStoreOptions extends SharedOptions {
  /** True if no server was named. */
  readonly implied: boolean
  readonly url: string
  readonly redis: OwnRedis | undefined
}

export function parseStoreOptions(target: string | StoreOptions | undefined): ParsedStoreOptions {
  const parsed = parseOptions('StoreOptions', typeof target === 'string' ? { url: target } : target, {
    url: optional(text, undefined),
    names: optional(databaseNames, {}),
    prefix: optional(name, 'ripen'),
    redis: optional(ownRedis, undefined),
    enqueueTimeout: optional(span(1), 5_000),
    maxBlocking: optional(integer(1, 1_000_000), Number.POSITIVE_INFINITY),
    shared: optional(boolean, false),
    logger: optional(logger, undefined),
  })
  if (isClient(parsed.redis) && parsed.url !== undefined)
    throw new ConfigurationError('url', 'cannot be combined with a client in `redis`: give one of the two')
  const given = parsed.url ?? (parsed.redis && ownUrl(parsed.redis)) ?? (process.env['RIPEN_URL'] || process.env['REDIS_URL'] || undefined)
  const url = given ?? embeddedByDefault()
  checkEncryption(url, parsed.redis)
  return { ...parsed, url, implied: given === undefined, logger: parsed.logger ?? defaultLogger(), clock: realClock }
}

/**
 * @throws ConfigurationError in production, where a server that keeps nothing is more often a mistake than a
 *   wish.
 */
function embeddedByDefault(): string {
  if (process.env['NODE_ENV'] === 'production')
    throw new ConfigurationError(
      'url',
      "is required when NODE_ENV is production: pass it, or set RIPEN_URL or REDIS_URL; 'embedded:' starts the embedded server, which keeps nothing after the process exits",
    )
  return 'embedded:'
}

function databaseNames(option: string, value: unknown): Record<string, number> {
  if (typeof value !== 'object' || value === null) throw new ConfigurationError(option, 'must map names to database numbers', value)
  const rule = integer(0, 9_999)
  return Object.fromEntries(Object.entries(value).map(([key, number]) => [identifier(option, key), rule(`${option}.${key}`, number)]))
}
