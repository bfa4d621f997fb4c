import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { SilenceWatch } from './silence-watch.ts'

let answer: number | undefined
let told: string[]
let watch: SilenceWatch

beforeEach(() => {
  vi.useFakeTimers()
  answer = undefined
  told = []
  watch = new SilenceWatch({ lastAnswer: () => answer, silent: () => told.push('silent'), recovered: () => told.push('recovered') })
  watch.start()
  onTestFinished(() => {
    watch.stop()
    vi.useRealTimers()
  })
})

test('silence is told within 5 s, now and then, and its end at once', () => {
  vi.advanceTimersByTime(4_000)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(told).toEqual(['silent'])
  vi.advanceTimersByTime(5_000)
  expect(told).toEqual(['silent', 'silent'])
  answer = performance.now()
  vi.advanceTimersByTime(300)
  expect(told).toEqual(['silent', 'silent', 'recovered'])
})

test('a worker that is answered is not silent, and has not recovered', () => {
  for (let second = 0; second < 60; second++) {
    answer = performance.now()
    vi.advanceTimersByTime(1_000)
  }
  expect(told).toEqual([])
  vi.advanceTimersByTime(5_000)
  expect(told).toEqual(['silent'])
})

test('what was told already is not told again at once, and its end is told', () => {
  vi.advanceTimersByTime(4_000)
  watch.told()
  vi.advanceTimersByTime(4_000)
  expect(told).toEqual([])
  answer = performance.now()
  vi.advanceTimersByTime(300)
  expect(told).toEqual(['recovered'])
})

test('an event loop that stood still is no silence of the server', () => {
  answer = performance.now()
  vi.advanceTimersByTime(1_000)
  vi.setSystemTime(Date.now())
  const now = performance.now()
  const frozen = vi.spyOn(performance, 'now').mockReturnValue(now + 60_000)
  vi.advanceTimersByTime(250)
  expect(told).toEqual([])
  frozen.mockRestore()
})
