import { describe, expect, test } from 'vitest'
import { between } from './occurrences.ts'
import { timeZone, type Transition } from './time-zone.ts'
import { parseTiming } from './timing.ts'
import table from './zone-transitions.json' with { type: 'json' }

// The independent source: offsets from Python's zoneinfo, and the rule of ScheduleTiming applied to each
// minute of five years. Times are minutes, of UTC or of a local clock.

const perDay = 1_440

interface Row {
  readonly cron: string
  readonly hoursAreFixed: boolean
  readonly matchesMinute: (minuteOfDay: number) => boolean
  readonly matchesDay: (date: Date) => boolean
}

const anyDay = (): boolean => true
const isLastDay = (date: Date): boolean => new Date(date.getTime() + 86_400_000).getUTCDate() === 1

const rows: readonly Row[] = [
  { cron: '30 2 * * *', hoursAreFixed: true, matchesMinute: (m) => m === 150, matchesDay: anyDay },
  { cron: '5 0 * * *', hoursAreFixed: true, matchesMinute: (m) => m === 5, matchesDay: anyDay },
  {
    cron: '0,30,50 1,2,3,23 * * *',
    hoursAreFixed: true,
    matchesMinute: (m) => [0, 30, 50].includes(m % 60) && [1, 2, 3, 23].includes(Math.floor(m / 60)),
    matchesDay: anyDay,
  },
  {
    cron: '0 9 * * MON-FRI',
    hoursAreFixed: true,
    matchesMinute: (m) => m === 540,
    matchesDay: (date) => ![0, 6].includes(date.getUTCDay()),
  },
  { cron: '59 23 L * *', hoursAreFixed: true, matchesMinute: (m) => m === 1_439, matchesDay: isLastDay },
  {
    cron: '15 2 * 3,10 SUN#2',
    hoursAreFixed: true,
    matchesMinute: (m) => m === 135,
    matchesDay: (date) =>
      [2, 9].includes(date.getUTCMonth()) && date.getUTCDay() === 0 && date.getUTCDate() >= 8 && date.getUTCDate() <= 14,
  },
  { cron: '20 * * * *', hoursAreFixed: false, matchesMinute: (m) => m % 60 === 20, matchesDay: anyDay },
  { cron: '*/20 */2 * * *', hoursAreFixed: false, matchesMinute: (m) => m % 20 === 0 && Math.floor(m / 60) % 2 === 0, matchesDay: anyDay },
  { cron: '45 0-3 * * *', hoursAreFixed: false, matchesMinute: (m) => m % 60 === 45 && m < 240, matchesDay: anyDay },
]

const minutesOf = (text: string): number => Date.parse(text) / 60_000

/** The local clock at each minute of UTC from `first`. */
function localClock(offsets: readonly (readonly [string, number])[], first: number, last: number): Int32Array {
  const clock = new Int32Array(last - first)
  offsets.forEach(([at, offset], index) => {
    const next = offsets[index + 1]
    const end = next === undefined ? last : minutesOf(next[0])
    for (let minute = minutesOf(at); minute < end; minute++) clock[minute - first] = minute + offset
  })
  return clock
}

function walk(row: Row, clock: Int32Array, first: number): number[] {
  const minutes = Array.from({ length: perDay }, (_value, minute) => row.matchesMinute(minute))
  const matches = (local: number): boolean =>
    minutes[local % perDay]! && row.matchesDay(new Date(Math.floor(local / perDay) * perDay * 60_000))
  const times: number[] = []
  let shown = clock[0]! - 1
  for (let index = 0; index < clock.length; index++) {
    const local = clock[index]!
    const isRepeated = local <= shown
    let runs = matches(local) && !(isRepeated && row.hoursAreFixed)
    for (let leftOut = shown + 1; leftOut < local; leftOut++) runs ||= matches(leftOut)
    if (runs) times.push(first + index)
    shown = Math.max(shown, local)
  }
  return times
}

/** Comparing all at once would take longer than finding them. */
function firstDifference(found: readonly number[], expected: readonly number[]): unknown {
  const index = Array.from({ length: Math.max(found.length, expected.length) }).findIndex((_value, i) => found[i] !== expected[i])
  const describeTime = (minute: number | undefined): string => (minute === undefined ? 'none' : new Date(minute * 60_000).toISOString())
  return index === -1 ? undefined : { found: describeTime(found[index]), expected: describeTime(expected[index]) }
}

describe.each(table)('$zone from $year', ({ zone, year, offsets }) => {
  const changes = offsets as [string, number][]
  const first = Date.UTC(year, 0) / 60_000
  const last = Date.UTC(year + 5, 0) / 60_000

  test('changes its offset when the tz database says', () => {
    const expected = changes.slice(1).map(([at, after], index): Transition => ({
      at: Date.parse(at),
      before: changes[index]![1] * 60_000,
      after: after * 60_000,
    }))
    const found: Transition[] = []
    let from = first * 60_000
    for (;;) {
      const transition = timeZone(zone)!.firstTransition(from, last * 60_000 - 1)
      if (transition === undefined) break
      found.push(transition)
      from = transition.at
    }
    expect(found).toEqual(expected)
    expect(timeZone(zone)!.offsetAt(first * 60_000)).toBe(changes[0]![1] * 60_000)
  })

  const clock = localClock(changes, first, last)

  test.each(rows)('runs $cron as a walk over all minutes finds', (row) => {
    const timing = parseTiming('', { cron: row.cron, tz: zone })
    const found = between(timing, 0, first * 60_000, last * 60_000 - 1, Infinity).map((time) => time / 60_000)
    const expected = walk(row, clock, first)
    expect(expected.length).toBeGreaterThan(9)
    expect(firstDifference(found, expected)).toBeUndefined()
  })
})
