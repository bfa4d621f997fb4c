import { expect, test } from 'vitest'
import { roundHalfAway } from './round-half-away.ts'

test.each([
  [1.785, 2, 1.79],
  [-1.785, 2, -1.79],
  [1.005, 2, 1.01],
  [0.3, 2, 0.3],
  [4, 2, 4],
  [2.5, 0, 3],
  [-2.5, 0, -3],
  [-0.4, 0, 0],
  [1e21, 2, 1e21],
  [1.5e-7, 7, 2e-7],
  [123456789.125, 2, 123456789.13],
  [Number.MAX_VALUE, 15, Number.MAX_VALUE],
])('%d to %d decimals is %d', (value, decimals, rounded) => {
  expect(roundHalfAway(value, decimals)).toBe(rounded)
})
