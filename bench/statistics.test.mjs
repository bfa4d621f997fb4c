import { describe, expect, test } from 'vitest'

import { compare, median, percentile, range } from './statistics.mjs'

describe('statistics', () => {
  test('the median is the middle value, or the mean of the two in the middle', () => {
    expect(median([10, 9, 2])).toBe(9)
    expect(median([10, 4, 2, 9])).toBe(6.5)
  })

  test('a percentile is the nearest rank, in numeric order', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index)
    expect(percentile(values, 0.5)).toBe(100)
    expect(percentile(values, 0.99)).toBe(198)
    expect(percentile([7], 0.99)).toBe(7)
  })

  test('the range is the lowest and the highest value', () => {
    expect(range([3, 100, 20])).toEqual([3, 100])
  })

  test('arms compare by their medians, pairs by their samples; a failed sample has no ratio', () => {
    expect(compare([10, 30, 20], [2, 3, 5])).toEqual({ ratio: 20 / 3, range: [4, 10] })
    expect(compare([10, undefined, 30], [2, 5, 3])).toEqual({ ratio: 20 / 3, range: [5, 10] })
  })
})
