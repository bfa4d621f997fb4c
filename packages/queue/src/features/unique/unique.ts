import { ConfigurationError, type Duration } from '@ripen/store'
import { identifier, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import { isRecord, isSpan, isText, type Check } from '../../job/checks.ts'
import type { JobFeature } from '../job-feature.ts'

export interface UniqueOption {
  /** A key that at most one job holds at a time; a text is `{ key }`. */
  readonly unique?: string | UniqueOptions
}

/** A unique key: while one job holds it, an add with that key is decided by `onConflict`, on the server, in the step that would add. */
export interface UniqueOptions {
  /** At most 256 bytes of well-formed text, no control characters. */
  readonly key: string
  /**
   * How long the job that is added holds the key: while it waits (scheduled or ready), until it has ended, or for a time from now, whatever becomes of it. Default `'unfinished'`, which is
   * also between two attempts.
   */
  readonly during?: 'waiting' | 'unfinished' | Duration
  /**
   * What becomes of an add that finds the key held:
   *
   * - `'keep'`: nothing, the job that is there stays as it is.
   * - `'replace'`: the job that waits becomes what was added: name, data and options. Its place, due time and priority stay.
   * - `'debounce'`: the same, and place, due time and priority become those of the add, too.
   *
   * The last two never drop what is newest. While the holder is active the add waits behind it, as `blocked`, until it has ended, and takes the place of one that waits there already. When
   * the holder has ended, and holds the key only for a time yet, the add takes the key over.
   *
   * Whatever stays is what `add` answers with, with `duplicate: true`. A job that is changed has a full set of attempts. Default `'keep'`.
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

export const unique: JobFeature<ParsedUnique> = { name: 'unique', rule, isStored, encode }
