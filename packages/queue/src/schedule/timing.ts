import { ConfigurationError, type Duration } from '@ripen/store'
import { describeError, epochMilliseconds, optional, parseOptions, span, text, type Rule } from '@ripen/store/internal'
import { Cron } from './cron.ts'
import { timeZone, type TimeZone } from './time-zone.ts'

/** When a schedule runs: either `cron` or `every`. */
export interface ScheduleTiming {
  /**
   * Minute, hour, day of month, month and weekday; with 6 fields, the second comes first. Or `@yearly`
   * (`@annually`), `@monthly`, `@weekly`, `@daily` (`@midnight`), `@hourly`.
   *
   * - A field is a list of `*` (or `?`), values, ranges such as `8-17`, and steps such as `0-30/10`; `5/15`
   *   goes from 5 to the end. Case does not matter.
   * - Months are 1–12 or `JAN`–`DEC`. Weekdays are 0–7 or `SUN`–`SAT`: Sunday is 0, or 7 at the end of a
   *   range, so `SAT-SUN` is `6-7`.
   * - `L` is the last day of the month, `5L` its last Friday, `5#2` its second one. A day that a month does
   *   not have is left out.
   * - If both day fields are restricted, either may match. `*` and `?` alone do not restrict.
   * - These are refused: a step larger than its range (every 90 minutes), a range that goes backwards
   *   (`22-2`, `FRI-MON`), a date that never comes (`0 0 31 2 *`), and `W` and `H`.
   *
   * When clocks go forward, runs in the missing hour happen once, at the first instant after the gap. When
   * clocks go back, runs in the repeated hour happen twice if the hour field is `*`, a range or a step, and
   * once if its hours are listed.
   */
  readonly cron?: string
  /**
   * A period of at least 100 ms. With `start`, the first run is at `start`. Without it, the first run is one
   * period after the schedule was created.
   */
  readonly every?: Duration
  /** The IANA time zone of `cron`. Default `'UTC'`. */
  readonly tz?: string
  /** No run before this time, a Date or epoch ms. Default: no limit. */
  readonly start?: Date | number
  /** No run after this time, a Date or epoch ms, later than `start`. Default: the year 2100. */
  readonly end?: Date | number
}

interface Bounds {
  readonly start: number | undefined
  readonly end: number | undefined
}

interface CronTiming extends Bounds {
  readonly cron: Cron
  readonly zone: TimeZone
}

/** The period in ms. */
export interface EveryTiming extends Bounds {
  readonly every: number
}

export type ParsedTiming = CronTiming | EveryTiming

const cron: Rule<Cron> = (option, value) => {
  const expression = text(option, value)
  try {
    return new Cron(expression)
  } catch (error) {
    throw new ConfigurationError(option, `must be a cron expression: ${describeError(error).message}`, value)
  }
}

const zone: Rule<TimeZone> = (option, value) => {
  const known = timeZone(text(option, value))
  if (known === undefined) throw new ConfigurationError(option, "must be an IANA time zone such as 'Europe/Berlin'", value)
  return known
}

const time: Rule<number> = (option, value) => epochMilliseconds(option, value as Date | number)

const rules = {
  cron: optional(cron, undefined),
  every: optional(span(100), undefined),
  tz: optional(zone, undefined),
  start: optional(time, undefined),
  end: optional(time, undefined),
}

/**
 * @param path where the options stand, for errors: `schedules.report`; '' for none.
 * @throws ConfigurationError that names the option, its rule and the value: also for a cron that no date
 *   matches, such as 30 February.
 */
export function parseTiming(path: string, input: unknown): ParsedTiming {
  const { cron, every, tz, start, end } = parseOptions('ScheduleTiming', input, rules, path)
  const option = (name: string): string => (path === '' ? name : `${path}.${name}`)
  if (start !== undefined && end !== undefined && end <= start) throw new ConfigurationError(option('end'), 'must be after start', end)
  if (every === undefined) {
    if (cron === undefined) throw new ConfigurationError(option('cron'), 'is required unless every is given')
    return { cron, zone: tz ?? zone(option('tz'), 'UTC'), start, end }
  }
  if (cron !== undefined) throw new ConfigurationError(option('every'), 'cannot be combined with cron', every)
  if (tz !== undefined) throw new ConfigurationError(option('tz'), 'cannot be combined with every', tz.name)
  return { every, start, end }
}
