import { expect, test } from 'vitest'
import { entryBatches, type Entry } from './entry-batches.ts'

const entry = (item: string): Entry => ({ score: '0', item })
const sizes = (entries: readonly Entry[]): number[] => [...entryBatches(entries)].map((batch) => batch.length)

test('no entries are no batch', () => {
  expect(sizes([])).toEqual([])
})

test('a batch has at most 500 entries, in order', () => {
  const entries = Array.from({ length: 1_001 }, (_value, i) => entry(String(i)))
  expect(sizes(entries)).toEqual([500, 500, 1])
  expect([...entryBatches(entries)].flat()).toEqual(entries)
})

test('a batch has at most 1 MiB of text, and a larger item has one of its own', () => {
  const half = entry('x'.repeat(524_288))
  const large = entry('x'.repeat(2_000_000))
  expect(sizes([half, half, half])).toEqual([2, 1])
  expect(sizes([entry('small'), large, entry('small')])).toEqual([1, 1, 1])
})
