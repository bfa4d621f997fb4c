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
])('the hours of %s are fixed: %s', (cron, hasFixedHours) => expect(parseTiming('', { cron })).toMatchObject({ cron: { hasFixedHours } }))

test.each(['0 0 * * FRIL', '  0 0 * * sun ', '0 0 * jan-MAR mon,WED-fri', '0 0 L,15 * *', '5/15 8-18/2 ? * 0-7', '0\t0 1 1 *'])(
  '%s is a cron',
  (cron) => expect(() => parseTiming('', { cron })).not.toThrow(),
)

const month = '0 0 30 2 *'

test.each<[unknown, string, RegExp]>([
  [{}, 'cron', /must be given, or every/],
  [{ cron: '* * * * *', every: '1 m' }, 'every', /not be given together with cron/],
  [{ every: '1 m', tz: 'UTC' }, 'tz', /not be given together with every/],
  [{ every: 99 }, 'every', /at least 100 ms, got 99/],
  [{ every: 'soon' }, 'every', /must be a duration/],
  [{ cron: '' }, 'cron', /text that is not empty/],
  [{ cron: 5 }, 'cron', /text/],
  [{ cron: '* * * *' }, 'cron', /5 or 6 fields, got '\* \* \* \*'/],
  [{ cron: '* * * * * * *' }, 'cron', /5 or 6 fields/],
  [{ cron: '@daily' }, 'cron', /5 or 6 fields/],
  [{ cron: '60 * * * *' }, 'cron', /expected range 0-59/],
  [{ cron: '0 24 * * *' }, 'cron', /expected range 0-23/],
  [{ cron: '0 22-2 * * *' }, 'cron', /min\(22\) > max\(2\)/],
  [{ cron: '*/0 * * * *' }, 'cron', /cannot repeat/],
  [{ cron: '0 0 * * 8' }, 'cron', /expected range 0-7/],
  [{ cron: 'H * * * *' }, 'cron', /names of three letters/],
  [{ cron: '0 0 * JANFEB *' }, 'cron', /names of three letters/],
  [{ cron: '0 0 * 1FEB *' }, 'cron', /names of three letters/],
  [{ cron: '0 0 LW * *' }, 'cron', /names of three letters/],
  [{ cron: '0 0 * FOO *' }, 'cron', /cannot resolve alias/],
  [{ cron: '0 0 * * FRI#6' }, 'cron', /occurrence number/],
  [{ cron: '0 0 * * FRI#2,MON' }, 'cron', /incompatible/],
  [{ cron: month }, 'cron', /must be a cron expression: .*got '0 0 30 2 \*'/],
  [{ cron: '0 0 31 4,6,9,11 *' }, 'cron', /must be a cron expression/],
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
