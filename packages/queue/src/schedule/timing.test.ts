import { ConfigurationError } from '@ripen/store'
import { expect, test } from 'vitest'
import { parseTiming } from './timing.ts'

test('a cron is in UTC unless a zone is given, without bounds', () => {
  expect(parseTiming('', { cron: '0 4 * * *' })).toMatchObject({
    cron: { text: '0 4 * * *' },
    zone: { name: 'UTC' },
    start: undefined,
    end: undefined,
  })
  expect(parseTiming('', { cron: '0 4 * * *', tz: 'Europe/Berlin' })).toMatchObject({ zone: { name: 'Europe/Berlin' } })
})

test('every is a duration, bounds are Dates or epoch ms', () => {
  expect(parseTiming('', { every: '1.5 s', start: new Date(7_000), end: 9_000 })).toEqual({ every: 1_500, start: 7_000, end: 9_000 })
  expect(parseTiming('', { every: 100 })).toEqual({ every: 100, start: undefined, end: undefined })
})

test.each<[string, boolean]>([
  ['0 3 * * *', true],
  ['0 1,3 * * *', true],
  ['0 0 3 * * *', true],
  ['3 * * * *', false],
  ['0 */3 * * *', false],
  ['0 1-3 * * *', false],
  ['0 1,4-5 * * *', false],
  ['0 0 ? * * *', false],
  ['@daily', true],
  ['@hourly', false],
])('the hours of %s are fixed: %s', (cron, hasFixedHours) => expect(parseTiming('', { cron })).toMatchObject({ cron: { hasFixedHours } }))

test.each([
  '0 0 * * FRIL',
  '  0 0 * * sun ',
  '0 0 * jan-MAR mon,WED-fri',
  '0 0 L,15 * *',
  '5/15 8-18/2 ? * 0-7',
  '0\t0 1 1 *',
  '0 0 29 2 *',
  '0 0 31 2 MON',
])('%s is a cron', (cron) => expect(() => parseTiming('', { cron })).not.toThrow())

const month = '0 0 30 2 *'

test.each<[unknown, string, RegExp]>([
  [{}, 'cron', /is required unless every is given/],
  [{ cron: '* * * * *', every: '1 m' }, 'every', /cannot be combined with cron/],
  [{ every: '1 m', tz: 'UTC' }, 'tz', /cannot be combined with every/],
  [{ every: 99 }, 'every', /at least 100 ms, got 99/],
  [{ every: 'soon' }, 'every', /must be a duration/],
  [{ cron: '' }, 'cron', /must be a non-empty string/],
  [{ cron: 5 }, 'cron', /string/],
  [{ cron: '* * * *' }, 'cron', /5 or 6 fields, got '\* \* \* \*'/],
  [{ cron: '* * * * * * *' }, 'cron', /5 or 6 fields/],
  [
    { cron: '@reboot' },
    'cron',
    /expected one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly; for a period, use every/,
  ],
  [{ cron: '@constructor' }, 'cron', /expected one of @yearly/],
  [{ cron: `${'1,'.repeat(600)}1 * * * *` }, 'cron', /at most 1024 characters/],
  [{ cron: '60 * * * *' }, 'cron', /in the minute, '60' is not in its range 0-59/],
  [{ cron: '60 * * * * *' }, 'cron', /in the second, '60' is not in its range 0-59/],
  [{ cron: '0 24 * * *' }, 'cron', /in the hour, '24' is not in its range 0-23/],
  [{ cron: '0 0 0 * *' }, 'cron', /in the day of month, '0' is not in its range 1-31/],
  [{ cron: '0 0 * 13 *' }, 'cron', /in the month, '13' is not in its range 1-12, JAN-DEC/],
  [{ cron: '0 0 * * 8' }, 'cron', /in the weekday, '8' is not in its range 0-7, SUN-SAT/],
  [{ cron: '0 22-2 * * *' }, 'cron', /in the hour, '22-2' goes backwards: write 22-23,0-2/],
  [{ cron: '0 0 * 5-3 *' }, 'cron', /in the month, '5-3' goes backwards: write 5-12,1-3/],
  [{ cron: '0 0 * * FRI-MON' }, 'cron', /in the weekday, 'FRI-MON' goes backwards: write FRI-SAT,SUN-MON/],
  [{ cron: '0 0 * * sat-mon' }, 'cron', /'SAT-MON' goes backwards: write SAT,SUN-MON/],
  [{ cron: '0 0 * * 5-1' }, 'cron', /'5-1' goes backwards: write 5-6,0-1/],
  [{ cron: '*/0 * * * *' }, 'cron', /in the minute, '\*\/0' has a step of 0: expected at least 1/],
  [
    { cron: '*/90 * * * *' },
    'cron',
    /in the minute, '\*\/90' has a step that is larger than its range 0-59: only 0 would match, so write 0, or use every/,
  ],
  [{ cron: '*/60 * * * *' }, 'cron', /in the minute, '\*\/60' has a step that is larger than its range 0-59/],
  [{ cron: '*/60 * * * * *' }, 'cron', /in the second, '\*\/60' has a step/],
  [{ cron: '0 */36 * * *' }, 'cron', /in the hour, '\*\/36' has a step that is larger than its range 0-23/],
  [{ cron: '0 0 */32 * *' }, 'cron', /in the day of month, '\*\/32' has a step that is larger than its range 1-31/],
  [{ cron: '0 0 1 */12 *' }, 'cron', /in the month, '\*\/12' has a step that is larger than its range 1-12/],
  [{ cron: '0 0 * * */7' }, 'cron', /in the weekday, '\*\/7' has a step that is larger than its range 0-6/],
  [{ cron: '0 9-17/10 * * *' }, 'cron', /in the hour, '9-17\/10' has a step that is larger than its range 9-17: only 9/],
  [{ cron: '50/15 * * * *' }, 'cron', /in the minute, '50\/15' has a step that is larger than its range 50-59/],
  [{ cron: 'H * * * *' }, 'cron', /in the minute, 'H' is not in its range 0-59/],
  [{ cron: '1.5 * * * *' }, 'cron', /in the minute, '1.5' is not understood: expected \*, values, ranges/],
  [{ cron: '1,,2 * * * *' }, 'cron', /in the minute, '' is not understood/],
  [{ cron: '1- * * * *' }, 'cron', /is not understood/],
  [{ cron: '*-5 * * * *' }, 'cron', /is not understood/],
  [{ cron: '*/5/2 * * * *' }, 'cron', /is not understood/],
  [{ cron: '0 \u001b[2J * * *' }, 'cron', /in the hour, '\?\[2J' is not understood/],
  [{ cron: '0 0 * JANFEB *' }, 'cron', /in the month, 'JANFEB' is not in its range 1-12, JAN-DEC/],
  [{ cron: '0 0 * 1FEB *' }, 'cron', /is not understood/],
  [{ cron: '0 0 LW * *' }, 'cron', /in the day of month, 'LW' is not in its range/],
  [{ cron: '0 0 15W * *' }, 'cron', /in the day of month, '15W' is not understood: expected .*, or L/],
  [{ cron: '0 0 * * L' }, 'cron', /in the weekday, 'L' is not in its range 0-7/],
  [{ cron: '0 0 * FOO *' }, 'cron', /in the month, 'FOO' is not in its range/],
  [{ cron: '0 0 * * FRI#6' }, 'cron', /in the weekday, 'FRI#6' has no such week: expected # and 1 to 5/],
  [{ cron: month }, 'cron', /must be a cron expression: no date matches it: there is no day 30 in FEB, got '0 0 30 2 \*'/],
  [{ cron: '0 0 31 2 *' }, 'cron', /there is no day 31 in FEB/],
  [{ cron: '0 0 31 4,6,9,11 *' }, 'cron', /there is no day 31 in APR, JUN, SEP, NOV/],
  [{ cron: '* * * * *', tz: 'Europe/Atlantis' }, 'tz', /IANA time zone .*got 'Europe\/Atlantis'/],
  [{ cron: '* * * * *', tz: '+02:00' }, 'tz', /IANA time zone/],
  [{ cron: '* * * * *', start: new Date(Number.NaN) }, 'start', /must be a Date/],
  [{ cron: '* * * * *', start: 5_000, end: 5_000 }, 'end', /must be after start, got 5000/],
  [{ crom: '* * * * *' }, 'crom', /did you mean 'cron'/],
])('%o is refused at %s', (input, option, rule) => {
  const parse = (): unknown => parseTiming('schedules.report', input)
  expect(parse).toThrow(ConfigurationError)
  expect(parse).toThrow(rule)
  expect(parse).toThrow(expect.objectContaining({ option: `schedules.report.${option}` }))
})

test('without a path the option stands alone', () => {
  expect(() => parseTiming('', { every: 1 })).toThrow(/^every: /)
  expect(() => parseTiming('', {})).toThrow(/^cron: /)
})
