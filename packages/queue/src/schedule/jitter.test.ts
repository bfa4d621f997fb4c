import { expect, test } from 'vitest'
import { jitterOf } from './jitter.ts'

test('is the same for the same occurrence, in every process', () => {
  expect(jitterOf('report', 1_700_000_000_000, 60_000)).toBe(22_366)
})

test('is 0 without jitter', () => {
  expect([1, 2, 3].map((occurrence) => jitterOf('report', occurrence, 0))).toEqual([0, 0, 0])
})

test('differs between schedules of the same times', () => {
  const of = (id: string): number[] => Array.from({ length: 5 }, (_value, minute) => jitterOf(id, minute * 60_000, 60_000))
  expect(of('a')).not.toEqual(of('b'))
})

test('is uniform over 0 to jitter, both included', () => {
  const counts = new Array<number>(10).fill(0)
  for (let minute = 0; minute < 10_000; minute++) counts[jitterOf('report', minute * 60_000, 9)]! += 1
  // Chi square with 9 degrees of freedom: one set of hashes in a thousand is above 27.9.
  expect(counts.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(27.9)
})

test('fills a long jitter', () => {
  const day = 86_400_000
  const values = Array.from({ length: 1_000 }, (_value, minute) => jitterOf('report', minute * 60_000, day))
  expect(values.every((value) => Number.isInteger(value) && value >= 0 && value <= day)).toBe(true)
  expect(Math.min(...values)).toBeLessThan(day / 100)
  expect(Math.max(...values)).toBeGreaterThan(day - day / 100)
})
