import { expect, test } from 'vitest'
import { MovableClock } from '../../../test/support/movable-clock.ts'
import { SettledRate } from './settled-rate.ts'

function started(): { rate: SettledRate; clock: MovableClock } {
  const clock = new MovableClock()
  const rate = new SettledRate(clock)
  rate.start()
  return { rate, clock }
}

function settle(rate: SettledRate, count: number): void {
  for (let settled = 0; settled < count; settled++) rate.count()
}

test('in the first second it is what was settled, then that divided by the time since the start', async () => {
  const { rate, clock } = started()
  expect(rate.perSecond).toBe(0)
  settle(rate, 6)
  expect(rate.perSecond).toBe(6)
  await clock.advance(500)
  expect(rate.perSecond).toBe(6)
  await clock.advance(2_500)
  expect(rate.perSecond).toBe(2)
  rate.stop()
})

test('what was settled more than 11 s ago does not count, what was settled in the last 10 s does', async () => {
  const { rate, clock } = started()
  settle(rate, 1_000)
  await clock.advance(10_500)
  settle(rate, 21)
  expect(rate.perSecond).toBeCloseTo(1_021 / 10.5)
  await clock.advance(600)
  expect(rate.perSecond).toBeCloseTo(21 / 10.1)
  await clock.advance(9_300)
  expect(rate.perSecond).toBeCloseTo(21 / 10.4)
  await clock.advance(1_000)
  expect(rate.perSecond).toBe(0)
  rate.stop()
})

test('a steady stream has its rate, however long it runs', async () => {
  const { rate, clock } = started()
  for (let second = 0; second < 100; second++) {
    settle(rate, 7)
    await clock.advance(1_000)
  }
  expect(rate.perSecond).toBeCloseTo(7)
  rate.stop()
  expect(rate.perSecond).toBe(0)
})

test('a blocked event loop, which takes no samples, does not change what a second is', async () => {
  const { rate, clock } = started()
  await clock.advance(5_000)
  settle(rate, 300)
  // Due before the sample that is late.
  let late = 0
  clock.after(1, () => (late = rate.perSecond))
  await clock.stall(15_000)
  expect([late, rate.perSecond]).toEqual([15, 20])
  rate.stop()
})
