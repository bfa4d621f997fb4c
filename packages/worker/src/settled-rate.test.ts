import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { SettledRate } from './settled-rate.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function settle(rate: SettledRate, count: number): void {
  for (let settled = 0; settled < count; settled++) rate.count()
}

test('in the first second it is what was settled, then that divided by the time since the start', () => {
  const rate = new SettledRate()
  rate.start()
  expect(rate.perSecond).toBe(0)
  settle(rate, 6)
  expect(rate.perSecond).toBe(6)
  vi.advanceTimersByTime(500)
  expect(rate.perSecond).toBe(6)
  vi.advanceTimersByTime(2_500)
  expect(rate.perSecond).toBe(2)
  rate.stop()
})

test('what was settled more than 11 s ago does not count, what was settled in the last 10 s does', () => {
  const rate = new SettledRate()
  rate.start()
  settle(rate, 1_000)
  vi.advanceTimersByTime(10_500)
  settle(rate, 21)
  expect(rate.perSecond).toBeCloseTo(1_021 / 10.5)
  vi.advanceTimersByTime(600)
  expect(rate.perSecond).toBeCloseTo(21 / 10.1)
  vi.advanceTimersByTime(9_300)
  expect(rate.perSecond).toBeCloseTo(21 / 10.4)
  vi.advanceTimersByTime(1_000)
  expect(rate.perSecond).toBe(0)
  rate.stop()
})

test('a steady stream has its rate, however long it runs', () => {
  const rate = new SettledRate()
  rate.start()
  for (let second = 0; second < 100; second++) {
    settle(rate, 7)
    vi.advanceTimersByTime(1_000)
  }
  expect(rate.perSecond).toBeCloseTo(7)
  rate.stop()
  expect(rate.perSecond).toBe(0)
})

test('a blocked event loop, which takes no samples, does not change what a second is', () => {
  const rate = new SettledRate()
  rate.start()
  vi.advanceTimersByTime(5_000)
  settle(rate, 300)
  // The clock goes on, the timers do not.
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 15_000)
  expect(rate.perSecond).toBe(15)
  rate.stop()
})
