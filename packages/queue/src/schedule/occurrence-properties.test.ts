import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { after, between, latest } from './occurrences.ts'
import { parseTiming } from './timing.ts'

const zones = [
  'UTC',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Kolkata',
  'Antarctica/Troll',
]
const field = (least: number, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: 2, max: Math.min(9, most - least) }).map((step) => `*/${step}`),
    fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 }).map((values) => values.join(',')),
  )
const cron = fc
  .tuple(
    field(0, 59),
    field(0, 59),
    field(0, 23),
    fc.constantFrom('*', '*', '1', 'L', '9-15'),
    fc.constantFrom('*', '*', '3-4', '10,11'),
    field(0, 6),
  )
  .map((fields) => fields.join(' '))
const anchor = Date.UTC(2024, 0)
// Near the changes of clocks, where mistakes are.
const origin = fc
  .constantFrom('2024-03-10T06:30Z', '2024-11-03T05:10Z', '2024-04-06T14:45Z', '2024-09-08T03:40Z', '2024-06-01T00:00Z')
  .map((text) => Date.parse(text))
const bounds = fc.record({
  start: fc.option(origin, { nil: undefined }),
  length: fc.option(fc.integer({ min: 1, max: 400 * 86_400_000 }), { nil: undefined }),
})
const timing = fc
  .tuple(
    fc.oneof(fc.record({ cron, tz: fc.constantFrom(...zones) }), fc.record({ every: fc.integer({ min: 100, max: 10 * 86_400_000 }) })),
    bounds,
  )
  .map(([rule, { start, length }]) =>
    parseTiming('', { ...rule, ...(start === undefined ? {} : { start, ...(length === undefined ? {} : { end: start + length }) }) }),
  )
const from = fc.tuple(origin, fc.integer({ min: -3 * 86_400_000, max: 3 * 86_400_000 })).map(([time, shift]) => time + shift)
const most = 40

test('after goes strictly forward and leaves nothing out', () => {
  fc.assert(
    fc.property(timing, from, fc.integer({ min: 0, max: 3 * 86_400_000 }), (timing, time, distance) => {
      const next = after(timing, anchor, time)
      const earlier = after(timing, anchor, time - distance)
      // From an earlier time it is the same, or another comes before that is not after `time`.
      expect(earlier === next || (earlier !== undefined && earlier <= time)).toBe(true)
      fc.pre(next !== undefined)
      expect(next).toBeGreaterThan(time)
      expect(next).toBeGreaterThanOrEqual(timing.start ?? -Infinity)
      expect(next).toBeLessThanOrEqual(timing.end ?? Infinity)
      expect(after(timing, anchor, next - 1)).toBe(next)
    }),
    { numRuns: 400, seed: 5 },
  )
})

test('between is the walk by after, cut at both ends', () => {
  fc.assert(
    fc.property(timing, from, fc.integer({ min: 0, max: 40 * 86_400_000 }), (timing, time, length) => {
      const walked: number[] = []
      let next = after(timing, anchor, time - 1)
      while (next !== undefined && next <= time + length && walked.length < most) {
        walked.push(next)
        next = after(timing, anchor, next)
      }
      expect(between(timing, anchor, time, time + length, most)).toEqual(walked)
    }),
    { numRuns: 200, seed: 6 },
  )
})

test('latest is the last of between', () => {
  fc.assert(
    fc.property(timing, from, fc.integer({ min: 0, max: 7_200_000 }), (timing, time, length) => {
      expect(latest(timing, anchor, time, time + length)).toBe(between(timing, anchor, time, time + length, Infinity).at(-1))
    }),
    { numRuns: 300, seed: 7 },
  )
})

test('latest over a long absence has nothing after it', () => {
  fc.assert(
    fc.property(timing, from, fc.integer({ min: 0, max: 3 * 365 * 86_400_000 }), (timing, time, length) => {
      const last = latest(timing, anchor, time, time + length)
      expect(between(timing, anchor, last === undefined ? time : last + 1, time + length, 1)).toEqual([])
      fc.pre(last !== undefined)
      expect(between(timing, anchor, last, last, 1)).toEqual([last])
    }),
    { numRuns: 200, seed: 8 },
  )
})
