import { CronExpressionParser } from 'cron-parser'

const day = 86_400_000

/** No schedule runs at or after this time: 2100, where Ripen's points in time end. */
export const horizon: number = Date.UTC(2100, 0)

/**
 * A cron expression, for local times. A local time is written as the epoch ms at which a clock in UTC shows it.
 *
 * cron-parser reads the fields only. Its own search for the next time runs an hour of the gap, or of the repeated hour, at other times than Ripen promises.
 */
export class Cron {
  readonly text: string
  /** Whether the hours are listed one by one, instead of by `*`, a range or a step: such a cron runs once in a repeated hour. */
  readonly hasFixedHours: boolean
  readonly #seconds: readonly number[]
  readonly #minutes: readonly number[]
  readonly #hours: readonly number[]
  readonly #months: ReadonlySet<number>
  readonly #matchesDay: (date: Date) => boolean

  /** @throws Error that says what is wrong with the expression. */
  constructor(text: string) {
    const parts = text.trim().split(/\s+/)
    if (parts.length !== 5 && parts.length !== 6) throw new Error('expected 5 or 6 fields')
    // cron-parser takes JANFEB for 12, and H for another number in each process.
    if (/[A-KM-Z]/i.test(text.replace(/\b[A-Z]{3}L?\b/gi, '')))
      throw new Error('expected names of three letters, numbers and * ? , - / L #')
    const fields = CronExpressionParser.parse(text).fields
    this.text = text
    this.hasFixedHours = /^[\d,]+$/.test(parts.at(-4) ?? '')
    this.#seconds = fields.second.values
    this.#minutes = fields.minute.values
    this.#hours = fields.hour.values
    this.#months = new Set(fields.month.values)
    const onDate = dateMatcher(fields.dayOfMonth.values)
    const onWeekday = weekdayMatcher(fields.dayOfWeek.values, fields.dayOfWeek.nthDay)
    const [anyDate, anyWeekday] = [fields.dayOfMonth.isWildcard, fields.dayOfWeek.isWildcard]
    // Two restrictions are alternatives, as in every cron since the one of Version 7 Unix.
    this.#matchesDay = anyDate ? onWeekday : anyWeekday ? onDate : (date) => onDate(date) || onWeekday(date)
    if (this.next(0) === undefined) throw new Error('no date matches it')
  }

  /** The first matching local time that is not before `local`, undefined if there is none before 2100. */
  next(local: number): number | undefined {
    let date = new Date(Math.floor(local / day) * day)
    while (date.getTime() < horizon) {
      if (!this.#months.has(date.getUTCMonth() + 1)) {
        date = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1))
        continue
      }
      const time = this.#matchesDay(date) ? this.#timeOfDay(local - date.getTime()) : undefined
      if (time !== undefined) return date.getTime() + time
      date = new Date(date.getTime() + day)
    }
    return undefined
  }

  /** The first matching time of day, in ms, that is not before `least`. */
  #timeOfDay(least: number): number | undefined {
    for (const hour of this.#hours) {
      if ((hour + 1) * 3_600_000 <= least) continue
      for (const minute of this.#minutes) {
        if ((hour * 60 + minute + 1) * 60_000 <= least) continue
        for (const second of this.#seconds) {
          const time = ((hour * 60 + minute) * 60 + second) * 1_000
          if (time >= least) return time
        }
      }
    }
    return undefined
  }
}

/** Values are days 1–31, and 'L' for the last day of the month. */
function dateMatcher(values: readonly (number | string)[]): (date: Date) => boolean {
  const dates = new Set(values)
  return (date) => dates.has(date.getUTCDate()) || (dates.has('L') && new Date(date.getTime() + day).getUTCDate() === 1)
}

/**
 * Values are days 0–7 from Sunday to Sunday, and '5L' for the last Friday of the month.
 *
 * @param nth which one of the month, as in `FRI#2`; 0: each.
 */
function weekdayMatcher(values: readonly (number | string)[], nth: number): (date: Date) => boolean {
  const each = new Set(values.filter((value) => typeof value === 'number').map((value) => value % 7))
  const last = new Set(values.filter((value) => typeof value === 'string').map((value) => Number(value[0]) % 7))
  return (date) => {
    if (each.has(date.getUTCDay()) && (nth === 0 || Math.ceil(date.getUTCDate() / 7) === nth)) return true
    return last.has(date.getUTCDay()) && new Date(date.getTime() + 7 * day).getUTCMonth() !== date.getUTCMonth()
  }
}
