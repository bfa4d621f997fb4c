import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { MovableClock } from '../../../../test/support/movable-clock.ts'
import { SilenceWatch } from './silence-watch.ts'

let answer: number | undefined
let told: string[]
let watch: SilenceWatch
let clock: MovableClock

beforeEach(() => {
  clock = new MovableClock()
  answer = undefined
  told = []
  watch = new SilenceWatch(clock, { lastAnswer: () => answer, silent: () => told.push('silent'), recovered: () => told.push('recovered') })
  watch.start()
  onTestFinished(() => watch.stop())
})

test('silence is told within 5 s, now and then, and its end at once', async () => {
  await clock.advance(4_000)
  expect(told).toEqual([])
  await clock.advance(1_000)
  expect(told).toEqual(['silent'])
  await clock.advance(5_000)
  expect(told).toEqual(['silent', 'silent'])
  answer = clock.now()
  await clock.advance(300)
  expect(told).toEqual(['silent', 'silent', 'recovered'])
})

test('a worker that is answered is not silent, and has not recovered', async () => {
  for (let second = 0; second < 60; second++) {
    answer = clock.now()
    await clock.advance(1_000)
  }
  expect(told).toEqual([])
  await clock.advance(5_000)
  expect(told).toEqual(['silent'])
})

test('what was told already is not told again at once, and its end is told', async () => {
  await clock.advance(4_000)
  watch.told()
  await clock.advance(4_000)
  expect(told).toEqual([])
  answer = clock.now()
  await clock.advance(300)
  expect(told).toEqual(['recovered'])
})

test('an event loop that stood still is no silence of the server', async () => {
  answer = clock.now()
  await clock.advance(1_000)
  await clock.stall(60_000)
  await clock.advance(250)
  expect(told).toEqual([])
})
