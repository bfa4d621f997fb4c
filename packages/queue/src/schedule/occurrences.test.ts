import { describe, expect, test } from 'vitest'
import { after, between, latest } from './occurrences.ts'
import { parseTiming, type ScheduleTiming } from './timing.ts'

const runs = (timing: ScheduleTiming, from: string, until: string): string[] =>
  between(parseTiming('', timing), 0, Date.parse(from), Date.parse(until), 100).map((time) =>
    new Date(time).toISOString().replace(':00.000Z', 'Z').replace('.000Z', 'Z'),
  )

// New York: 02:00 EST becomes 03:00 EDT on 2025-03-09 at 07:00Z, 02:00 EDT becomes 01:00 EST on 2025-11-02 at
// 06:00Z.
describe('when clocks change in New York', () => {
  const spring = (cron: string): string[] => runs({ cron, tz: 'America/New_York' }, '2025-03-09T05:00Z', '2025-03-09T08:30Z')
  const autumn = (cron: string): string[] => runs({ cron, tz: 'America/New_York' }, '2025-11-02T04:00Z', '2025-11-02T07:30Z')

  test.each<[string, string, string[]]>([
    ['a time in the gap runs right after it', '30 2 * * *', ['2025-03-09T07:00Z']],
    ['several times in the gap run once', '*/10 2 * * *', ['2025-03-09T07:00Z']],
    ['one that is there anyway is the same', '0 2,3 * * *', ['2025-03-09T07:00Z']],
    [
      'hours by * run after the gap too',
      '30 * * * *',
      ['2025-03-09T05:30Z', '2025-03-09T06:30Z', '2025-03-09T07:00Z', '2025-03-09T07:30Z', '2025-03-09T08:30Z'],
    ],
    ['seconds at the edge of the gap', '59 59 1,2 * * *', ['2025-03-09T06:59:59Z', '2025-03-09T07:00Z']],
    ['the first time after the gap', '0 3 * * *', ['2025-03-09T07:00Z']],
  ])('%s: %s', (_name, cron, expected) => expect(spring(cron)).toEqual(expected))

  test.each<[string, string, string[]]>([
    ['a fixed hour that comes twice runs the first time', '30 1 * * *', ['2025-11-02T05:30Z']],
    ['so do several in it', '0,20 1,2 * * *', ['2025-11-02T05:00Z', '2025-11-02T05:20Z', '2025-11-02T07:00Z', '2025-11-02T07:20Z']],
    ['hours by * run each real hour', '30 * * * *', ['2025-11-02T04:30Z', '2025-11-02T05:30Z', '2025-11-02T06:30Z', '2025-11-02T07:30Z']],
    ['hours by a range run both times', '0 1-2 * * *', ['2025-11-02T05:00Z', '2025-11-02T06:00Z', '2025-11-02T07:00Z']],
    ['hours by a step run both times', '15 1/2 * * *', ['2025-11-02T05:15Z', '2025-11-02T06:15Z']],
    [
      'seconds at both edges',
      '0,59 0,59 1 * * *',
      ['2025-11-02T05:00Z', '2025-11-02T05:00:59Z', '2025-11-02T05:59Z', '2025-11-02T05:59:59Z'],
    ],
  ])('%s: %s', (_name, cron, expected) => expect(autumn(cron)).toEqual(expected))

  test('asked for in the middle of the second pass, a fixed hour waits for the next day', () => {
    const timing = parseTiming('', { cron: '*/10 1 * * *', tz: 'America/New_York' })
    expect(after(timing, 0, Date.parse('2025-11-02T06:15Z'))).toBe(Date.parse('2025-11-03T06:00Z'))
  })

  test('asked for one millisecond before the end of the gap, the time in it still runs', () => {
    const timing = parseTiming('', { cron: '30 2 * * *', tz: 'America/New_York' })
    const end = Date.parse('2025-03-09T07:00Z')
    expect(after(timing, 0, end - 1)).toBe(end)
    expect(after(timing, 0, end)).toBe(Date.parse('2025-03-10T06:30Z'))
  })
})

test('a day that a zone leaves out runs when the next begins', () => {
  expect(runs({ cron: '0 9,17 * * *', tz: 'Pacific/Apia' }, '2011-12-30T00:00Z', '2011-12-31T00:00Z')).toEqual([
    '2011-12-30T03:00Z',
    '2011-12-30T10:00Z',
    '2011-12-30T19:00Z',
  ])
})

describe('the fields of a cron', () => {
  test.each<[string, string, string, string[]]>([
    ['0 0 29 2 *', '2024-03-01T00:00Z', '2032-12-31T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 29 FEB *', '2096-03-01T00:00Z', '2099-12-31T00:00Z', []],
    ['0 0 L 2 *', '2024-01-01T00:00Z', '2025-12-31T00:00Z', ['2024-02-29T00:00Z', '2025-02-28T00:00Z']],
    ['0 0 * * 5L', '2025-01-01T00:00Z', '2025-03-01T00:00Z', ['2025-01-31T00:00Z', '2025-02-28T00:00Z']],
    ['0 0 * * fri#2', '2025-01-01T00:00Z', '2025-03-01T00:00Z', ['2025-01-10T00:00Z', '2025-02-14T00:00Z']],
    ['0 0 * 2 MON#5', '2000-01-01T00:00Z', '2099-12-31T00:00Z', ['2016-02-29T00:00Z', '2044-02-29T00:00Z', '2072-02-29T00:00Z']],
    ['0 0 13 * FRI', '2025-06-01T00:00Z', '2025-06-20T00:00Z', ['2025-06-06T00:00Z', '2025-06-13T00:00Z', '2025-06-20T00:00Z']],
    ['0 0 13 * ?', '2025-06-01T00:00Z', '2025-06-20T00:00Z', ['2025-06-13T00:00Z']],
    ['0 0 31 4 MON', '2025-04-01T00:00Z', '2025-04-14T00:00Z', ['2025-04-07T00:00Z', '2025-04-14T00:00Z']],
    ['0 0 * JAN 6-7', '2025-01-01T00:00Z', '2025-01-11T00:00Z', ['2025-01-04T00:00Z', '2025-01-05T00:00Z', '2025-01-11T00:00Z']],
    ['*/25 30 12 * * *', '2025-01-01T12:30:01Z', '2025-01-01T12:31Z', ['2025-01-01T12:30:25Z', '2025-01-01T12:30:50Z']],
    ['40/10 0 0 1 1 *', '2025-01-01T00:00Z', '2025-01-02T00:00Z', ['2025-01-01T00:00:40Z', '2025-01-01T00:00:50Z']],
  ])('%s from %s to %s', (cron, from, until, expected) => expect(runs({ cron }, from, until)).toEqual(expected))

  test('a time between two seconds is before the next', () => {
    expect(after(parseTiming('', { cron: '* * * * * *' }), 0, 1_500)).toBe(2_000)
    expect(after(parseTiming('', { cron: '* * * * * *' }), 0, 2_000)).toBe(3_000)
  })
})

describe('every', () => {
  test('counts from the anchor, one period later', () => {
    const timing = parseTiming('', { every: '1 s' })
    expect(between(timing, 250, 0, 3_300, 10)).toEqual([1_250, 2_250, 3_250])
    expect(after(timing, 250, 1_250)).toBe(2_250)
    expect(latest(timing, 250, 0, 1_249)).toBeUndefined()
    expect(latest(timing, 250, 0, 1_250)).toBe(1_250)
  })

  test('counts from start, which is the first occurrence, whatever the anchor', () => {
    const timing = parseTiming('', { every: '1 s', start: 5_000, end: 7_000 })
    for (const anchor of [0, 4_321, 9_999]) expect(between(timing, anchor, 0, 99_000, 10)).toEqual([5_000, 6_000, 7_000])
    expect(after(timing, 0, 4_999)).toBe(5_000)
    expect(after(timing, 0, 7_000)).toBeUndefined()
    expect(latest(timing, 0, 0, 99_000)).toBe(7_000)
  })
})

test('a cron keeps to start and end, both included', () => {
  const timing = parseTiming('', { cron: '0 * * * *', start: new Date('2025-01-01T02:00Z'), end: new Date('2025-01-01T04:00Z') })
  const hours = ['02', '03', '04'].map((hour) => Date.parse(`2025-01-01T${hour}:00Z`))
  expect(between(timing, 0, 0, Date.parse('2026-01-01'), 10)).toEqual(hours)
  expect(latest(timing, 0, 0, Date.parse('2026-01-01'))).toBe(hours[2])
  expect(latest(timing, 0, 0, hours[0]! - 1)).toBeUndefined()
  expect(after(timing, 0, hours[2]!)).toBeUndefined()
})

test('nothing runs from 2100 on', () => {
  const last = Date.parse('2099-12-31T23:59:59Z')
  for (const timing of [{ cron: '* * * * * *' }, { every: 1_000 }]) {
    expect(latest(parseTiming('', timing), 0, last - 5_000, last + 5_000)).toBe(last)
    expect(after(parseTiming('', timing), 0, last)).toBeUndefined()
  }
})
