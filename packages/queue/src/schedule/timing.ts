import { ConfigurationError, type Duration } from '@ripen/store'
import { describeError, epochMilliseconds, optional, parseOptions, span, text, type Rule } from '@ripen/store/internal'
import { Cron } from './cron.ts'
import { timeZone, type TimeZone } from './time-zone.ts'

/** When a schedule runs: `cron` or `every`, one of the two. */
export interface ScheduleTiming {
  /**
   * Minute, hour, day of month, month and weekday, with the second before them if there are 6 fields; or `@yearly` (`@annually`), `@monthly`, `@weekly`, `@daily` (`@midnight`), `@hourly`.
   *
   * - A field is a list of `*` (or `?`), values, ranges `8-17`, and steps of these, as in `0-30/10`; `5/15` goes from 5 to the end. Capitals do not matter.
   * - Months are 1–12 or `JAN`–`DEC`, weekdays 0–7 or `SUN`–`SAT`: Sunday is 0, and at the end of a range 7, so `SAT-SUN` is `6-7`.
   * - `L` is the last day of the month, `5L` its last Friday, `5#2` its second one. A day that a month does not have is left out.
   * - When both days are restricted, either may match; `*` and `?` alone do not restrict.
   * - Refused are a step that is larger than its range (90 minutes), a range that goes backwards (`22-2`, `FRI-MON`), what no date matches (`0 0 31 2 *`), and `W` and `H`.
   *
   * Local times that are left out when clocks go forward run at the first instant after the gap, once. Those that come twice when clocks go back run once if the hours are listed one by one, and both times if they are
   * given by `*`, a range or a step.
   */
  readonly cron?: string
  /** A period of at least 100 ms. It counts from `start`, which then is the first occurrence, or from the making of the schedule, with the first occurrence one period later. */
  readonly every?: Duration
  /** The IANA time zone of `cron`. Default `'UTC'`. */
  readonly tz?: string
  /** Nothing runs before this time; a Date or epoch ms. Default: no bound. */
  readonly start?: Date | number
  /** Nothing runs after this time; a Date or epoch ms, after `start`. Default: 2100. */
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
 * @throws ConfigurationError that names the option, its rule and the value: also for a cron that no date matches, such as 30 February.
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
