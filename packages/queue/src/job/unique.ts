import { ConfigurationError, type Duration } from '@ripen/store'
import { identifier, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'

/** A unique key: while one job holds it, an add with that key is decided by `onConflict`, on the server, in the step that would add. */
export interface UniqueOptions {
  /** At most 256 bytes, no control characters. */
  readonly key: string
  /**
   * How long the job that is added holds the key: while it waits (scheduled or ready), until it has ended, or for a time from now, whatever becomes of it. Default `'unfinished'`, which is
   * also between two attempts.
   */
  readonly during?: 'waiting' | 'unfinished' | Duration
  /**
   * What an add does that finds the key held; but for `'keep'` it changes the job that waits, if one does:
   *
   * - `'keep'`: nothing.
   * - `'replace'`: name, data and options become those of the add; place, due time and priority stay.
   * - `'debounce'`: the same, and place, due time and priority become those of the add, too.
   * - `'keepLast'`: as `'replace'`; while the holder is active the add waits behind it as `blocked` until it has ended. Not with other values of `during`.
   *
   * Whatever stays is what `add` answers with, with `duplicate: true`. A job that is changed has a full set of attempts. Default `'keep'`.
   */
  readonly onConflict?: 'keep' | 'replace' | 'debounce' | 'keepLast'
}

/** As a row keeps it: a duration in ms. */
export interface ParsedUnique {
  readonly key: string
  readonly during: 'waiting' | 'unfinished' | number
  readonly onConflict: 'keep' | 'replace' | 'debounce' | 'keepLast'
}

const during: Rule<ParsedUnique['during']> = (option, value) => {
  if (value === 'waiting' || value === 'unfinished') return value
  if (typeof value === 'string' && !/^\d/.test(value))
    throw new ConfigurationError(option, "must be 'waiting', 'unfinished' or a duration", value)
  return span(1)(option, value)
}

const rules = {
  key: identifier,
  during: optional<ParsedUnique['during'], 'unfinished'>(during, 'unfinished'),
  onConflict: optional<ParsedUnique['onConflict'], 'keep'>(oneOf('keep', 'replace', 'debounce', 'keepLast'), 'keep'),
}

/** A text is a key with the defaults. */
export const unique: Rule<ParsedUnique> = (option, value) => {
  const parsed =
    typeof value === 'string' ? parseOptions('unique', { key: value }, rules, option) : parseOptions('unique', value, rules, option)
  if (parsed.onConflict === 'keepLast' && parsed.during !== 'unfinished')
    throw new ConfigurationError(`${option}.onConflict`, "must not be 'keepLast' unless during is 'unfinished'", parsed.onConflict)
  return parsed
}

const words = { waiting: 'w', unfinished: 'u' } as const
const letters = { keep: 'k', replace: 'r', debounce: 'd', keepLast: 'l' } as const

/** As `lua/add.lua` reads it: `<during> <what a conflict does> <key>`. */
export function encodeClaim(given: ParsedUnique | undefined): string {
  if (given === undefined) return ''
  const { key, during, onConflict } = given
  return `${typeof during === 'number' ? during : words[during]} ${letters[onConflict]} ${key}`
}
