import { ConfigurationError } from '@ripen/store'
import { longestDuration } from '@ripen/store/internal'
import type { ParsedBackoff } from './backoff.ts'
import type { ParsedJobOptions } from './job-options.ts'
import { deserialize } from './payload.ts'
import type { ParsedUnique } from '../features/unique/unique.ts'

/** What the row keeps of the options. */
export interface StoredOptions {
  readonly delay?: number
  readonly runAt?: number
  readonly attempts?: number
  readonly backoff?: ParsedBackoff
  readonly timeout?: number
  readonly expiresIn?: number
  readonly retain?: { readonly completed?: number | false; readonly failed?: number | false }
  readonly unique?: ParsedUnique
  readonly meta?: Readonly<Record<string, string>>
  /** The schedule that has added the job, and the time of the run. */
  readonly schedule?: { readonly id: string; readonly at: number }
}

export const noOptions: StoredOptions = Object.freeze({})

/** What of the options the row keeps as JSON: id and priority have places of their own, durability is of the add. */
export function storedOptions(options: ParsedJobOptions | undefined): StoredOptions {
  if (options === undefined) return noOptions
  const { id: _id, priority: _priority, durability: _durability, ...stored } = options
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined))
}

type Check = (value: unknown) => boolean

const isSpan: Check = (value) => typeof value === 'number' && value >= 0 && value <= longestDuration
/** Also a time that jitter has put off. */
const isTime: Check = (value) => typeof value === 'number' && value >= 0 && value < 2 ** 43
const isRetention: Check = (value) => value === undefined || value === false || isSpan(value)
const isText: Check = (value) => typeof value === 'string'

/** What each option is in a row that Ripen wrote. Others, of a later version, are left alone. */
const checks: { readonly [Name in keyof StoredOptions]-?: Check } = {
  delay: isSpan,
  runAt: isTime,
  attempts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  backoff: (value) =>
    isRecord(value) &&
    (value['type'] === 'fixed' || value['type'] === 'linear' || value['type'] === 'exponential') &&
    [value['delay'], value['max']].every(isSpan) &&
    [value['factor'], value['jitter']].every(Number.isFinite),
  timeout: isSpan,
  expiresIn: isSpan,
  retain: (value) => isRecord(value) && isRetention(value['completed']) && isRetention(value['failed']),
  unique: (value) =>
    isRecord(value) &&
    isText(value['key']) &&
    (value['during'] === 'waiting' || value['during'] === 'unfinished' || isSpan(value['during'])) &&
    isText(value['onConflict']),
  meta: (value) => isRecord(value) && Object.values(value).every(isText),
  schedule: (value) => isRecord(value) && isText(value['id']) && isTime(value['at']),
}

/**
 * Reads the options of a row.
 *
 * @throws ConfigurationError for what no version of Ripen wrote; SyntaxError for what is no JSON.
 */
export function decodeOptions(text: string): StoredOptions {
  const options = deserialize(text)
  if (!isRecord(options)) throw new ConfigurationError('options', 'of the row must be an object')
  for (const name in options) {
    if (Object.hasOwn(checks, name) && !checks[name as keyof StoredOptions](options[name]))
      throw new ConfigurationError(name, 'of the row is not as Ripen writes it')
  }
  return options
}

/** An object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
