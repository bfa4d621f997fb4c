import { ConfigurationError, type Duration } from '@ripen/store'
import { identifier, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import { isRecord, isSpan, isText, type Check } from '../../job/checks.ts'
import type { JobFeature } from '../job-feature.ts'

export interface UniqueOption {
  /** A key that at most one job holds at a time. A string is short for `{ key }`. Default: none. */
  readonly unique?: string | UniqueOptions
}

/**
 * A unique key. If another job holds it, `onConflict` decides what `add` does, on the server, in the same
 * step.
 */
export interface UniqueOptions {
  /** At most 256 bytes of well-formed text, without control characters. */
  readonly key: string
  /**
   * How long the added job holds the key: while it waits, scheduled or ready (`'waiting'`); until it has
   * ended, including between two attempts (`'unfinished'`, the default); or for a duration from now, whatever
   * becomes of the job.
   */
  readonly during?: 'waiting' | 'unfinished' | Duration
  /**
   * What `add` does if another job holds the key:
   *
   * - `'keep'` (default): nothing. The other job stays as it is.
   * - `'replace'`: overwrites the waiting job with the new name, data and options. Its place, due time and
   *   priority stay.
   * - `'debounce'`: overwrites it, including its place, due time and priority.
   *
   * The last two never drop the newest add. If the holder is active, the add waits behind it as `blocked`
   * until the holder has ended, and replaces a job that already waits there. If the holder has ended and
   * holds the key only for a duration, the add takes the key over.
   *
   * `add` returns the job that stays, with `duplicate: true`. An overwritten job gets a full set of attempts.
   */
  readonly onConflict?: 'keep' | 'replace' | 'debounce'
}

/** As a row keeps it: a duration in ms. */
export interface ParsedUnique {
  readonly key: string
  readonly during: 'waiting' | 'unfinished' | number
  readonly onConflict: 'keep' | 'replace' | 'debounce'
}

const during: Rule<ParsedUnique['during']> = (option, value) => {
  if (value === 'waiting' || value === 'unfinished') return value
  if (typeof value === 'string' && !/^\d/.test(value))
    throw new ConfigurationError(option, "must be 'waiting', 'unfinished' or a duration", value)
  return span(1)(option, value)
}

const onConflict: Rule<ParsedUnique['onConflict']> = (option, value) => {
  if (value === 'keepLast')
    throw new ConfigurationError(option, "must be 'replace', which also keeps the newest add while the holder is active", value)
  return oneOf('keep', 'replace', 'debounce')(option, value)
}

const rules = {
  key: identifier,
  during: optional<ParsedUnique['during'], 'unfinished'>(during, 'unfinished'),
  onConflict: optional<ParsedUnique['onConflict'], 'keep'>(onConflict, 'keep'),
}

/** A text is a key with the defaults. */
const rule: Rule<ParsedUnique> = (option, value) =>
  parseOptions('unique', typeof value === 'string' ? { key: value } : value, rules, option)

const isStored: Check = (value) =>
  isRecord(value) &&
  isText(value['key']) &&
  (value['during'] === 'waiting' || value['during'] === 'unfinished' || isSpan(value['during'])) &&
  isText(value['onConflict'])

const words = { waiting: 'w', unfinished: 'u' } as const
const letters = { keep: 'k', replace: 'r', debounce: 'd' } as const

/** A claim, as `added` and `run` read it: `<during> <what a conflict does> <key>`. */
function encode({ key, during, onConflict }: ParsedUnique): string {
  return `${typeof during === 'number' ? during : words[during]} ${letters[onConflict]} ${key}`
}

export const unique: JobFeature<ParsedUnique> = { name: 'unique', varies: true, rule, isStored, encode }
