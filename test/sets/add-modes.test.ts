import { SortedSet, TimeSortedSet } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { setName } from './set-name.ts'

onEachServer((_name, server) => {
  let set: SortedSet

  beforeEach(async () => {
    const store = testStore(server.url)
    set = new SortedSet(store, setName(store))
    await set.add('known', 10)
  })

  test('nx adds what is new and leaves what is known', async () => {
    expect(await set.add('known', 5, { mode: 'nx' })).toBe(10)
    expect(await set.add('new', 5, { mode: 'nx' })).toBe(5)
    expect([await set.score('known'), await set.score('new')]).toEqual([10, 5])
  })

  test('xx moves what is known and adds nothing', async () => {
    expect(await set.add('known', 5, { mode: 'xx' })).toBe(5)
    expect(await set.add('new', 5, { mode: 'xx' })).toBeNull()
    expect(await set.size()).toBe(1)
  })

  test('lt only lowers a score', async () => {
    expect(await set.add('known', 11, { mode: 'lt' })).toBe(10)
    expect(await set.add('known', -1, { mode: 'lt' })).toBe(-1)
    expect(await set.add('new', 11, { mode: 'lt' })).toBe(11)
  })

  test('gt only raises a score', async () => {
    expect(await set.add('known', 9, { mode: 'gt' })).toBe(10)
    expect(await set.add('known', 11, { mode: 'gt' })).toBe(11)
    expect(await set.add('new', 9, { mode: 'gt' })).toBe(9)
  })

  test('nx keeps the first time in a set that is ordered by time', async () => {
    const store = testStore(server.url)
    const times = new TimeSortedSet(store, setName(store))
    const first = await times.add('seen')
    store.clockOffset = 60_000
    expect(await times.add('seen', undefined, { mode: 'nx' })).toBe(first)
    expect(await times.add('seen')).toBeGreaterThanOrEqual(first + 60_000)
  })

  test('addMany writes more than a batch, in order, with and without scores', async () => {
    const items = Array.from({ length: 1_203 }, (_value, i): string | [string, number] => (i % 2 === 0 ? [`item-${i}`, i] : `item-${i}`))
    const scores = await set.addMany(items)
    expect(scores).toEqual(items.map((_item, i) => (i % 2 === 0 ? i : 0)))
    expect(await set.size()).toBe(1_204)
    expect([await set.score('item-1202'), await set.score('item-1201')]).toEqual([1_202, 0])
  })

  test('addMany answers the score in force for an item that comes twice', async () => {
    expect(
      await set.addMany([
        ['twice', 1],
        ['twice', 2],
      ]),
    ).toEqual([2, 2])
    expect(await set.addMany([])).toEqual([])
  })
})
