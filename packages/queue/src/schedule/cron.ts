import { describeMissing, parseCronFields, type CronFields, type WeekdayRule } from './cron-fields.ts'

const day = 86_400_000

/** No schedule runs at or after this time: 2100, where Ripen's points in time end. */
export const horizon: number = Date.UTC(2100, 0)

/**
 * A cron expression, for local times. A local time is written as the epoch ms at which a clock in UTC shows
 * it.
 */
export class Cron {
  readonly text: string
  /** Such a cron runs once in a repeated hour. */
  readonly hasFixedHours: boolean
  readonly #fields: CronFields
  readonly #months: ReadonlySet<number>
  readonly #matchesDay: (date: Date) => boolean

  /** @throws Error that says what is wrong with the expression. */
  constructor(text: string) {
    const fields = parseCronFields(text)
    const { dates, weekdays } = fields
    this.text = text
    this.hasFixedHours = fields.hasFixedHours
    this.#fields = fields
    this.#months = new Set(fields.months)
    const onDate = dates && dateMatcher(dates)
    const onWeekday = weekdays && weekdayMatcher(weekdays)
    // Two restrictions are alternatives, as in every cron since the one of Version 7 Unix.
    this.#matchesDay = onDate && onWeekday ? (date) => onDate(date) || onWeekday(date) : (onDate ?? onWeekday ?? (() => true))
    if (this.next(0) === undefined) throw new Error(`no date matches it: ${describeMissing(dates ?? [], fields.months)}`)
  }

  /** ms between two runs, at least. */
  get shortestPeriod(): number {
    return this.#fields.seconds.length > 1 ? 1_000 : 60_000
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
    for (const hour of this.#fields.hours) {
      if ((hour + 1) * 3_600_000 <= least) continue
      for (const minute of this.#fields.minutes) {
        if ((hour * 60 + minute + 1) * 60_000 <= least) continue
        for (const second of this.#fields.seconds) {
          const time = ((hour * 60 + minute) * 60 + second) * 1_000
          if (time >= least) return time
        }
      }
    }
    return undefined
  }
}

function dateMatcher(dates: readonly number[]): (date: Date) => boolean {
  return (date) => dates.includes(date.getUTCDate()) || (dates.includes(0) && new Date(date.getTime() + day).getUTCDate() === 1)
}

function weekdayMatcher(rules: readonly WeekdayRule[]): (date: Date) => boolean {
  return (date) =>
    rules.some(({ days, which }) => {
      if (!days.includes(date.getUTCDay())) return false
      if (which === 'last') return new Date(date.getTime() + 7 * day).getUTCMonth() !== date.getUTCMonth()
      return which === 'each' || Math.ceil(date.getUTCDate() / 7) === which
    })
}
