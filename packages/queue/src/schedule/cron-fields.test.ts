import { expect, test } from 'vitest'
import { parseCronFields } from './cron-fields.ts'
import { between } from './occurrences.ts'
import { parseTiming } from './timing.ts'

test.each<[string, string]>([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  [' @Hourly', '0 * * * *'],
  ['0 0 * * SAT-SUN', '0 0 * * 6-7'],
  ['0 0 * * SAT-SUN', '0 0 * * 6,0'],
  ['0 0 * * 6-0', '0 0 * * 6-7'],
  ['0 0 * * MON-SUN/2', '0 0 * * 1-7/2'],
  ['0 0 * * SUN-SUN', '0 0 * * 0'],
  ['0 0 * * 7-7', '0 0 * * 0'],
  ['0 0 * * 7-2', '0 0 * * SUN-TUE'],
  ['0 0 * * 0-7', '0 0 * * 0-6'],
  ['0 0 * JAN-mar *', '0 0 * 1-3 *'],
  ['05,5,1-5/4 0 * * *', '1,5 0 * * *'],
  ['*/59 * * * *', '0,59 * * * *'],
  ['1/5 */23 * * *', '1-59/5 0,23 * * *'],
  ['6/1 * * * *', '6-59 * * * *'],
  ['59/1 * * * *', '59 * * * *'],
  ['0 0 1 6/3 *', '0 0 1 6,9,12 *'],
  ['0 0 * * 1/2', '0 0 * * 1,3,5,7'],
  ['0 0 * * */2', '0 0 * * 0,2,4,6'],
  ['*/20 * * * * *', '0-59/20 * * * * *'],
])('%s is %s', (given, same) => {
  const times = (cron: string): number[] => between(parseTiming('', { cron }), 0, Date.UTC(2027, 0), Date.UTC(2029, 0), 200)
  expect(times(given)).toEqual(times(same))
  expect(times(given).length).toBeGreaterThan(1)
})

const days = (cron: string): string[] =>
  between(parseTiming('', { cron }), 0, Date.UTC(2027, 0), Date.UTC(2027, 5), 100).map((time) => new Date(time).toISOString().slice(5, 10))

test.each<[string, string[]]>([
  ['0 0 31 * *', ['01-31', '03-31', '05-31']],
  ['0 0 30,L * *', ['01-30', '01-31', '02-28', '03-30', '03-31', '04-30', '05-30', '05-31']],
  ['0 0 * * FRIL', ['01-29', '02-26', '03-26', '04-30', '05-28']],
  ['0 0 * 1-3 FRI#5', ['01-29']],
  ['0 0 * 1-2 MON#1,MON#3', ['01-04', '01-18', '02-01', '02-15']],
  ['0 0 * 1 SAT-SUN', ['01-02', '01-03', '01-09', '01-10', '01-16', '01-17', '01-23', '01-24', '01-30', '01-31']],
  ['0 0 31 2 MON', ['02-01', '02-08', '02-15', '02-22']],
])('%s runs on the days that there are', (cron, expected) => expect(days(cron)).toEqual(expected))

test('every value of a field can be listed, and comes once, in order', () => {
  const all = (least: number, most: number): number[] => Array.from({ length: most - least + 1 }, (_value, i) => least + i)
  const backwards = (least: number, most: number): string => all(least, most).toReversed().join(',')
  const cron = `${backwards(0, 59)} ${backwards(0, 59)} ${backwards(0, 23)} * ${backwards(1, 12)} *`
  expect(parseCronFields(cron)).toEqual({
    seconds: all(0, 59),
    minutes: all(0, 59),
    hours: all(0, 23),
    dates: undefined,
    months: all(1, 12),
    weekdays: undefined,
    hasFixedHours: true,
  })
})
