import { expect, test } from 'vitest'
import { GeneratedIds, generatedId, idsOf, singleId } from './generated-ids.ts'

const block = 64 ** 3

test('ids sort in the order in which they were made, over the end of a prefix too, and none comes twice', () => {
  const ids = new GeneratedIds()
  const made: string[] = []
  const prefixes = new Set<string>()
  for (let batch = 0; batch < 2 * (block / 500); batch++) {
    const range = ids.reserve(500)
    const { prefix, counter } = range
    prefixes.add(prefix)
    made.push(...idsOf(range, 500))
    // As the server counts on.
    expect(counter).toBeLessThanOrEqual(block - 500)
    expect(made.at(-500)?.startsWith(prefix)).toBe(true)
    expect(made.at(-1)?.startsWith(prefix)).toBe(true)
  }
  expect(prefixes.size).toBe(3)
  expect(new Set(made).size).toBe(made.length)
  expect(made.every((id) => generatedId.test(id))).toBe(true)
  expect(made.toSorted()).toEqual(made)
})

test('two clients make different ids', () => {
  const first = (): string[] => idsOf(new GeneratedIds().reserve(1), 1)
  expect(new Set(Array.from({ length: 10_000 }, first).flat()).size).toBe(10_000)
})

test('a single id has the form of the others', () => {
  expect(singleId()).toMatch(generatedId)
  expect(singleId()).not.toBe(singleId())
})
