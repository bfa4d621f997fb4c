import { describe, expect, test } from 'vitest'
import { duration, epochMilliseconds, longestDuration, milliseconds, type Duration } from './duration.ts'
import { ConfigurationError } from '../errors/errors.ts'

/** The error that a call throws; fails when it throws none, or another kind. */
function refusal(call: () => unknown): ConfigurationError {
  let thrown: unknown
  try {
    call()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ConfigurationError)
  return thrown as ConfigurationError
}

describe('text', () => {
  const factors = {
    1: ['ms', 'millisecond', 'milliseconds'],
    1_000: ['s', 'second', 'seconds'],
    60_000: ['m', 'minute', 'minutes'],
    3_600_000: ['h', 'hour', 'hours'],
    86_400_000: ['d', 'day', 'days'],
  }
  test.each(Object.entries(factors).flatMap(([factor, units]) => units.map((unit) => [unit, Number(factor)] as const)))(
    'in %s',
    (unit, factor) => {
      expect(duration(`1${unit}`)).toBe(factor)
      expect(duration(`1 ${unit}`)).toBe(factor)
      expect(duration(`30 ${unit}`)).toBe(30 * factor)
      expect(duration(`2.5 ${unit}`)).toBe(Math.round(2.5 * factor))
      expect(duration(`0 ${unit}`)).toBe(0)
    },
  )

  test.each(
    [
      ['', ' ', '10', 's', 'ten seconds', '10 sekunden', '10 secnds', '10 minuts', '10 hrs', '10 weeks', '10 month', '1 year'],
      // A unit with one letter too many is a typo, whatever a plural may be.
      ['5 mss', '5 ss', '5 hs', '5 ds', '5 secondss', '5 dayss'],
      ['-1 s', '- 1 s', '+1 s', '1e3 s', '0x10 s', '1,5 s', '1. s', '.5 s', 'NaN s', 'Infinity s', '1_000 s'],
      [' 1 s', '1 s ', '1  s', '1\ts', '1 s\n', '1 S', '1 Seconds', '1 s 2 ms', '1h30m', '2026-01-01', '10 constructor', '1 valueof'],
    ].flat(),
  )('%j is refused', (text) => {
    expect(() => duration(text)).toThrow(ConfigurationError)
    expect(() => duration(text)).toThrow(/^duration: must be a duration/)
  })

  test('up to 100 years', () => {
    expect(duration('36525 days')).toBe(longestDuration)
    expect(() => duration('36525.1 days')).toThrow(ConfigurationError)
    expect(() => duration('876601 h')).toThrow(ConfigurationError)
    expect(() => duration(`${'9'.repeat(400)} ms`)).toThrow(ConfigurationError)
  })
})

describe('numbers', () => {
  test('are milliseconds, rounded', () => {
    expect(milliseconds('delay', 0)).toBe(0)
    expect(milliseconds('delay', 1_500)).toBe(1_500)
    expect(milliseconds('delay', 1.5)).toBe(2)
    expect(milliseconds('delay', 0.4)).toBe(0)
    expect(milliseconds('delay', longestDuration)).toBe(longestDuration)
  })

  test.each([-1, -0.001, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, longestDuration + 1, Number.MAX_SAFE_INTEGER])(
    '%d is refused',
    (number) => {
      expect(refusal(() => milliseconds('backoff.delay', number)).option).toBe('backoff.delay')
    },
  )

  test.each([[undefined], [null], [true], [10n], [{}], [[1_000]], [new Date(1_000)], [() => 1]])('%o is no duration', (value) => {
    expect(refusal(() => milliseconds('lease', value as unknown as Duration)).option).toBe('lease')
  })
})

test('an error names the option, the rule and the value', () => {
  const error = refusal(() => milliseconds('lease', '10 sekunden' as Duration))
  expect(error.code).toBe('RIPEN_CONFIGURATION')
  expect(error.option).toBe('lease')
  expect(error.message).toContain("got '10 sekunden'")
  expect(error.message).toContain("'10 seconds'")
})

test('a typo does not compile', () => {
  const right: Duration[] = [10, '10ms', '10 ms', '1.5 hours', '1 day', '2 days', '5m']
  // @ts-expect-error -- a misspelt unit
  const typo: Duration = '10 secnds'
  // @ts-expect-error -- no unit
  const bare: Duration = '10'
  // @ts-expect-error -- a point in time
  const time: Duration = new Date()
  for (const value of right) expect(milliseconds('value', value)).toBeGreaterThan(0)
  for (const value of [typo, bare, time]) expect(() => milliseconds('value', value)).toThrow(ConfigurationError)
})

describe('points in time', () => {
  test('are a Date or epoch milliseconds', () => {
    expect(epochMilliseconds('runAt', 0)).toBe(0)
    expect(epochMilliseconds('runAt', 1_700_000_000_000.4)).toBe(1_700_000_000_000)
    expect(epochMilliseconds('runAt', new Date('2026-11-21T00:00:00Z'))).toBe(Date.UTC(2026, 10, 21))
  })

  test.each([
    [new Date('no date')],
    [new Date(-1)],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [Date.UTC(2100, 0, 1)],
    ['10 s'],
    ['2026-11-21'],
    [undefined],
    [null],
  ])('%o is refused', (value) => {
    expect(refusal(() => epochMilliseconds('runAt', value as number)).option).toBe('runAt')
  })
})
