import { expect, test } from 'vitest'
import { judgeClock, judgeLatency } from './measure-times.ts'

test('round trips are told by their ranks', () => {
  expect(judgeLatency([5, 1, 2, 3, 4])).toEqual({
    level: 'ok',
    name: 'latency',
    message: 'round trips of 3.00 ms (p50), 5.00 ms (p99), 5.00 ms (max) in 5',
  })
  expect(judgeLatency([1, 1, 100])).toMatchObject({ level: 'warning', remedy: expect.any(String) as unknown })
})

test.each([
  [12.4, 'ok', "this machine's clock is 12 ms ahead of the server's (give or take 3 ms)"],
  [-12.4, 'ok', "this machine's clock is 12 ms behind the server's (give or take 3 ms)"],
  [1_002, 'ok', 'ahead'],
  [1_003, 'warning', '1003 ms ahead'],
  [-3_600_000, 'warning', '3600000 ms behind'],
])('a difference of %f ms: %s', (difference, level, message) => {
  expect(judgeClock(difference, 2.5)).toMatchObject({ level, message: expect.stringContaining(message) as unknown })
})
