import { expect, test } from 'vitest'

import { ratioAtLeast, ratioAtMost, valueAtMost, verdict } from './verdict.mjs'

test('a ratio that is to be high is met at the goal and not met below the limit', () => {
  const required = ratioAtLeast(10, 6)
  expect(verdict(required, { ratio: 10 })).toBe('goal met')
  expect(verdict(required, { ratio: 9.99 })).toBe('within the limit')
  expect(verdict(required, { ratio: 6 })).toBe('within the limit')
  expect(verdict(required, { ratio: 5.99 })).toBe('NOT MET')
})

test('a ratio that is to be low is met at the goal and not met above the limit', () => {
  const required = ratioAtMost(1 / 10, 1 / 8)
  expect(verdict(required, { ratio: 0.07 })).toBe('goal met')
  expect(verdict(required, { ratio: 0.12 })).toBe('within the limit')
  expect(verdict(required, { ratio: 0.13 })).toBe('NOT MET')
})

test('a value is judged without a reference, and without a limit the goal is the limit', () => {
  expect(verdict(valueAtMost(0), { value: 0 })).toBe('goal met')
  expect(verdict(valueAtMost(10), { value: 11, ratio: 0.1 })).toBe('NOT MET')
})

test('nothing required says nothing, nothing measured is no success', () => {
  expect(verdict(undefined, { ratio: 3 })).toBe('')
  expect(verdict(ratioAtLeast(10, 6), {})).toBe('not measured')
})
