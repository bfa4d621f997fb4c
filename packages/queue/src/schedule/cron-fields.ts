const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  /** Of the values from `least` on. */
  readonly names: readonly string[]
}

const second: Field = { name: 'second', least: 0, most: 59, names: [] }
const minute: Field = { name: 'minute', least: 0, most: 59, names: [] }
const hour: Field = { name: 'hour', least: 0, most: 23, names: [] }
const dayOfMonth: Field = { name: 'day of month', least: 1, most: 31, names: [] }
const month: Field = { name: 'month', least: 1, most: 12, names: months }
/** Sunday begins the week as 0, and ends it as 7. */
const weekday: Field = { name: 'weekday', least: 0, most: 7, names: weekdays }

const shortForms: Readonly<Record<string, string>> = {
  '@YEARLY': '0 0 1 1 *',
  '@ANNUALLY': '0 0 1 1 *',
  '@MONTHLY': '0 0 1 * *',
  '@WEEKLY': '0 0 * * 0',
  '@DAILY': '0 0 * * *',
  '@MIDNIGHT': '0 0 * * *',
  '@HOURLY': '0 * * * *',
}

/** Some days of the week: each of them, the last, or the nth of a month. */
export interface WeekdayRule {
  /** 0 is Sunday. */
  readonly days: readonly number[]
  readonly which: 'each' | 'last' | number
}

/** The parsed fields of a cron expression, with values in ascending order. */
export interface CronFields {
  readonly seconds: readonly number[]
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  /** Undefined: any. 0 is the last day of the month. */
  readonly dates: readonly number[] | undefined
  readonly months: readonly number[]
  /** Undefined: any. */
  readonly weekdays: readonly WeekdayRule[] | undefined
  /** Whether the hours are listed one by one, instead of by `*`, a range or a step. */
  readonly hasFixedHours: boolean
}

/** @throws Error that says what is wrong with which field. */
export function parseCronFields(text: string): CronFields {
  if (text.length > 1_024) throw new Error('expected at most 1024 characters')
  const given = text.trim().toUpperCase()
  if (given.startsWith('@') && shortForms[given] === undefined)
    throw new Error(`expected one of ${Object.keys(shortForms).join(', ').toLowerCase()}; for a period, use every instead of cron`)
  const parts = (shortForms[given] ?? given).split(/\s+/)
  if (parts.length !== 5 && parts.length !== 6) throw new Error('expected 5 or 6 fields')
  if (parts.length === 5) parts.unshift('0')
  const [seconds, minutes, hours, dates, inMonths, days] = parts as [string, string, string, string, string, string]
  return {
    seconds: valuesOf(second, seconds),
    minutes: valuesOf(minute, minutes),
    hours: valuesOf(hour, hours),
    dates: isAny(dates) ? undefined : ascending(dates.split(',').flatMap((item) => (item === 'L' ? 0 : itemOf(dayOfMonth, item)))),
    months: valuesOf(month, inMonths),
    weekdays: isAny(days) ? undefined : days.split(',').map(weekdayRule),
    hasFixedHours: /^[\d,]+$/.test(hours),
  }
}

/** With the days that there are not, for a cron that never runs. */
export function describeMissing(dates: readonly number[], inMonths: readonly number[]): string {
  return `there is no day ${dates.join(' or ')} in ${inMonths.map((value) => months[value - 1]).join(', ')}`
}

function isAny(text: string): boolean {
  return text === '*' || text === '?'
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

function valuesOf(field: Field, text: string): number[] {
  return ascending(text.split(',').flatMap((item) => itemOf(field, item)))
}

function weekdayRule(item: string): WeekdayRule {
  const [, day, mark, nth = ''] = /^([A-Z]{3}|\d+)(?:(L)|#(\d+))$/.exec(item) ?? []
  if (day === undefined) return { days: itemOf(weekday, item).map((value) => value % 7), which: 'each' }
  const days = [valueOf(weekday, day) % 7]
  if (mark !== undefined) return { days, which: 'last' }
  if (!/^[1-5]$/.test(nth)) throw wrong(weekday, item, 'has no such week: expected # and 1 to 5')
  return { days, which: Number(nth) }
}

/**
 * The values of one item of a list: `*`, a value or a range, all but a single value perhaps with a step; a
 * value with a step is a range to the end.
 */
function itemOf(field: Field, item: string): number[] {
  const match = /^(?:[*?]|([A-Z]+|\d+)(?:-([A-Z]+|\d+))?)(?:\/(\d+))?$/.exec(item)
  if (match === null) throw wrong(field, item, `is not understood: expected *, values, ranges as 1-5 and steps as */2${extras(field)}`)
  const [, from, to, by] = match
  let least = from === undefined ? field.least : valueOf(field, from)
  let most = from === undefined || (to === undefined && by !== undefined) ? field.most : valueOf(field, to ?? from)
  if (field === weekday && to === undefined && least === 0 && most === 7) most = 6
  if (field === weekday && to !== undefined) {
    if (least === 7 && most !== 7) least = 0
    if (least > 0 && most === 0) most = 7
  }
  if (least > most) throw wrong(field, item, `goes backwards: write ${twoRanges(field, from as string, to as string)}`)
  const step = Number(by ?? 1)
  if (step === 0) throw wrong(field, item, 'has a step of 0: expected at least 1')
  if (step > 1 && step > most - least)
    throw wrong(
      field,
      item,
      `has a step that is larger than its range ${least}-${most}: only ${least} would match, so write ${least}, or use every for a period`,
    )
  const values: number[] = []
  for (let value = least; value <= most; value += step) values.push(value)
  return values
}

function valueOf(field: Field, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : field.names.indexOf(text) + field.least
  if (value < field.least || value > field.most || (!/^\d/.test(text) && !field.names.includes(text)))
    throw wrong(
      field,
      text,
      `is not in its range ${field.least}-${field.most}${field.names.length === 0 ? '' : `, ${field.names[0]}-${field.names.at(-1)}`}`,
    )
  return value
}

/** The two ranges that a backwards range stands for. */
function twoRanges(field: Field, from: string, to: string): string {
  const isNamed = /^[A-Z]/.test(from)
  const [last, first] = isNamed ? [field.names.at(-1), field.names[0]] : [field === weekday ? 6 : field.most, field.least]
  return `${from === String(last) ? from : `${from}-${last}`},${to === String(first) ? to : `${first}-${to}`}`
}

function extras({ name }: Field): string {
  if (name === dayOfMonth.name) return ', or L'
  return name === weekday.name ? ', or a day with L or # as 5L and 5#2' : ''
}

/** The given text is shown in a form that cannot harm a terminal. */
function wrong({ name }: Field, item: string, rule: string): Error {
  return new Error(`in the ${name}, '${item.slice(0, 40).replaceAll(/[^!-~]/g, '?')}' ${rule}`)
}
