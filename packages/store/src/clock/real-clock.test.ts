import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { realClock } from './real-clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a timer of any length comes once, at its time', () => {
  let calls = 0
  const days = 24 * 60 * 60 * 1_000
  realClock.after(60 * days, () => calls++)
  realClock.after(Number.POSITIVE_INFINITY, () => calls++)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(60 * days - 1)
  expect(calls).toBe(0)
  vi.advanceTimersByTime(1)
  expect([calls, vi.getTimerCount()]).toEqual([1, 0])
})

test('what was called off does not come, also after its first part', () => {
  let calls = 0
  const callOff = realClock.after(2 ** 31 + 1_000, () => calls++)
  const stop = realClock.every(2 ** 30, () => calls++)
  vi.advanceTimersByTime(2 ** 31)
  expect(calls).toBe(2)
  callOff()
  stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('a pause resolves at its time', async () => {
  const start = realClock.now()
  const pause = realClock.pause(250).then(() => realClock.now() - start)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await pause).toBe(250)
})

test.each(['after', 'every'] as const)('%s holds the process, unless told not to', (kind) => {
  vi.useRealTimers()
  const holding = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = holding()
  const callOffs = [realClock[kind](60_000, () => undefined), realClock[kind](60_000, () => undefined, 'unref')]
  expect(holding()).toBe(before + 1)
  for (const callOff of callOffs) callOff()
  expect(holding()).toBe(before)
})
