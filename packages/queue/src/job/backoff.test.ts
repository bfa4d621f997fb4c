import { isRipenError } from '@ripen/store'
import { describe, expect, test } from 'vitest'
import { backoff, backoffDelay, exponential, type ParsedBackoff } from './backoff.ts'

const parse = (value: unknown): ParsedBackoff => backoff('backoff', value)
const delays = (settings: ParsedBackoff, count: number, random = 0.5): number[] =>
  Array.from({ length: count }, (_value, i) => backoffDelay(settings, i + 1, random))

describe('the forms of backoff', () => {
  test('a duration is the same wait each time, without jitter', () => {
    expect(delays(parse('250 ms'), 3, 0)).toEqual([250, 250, 250])
    expect(delays(parse(40), 3, 0.99)).toEqual([40, 40, 40])
    expect(delays(parse(0), 2)).toEqual([0, 0])
    expect(delays(parse('2 days'), 1)).toEqual([2 * 86_400_000])
  })

  test("'exponential' is 1 s, doubling, at most 1 h", () => {
    expect(parse('exponential')).toBe(exponential)
    expect(delays(parse('exponential'), 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000])
    expect(backoffDelay(exponential, 12, 0.5)).toBe(2_048_000)
    expect(backoffDelay(exponential, 13, 0.5)).toBe(3_600_000)
    expect(backoffDelay(exponential, 1_000_000, 0)).toBe(3_600_000)
  })

  test('fixed keeps its delay', () => {
    expect(delays(parse({ type: 'fixed', delay: '3 s' }), 3)).toEqual([3_000, 3_000, 3_000])
    expect(delays(parse({ type: 'fixed' }), 2)).toEqual([1_000, 1_000])
  })

  test('linear grows by its delay, up to max', () => {
    expect(delays(parse({ type: 'linear', delay: 200 }), 4)).toEqual([200, 400, 600, 800])
    expect(delays(parse({ type: 'linear', delay: 200, max: 500 }), 4)).toEqual([200, 400, 500, 500])
  })

  test('exponential grows by its factor, up to max', () => {
    expect(delays(parse({ type: 'exponential', delay: 10, factor: 3 }), 4)).toEqual([10, 30, 90, 270])
    expect(delays(parse({ type: 'exponential', delay: 10, factor: 1 }), 3)).toEqual([10, 10, 10])
    expect(delays(parse({ type: 'exponential', delay: 10, factor: 1.5 }), 3)).toEqual([10, 15, 23])
    expect(delays(parse({ type: 'exponential', delay: 10, max: '25 ms' }), 4)).toEqual([10, 20, 25, 25])
  })
})

describe('jitter', () => {
  test('is a factor from 1 - j to 1 + j', () => {
    const settings = parse({ type: 'fixed', delay: 1_000, jitter: 0.25 })
    expect([0, 0.25, 0.5, 0.75, 1 - Number.EPSILON].map((random) => backoffDelay(settings, 1, random))).toEqual([
      750, 875, 1_000, 1_125, 1_250,
    ])
  })

  test("is 0.2 for 'exponential' and 0 else", () => {
    expect([backoffDelay(exponential, 1, 0), backoffDelay(exponential, 1, 1 - Number.EPSILON)]).toEqual([800, 1_200])
    expect(backoffDelay(parse({ type: 'exponential' }), 1, 0)).toBe(1_000)
  })

  test('comes before max', () => {
    const settings = parse({ type: 'fixed', delay: 1_000, jitter: 1, max: 1_100 })
    expect([backoffDelay(settings, 1, 0), backoffDelay(settings, 1, 0.99)]).toEqual([0, 1_100])
  })

  test('is uniform: random values stay in bounds and fill them', () => {
    const settings = parse({ type: 'fixed', delay: 1_000, jitter: 0.5 })
    const waits = Array.from({ length: 2_000 }, () => backoffDelay(settings, 1))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_500)
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length
    expect(Math.abs(mean - 1_000)).toBeLessThan(50)
    expect(new Set(waits).size).toBeGreaterThan(500)
  })
})

test.for<[string, unknown, number, number]>([
  ['no delay and a factor that grows beyond all numbers', { type: 'exponential', delay: 0, factor: 1_000 }, 200, 0.5],
  ['full jitter at its lowest', { type: 'exponential', jitter: 1, factor: 1_000 }, 200, 0],
  ['a long delay', { type: 'linear', delay: '36525 d', max: '36525 d' }, 1_000_000, 0.5],
])('the wait is a whole number of ms that the server can take: %s', ([, given, failures, random]) => {
  const wait = backoffDelay(parse(given), failures, random)
  expect(Number.isSafeInteger(wait)).toBe(true)
  expect(wait).toBeGreaterThanOrEqual(0)
})

test.for<[unknown, string]>([
  ['fixed', 'backoff'],
  ['linear', 'backoff'],
  ['expnential', 'backoff'],
  [-1, 'backoff'],
  [Number.NaN, 'backoff'],
  [null, 'backoff'],
  [[], 'backoff'],
  [true, 'backoff'],
  [{}, 'backoff.type'],
  [{ type: 'cubic' }, 'backoff.type'],
  [{ type: 'fixed', delay: '1 sec' }, 'backoff.delay'],
  [{ type: 'exponential', factor: 0.5 }, 'backoff.factor'],
  [{ type: 'exponential', factor: Number.POSITIVE_INFINITY }, 'backoff.factor'],
  [{ type: 'fixed', max: -1 }, 'backoff.max'],
  [{ type: 'fixed', jitter: 1.1 }, 'backoff.jitter'],
  [{ type: 'fixed', jitter: Number.NaN }, 'backoff.jitter'],
  [{ type: 'fixed', dealy: 1 }, 'backoff.dealy'],
])('%j is refused by the name of the option', ([given, option]) => {
  let thrown: unknown
  try {
    parse(given)
  } catch (error) {
    thrown = error
  }
  expect(isRipenError(thrown, 'RIPEN_CONFIGURATION')).toBe(true)
  expect(thrown).toMatchObject({ option })
})
