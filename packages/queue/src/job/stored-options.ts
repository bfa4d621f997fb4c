import { ConfigurationError } from '@ripen/store'
import type { ParsedBackoff } from './backoff.ts'
import { isRecord, isSpan, isText, type Check } from './checks.ts'
import { deserialize } from './payload.ts'
import { jobFeaturesByOption, type FeatureOptions } from '../features/job-features.ts'

/** The options that the row keeps. */
export interface StoredOptions extends Partial<FeatureOptions> {
  readonly delay?: number
  readonly runAt?: number
  readonly attempts?: number
  readonly backoff?: ParsedBackoff
  readonly timeout?: number
  readonly retain?: { readonly completed?: number | false; readonly failed?: number | false }
  readonly meta?: Readonly<Record<string, string>>
  /** The schedule that has added the job, and the time of the run. */
  readonly schedule?: { readonly id: string; readonly at: number }
}

export const noOptions: StoredOptions = Object.freeze({})

/** Also a time that jitter has put off. */
const isTime: Check = (value) => typeof value === 'number' && value >= 0 && value < 2 ** 43
const isRetention: Check = (value) => value === undefined || value === false || isSpan(value)

/** The form of each option in a row that Ripen wrote. Unknown options, of a later version, are ignored. */
const ownChecks: { readonly [Name in Exclude<keyof StoredOptions, keyof FeatureOptions>]-?: Check } = {
  delay: isSpan,
  runAt: isTime,
  attempts: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  backoff: (value) =>
    isRecord(value) &&
    (value['type'] === 'fixed' || value['type'] === 'linear' || value['type'] === 'exponential') &&
    [value['delay'], value['max']].every(isSpan) &&
    [value['factor'], value['jitter']].every(Number.isFinite),
  timeout: isSpan,
  retain: (value) => isRecord(value) && isRetention(value['completed']) && isRetention(value['failed']),
  meta: (value) => isRecord(value) && Object.values(value).every(isText),
  schedule: (value) => isRecord(value) && isText(value['id']) && isTime(value['at']),
}
const checks: Readonly<Record<string, Check>> = {
  ...ownChecks,
  ...Object.fromEntries(jobFeaturesByOption.map(([option, { isStored }]) => [option, isStored])),
}

/** Options of rows that were read, by their text: most jobs of a queue have one of a few sets. */
const known = new Map<string, StoredOptions>()
const mostKnown = 1_000
/** Longer texts have values that differ from job to job. */
const longestKnown = 256

/**
 * Reads the options of a row. They are frozen, since jobs share them.
 *
 * @throws ConfigurationError for what no version of Ripen wrote; SyntaxError for what is no JSON.
 */
export function decodeOptions(text: string): StoredOptions {
  let options = known.get(text)
  if (options === undefined) {
    options = readOptions(text)
    if (text.length <= longestKnown) {
      if (known.size === mostKnown) known.clear()
      // A copy: a part of a row would keep all of it, with its data, in memory.
      known.set(Buffer.from(text).toString(), options)
    }
  }
  return options
}

function readOptions(text: string): StoredOptions {
  const options = deserialize(text)
  if (!isRecord(options)) throw new ConfigurationError('options', 'must be an object in the stored row')
  for (const name in options) {
    if (Object.hasOwn(checks, name) && checks[name]?.(options[name]) === false)
      throw new ConfigurationError(name, 'is not in the form that Ripen writes')
  }
  return freezeOptions(options)
}

/** Options that jobs share, and show to the application. */
export function freezeOptions(options: StoredOptions): StoredOptions {
  for (const value of Object.values(options)) Object.freeze(value)
  return Object.freeze(options)
}
