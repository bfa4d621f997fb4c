import { longestDuration } from './options/duration.ts'
import { ConfigurationError } from './errors/errors.ts'
import { optional, parseOptions, text } from './options/options.ts'
import { connect } from './open-store.ts'
import type { Store } from './store.ts'
import { parseTarget } from './connection/target.ts'
import type { RedisOptions } from 'ioredis'

/**
 * A connected store from flat configuration, with the keys of baseplate's `pool_from_config`:
 * `<prefix>url` (required), `<prefix>max_connections`, `<prefix>socket_timeout`,
 * `<prefix>socket_connect_timeout`. An empty value counts as absent; other keys are ignored. Timespans are
 * `<int> <unit>` with millisecond(s) to day(s), as in baseplate.
 *
 * @param options.prefix default `'redis.'`; must end with a dot.
 * @throws ConfigurationError that names the full key; ConnectionError when the server does not answer.
 */
export async function storeFromConfig(config: Record<string, string | undefined>, options: { prefix?: string } = {}): Promise<Store> {
  const { prefix } = parseOptions('storeFromConfig options', options, { prefix: optional(text, 'redis.') })
  if (!prefix.endsWith('.')) throw new ConfigurationError('prefix', 'must end with a dot', prefix)
  const value = (key: string): string | undefined => config[`${prefix}${key}`] || undefined
  const url = value('url')
  if (url === undefined) throw new ConfigurationError(`${prefix}url`, 'no value specified')
  checkUrl(`${prefix}url`, url)
  const socketTimeout = timespan(`${prefix}socket_timeout`, value('socket_timeout'))
  const connectTimeout = timespan(`${prefix}socket_connect_timeout`, value('socket_connect_timeout'))
  const maxConnections = wholeNumber(`${prefix}max_connections`, value('max_connections'))
  const redis: RedisOptions = {
    ...(socketTimeout === undefined ? {} : { socketTimeout }),
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
  }
  return connect({ url, redis, ...(maxConnections === undefined ? {} : { maxBlocking: maxConnections }) })
}

const unitMilliseconds = new Map([
  ['millisecond', 1],
  ['second', 1_000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
])

/**
 * Baseplate's strict timespan: exactly `<int> <unit>`, case-sensitive, a trailing s allowed. Answers ms.
 *
 * @throws ConfigurationError for anything else, negative numbers included.
 */
function timespan(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [amount = '', unit = '', ...more] = text.split(/\s+/)
  const factor = unitMilliseconds.get(unit.replace(/s$/, ''))
  if (!/^\d+$/.test(amount) || factor === undefined || more.length > 0)
    throw new ConfigurationError(key, "must be '<whole number> <unit>' with millisecond(s), second(s), minute(s), hour(s) or day(s)", text)
  const milliseconds = Number(amount) * factor
  if (milliseconds > longestDuration) throw new ConfigurationError(key, 'must be at most 100 years', text)
  return milliseconds
}

function wholeNumber(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new ConfigurationError(key, 'must be a whole number from 1 to 999,999', text)
  return Number(text)
}

/** @throws ConfigurationError with the full key for a URL that is none. */
function checkUrl(key: string, url: string): void {
  try {
    parseTarget(url)
  } catch (error) {
    // The same rule, under the name that the key has here.
    const rule = error instanceof ConfigurationError ? error.message.replace(/^url: /, '') : undefined
    throw new ConfigurationError(key, rule ?? 'must be the URL of a server, as connect() takes it')
  }
}
