import { ConfigurationError, type Duration } from '@ripen/store'
import { integer, milliseconds, number, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'

/**
 * How long to wait before the next attempt: a fixed {@link Duration}; `'exponential'` (1 s, doubling up to 1
 * h, jitter 0.2); or an object:
 * - `delay` is the first wait, default 1 s. `fixed` keeps it, `linear` multiplies it by the number of
 *   failures, and `exponential` multiplies it by `factor` (default 2) for each failure after the first.
 * - `jitter` j, default 0, multiplies by a uniform factor in [1 − j, 1 + j]. `max` is applied last; its
 *   default is 1 h, or `delay` if that is longer.
 */
export type Backoff =
  | Duration
  | 'exponential'
  | {
      readonly type: 'fixed' | 'linear' | 'exponential'
      readonly delay?: Duration
      readonly factor?: number
      readonly max?: Duration
      readonly jitter?: number
    }

export interface ParsedBackoff {
  readonly type: 'fixed' | 'linear' | 'exponential'
  readonly delay: number
  readonly factor: number
  readonly max: number
  readonly jitter: number
}

const hour = 3_600_000
export const exponential: ParsedBackoff = { type: 'exponential', delay: 1_000, factor: 2, max: hour, jitter: 0.2 }

const rules = {
  type: oneOf('fixed', 'linear', 'exponential'),
  delay: optional(span(), 1_000),
  factor: optional(number(1, 1_000), 2),
  max: optional(span(), undefined),
  jitter: optional(number(0, 1), 0),
}

export const backoff: Rule<ParsedBackoff> = (option, value) => {
  if (value === 'exponential') return exponential
  if (value === 'fixed' || value === 'linear')
    throw new ConfigurationError(option, `needs a delay: { type: '${value}', delay: '1 s' }`, value)
  if (typeof value === 'object' && value !== null) {
    const { max, ...parsed } = parseOptions('Backoff', value, rules, option)
    return { ...parsed, max: max ?? Math.max(hour, parsed.delay) }
  }
  const delay = milliseconds(option, value as Duration)
  return { type: 'fixed', delay, factor: 1, max: Math.max(delay, hour), jitter: 0 }
}

/**
 * The wait in ms after a failure.
 *
 * @param failures how many attempts have failed, at least 1.
 * @param random uniform in [0, 1).
 */
export function backoffDelay(settings: ParsedBackoff, failures: number, random: number = Math.random()): number {
  const { type, delay, factor, max, jitter } = settings
  const growth = type === 'fixed' ? 1 : type === 'linear' ? failures : factor ** (failures - 1)
  // Far attempts grow beyond all numbers, and Infinity times nothing is none.
  const base = delay === 0 ? 0 : Math.min(delay * growth, Number.MAX_SAFE_INTEGER)
  return Math.round(Math.min(base * (1 + jitter * (2 * random - 1)), max))
}

export const attempts: Rule<number> = integer(1, 1_000_000)
