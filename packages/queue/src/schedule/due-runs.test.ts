import { expect, test } from 'vitest'
import { dueRuns, mostMissed } from './due-runs.ts'
import { parseTiming, type ScheduleTiming } from './timing.ts'

const day = 86_400_000
const now = Date.UTC(2026, 0, 31)

function missed(timing: ScheduleTiming, due: number, row = ':0:work\n\n'): ReturnType<typeof dueRuns> {
  const spec = { timing, catchUp: 'all', overlap: 'all', jitter: 0, row } as const
  return dueRuns({ spec, timing: parseTiming('', timing), anchor: 0, runs: 0 }, due, now)
}

test.each<[string, ScheduleTiming, number]>([
  ['every 100 ms for a day', { every: 100, start: 0 }, 100],
  ['each second for a month', { cron: '* * * * * *' }, 1_000],
])('catchUp all makes up for about the last 10,000 runs, and tells: %s', (_what, timing, period) => {
  const { runs, leftOutBefore = 0 } = missed(timing, now - (period === 100 ? day : 30 * day))
  expect(runs.length).toBe(100)
  expect(runs[0]).toBeGreaterThanOrEqual(leftOutBefore)
  const left = (now - leftOutBefore) / period
  expect(left).toBeLessThanOrEqual(mostMissed)
  expect(left).toBeGreaterThan(0.95 * mostMissed)
})

test('as many as that are made up for, and nothing is told', () => {
  const { runs, leftOutBefore } = missed({ every: 1_000, start: 0 }, now - (mostMissed - 1) * 1_000)
  expect(runs[0]).toBe(now - (mostMissed - 1) * 1_000)
  expect(leftOutBefore).toBeUndefined()
})

test('a step of large rows has few runs', () => {
  expect(missed({ every: 1_000, start: 0 }, now - 90_000, 'x'.repeat(2 ** 20)).runs.length).toBe(3)
})
