import { ConfigurationError } from '../errors/errors.ts'

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | `${'millisecond' | 'second' | 'minute' | 'hour' | 'day'}${'' | 's'}`

/**
 * A span of time: milliseconds as a number, or text such as `'250ms'`, `'10 s'`, `'1.5 hours'`. A misspelt
 * unit does not compile.
 */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

const unitMilliseconds: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ...(['millisecond', 'second', 'minute', 'hour', 'day'] as const).flatMap((unit, index): [string, number][] => {
    const factor = [1, 1_000, 60_000, 3_600_000, 86_400_000][index] ?? Number.NaN
    return [
      [unit, factor],
      [`${unit}s`, factor],
    ]
  }),
])

/**
 * The longest duration: 100 years. It keeps every time within what the score of a sorted set holds exactly.
 */
export const longestDuration: number = 36_525 * 86_400_000

/**
 * Parses text of a configuration file or an environment variable into milliseconds.
 *
 * @throws ConfigurationError for an unknown unit, a negative or missing number, or more than 100 years.
 */
export function duration(text: string): number {
  return milliseconds('duration', text as Duration)
}

/**
 * A {@link Duration} as whole milliseconds, rounded.
 *
 * @param option names the option in the error.
 * @throws ConfigurationError for anything but a duration from 0 ms to 100 years.
 */
export function milliseconds(option: string, value: Duration): number {
  const parsed = typeof value === 'number' ? value : typeof value === 'string' ? parseText(value) : Number.NaN
  if (!(parsed >= 0 && parsed <= longestDuration)) {
    throw new ConfigurationError(
      option,
      "must be a duration from 0 to 100 years: milliseconds, or a string such as '10 seconds', '5m' or '2 h'",
      value,
    )
  }
  return Math.round(parsed)
}

function parseText(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]+)$/.exec(text)
  if (match === null) return Number.NaN
  const [, amount, unit] = match as unknown as [string, string, string]
  const factor = unitMilliseconds.get(unit)
  return factor === undefined ? Number.NaN : Number(amount) * factor
}

/**
 * A point in time as whole epoch milliseconds.
 *
 * @throws ConfigurationError for an invalid Date, a duration's text, or a time before 1970 or after 2100.
 */
export function epochMilliseconds(option: string, value: Date | number): number {
  const time = value instanceof Date ? value.getTime() : value
  if (typeof time !== 'number' || !(time >= 0 && time < 4_102_444_800_000)) {
    throw new ConfigurationError(option, 'must be a Date or epoch milliseconds between 1970 and 2100', value)
  }
  return Math.round(time)
}
