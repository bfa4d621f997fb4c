import { jsonSerializer, ScheduledSet, SortedSet } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { allItems } from './all-items.ts'
import { setName } from './set-name.ts'

const count = 1_203
const all = Array.from({ length: count }, (_value, i) => `item-${String(i).padStart(5, '0')}`)

// Scores of one kind, of many kinds, and groups of equal ones that cross the pages of 500.
const scorings: [string, (index: number) => number][] = [
  ['one score', () => 0],
  ['a score each', (index) => index / 7],
  ['groups of equal scores', (index) => Math.floor(index / 300)],
]

onEachServer((_name, server) => {
  let set: SortedSet

  beforeEach(() => {
    const store = testStore(server.url)
    set = new SortedSet(store, setName(store))
  })

  test('an empty set iterates nothing', async () => {
    expect(await allItems(set)).toEqual([])
  })

  test.each([499, 500, 501, 1_000])('%i items come once each, in order', async (size) => {
    await set.addMany(all.slice(0, size))
    expect(await allItems(set)).toEqual(all.slice(0, size))
  })

  for (const [kind, score] of scorings) {
    const add = (): Promise<number[]> => set.addMany(all.map((item, index): [string, number] => [item, score(index)]))

    test(`${kind}: a loop that discards what it sees sees everything`, async () => {
      await add()
      const seen = []
      for await (const item of set) {
        seen.push(item)
        await set.discard(item)
      }
      expect(seen).toEqual(all)
      expect(await set.size()).toBe(0)
    })

    test(`${kind}: what is removed, added and moved meanwhile makes no other item slip by or come twice`, async () => {
      await add()
      const seen: string[] = []
      for await (const item of set) {
        seen.push(item)
        if (seen.length === 400) {
          // The last of the first page moves to the end, others before it go, new ones come before it.
          await set.add(all[499]!, 1_000_000)
          for (const early of all.slice(100, 200)) await set.discard(early)
          await set.addMany(Array.from({ length: 50 }, (_value, i): [string, number] => [`early-${i}`, -1]))
        }
      }
      const stayed = all.filter((_item, index) => index !== 499)
      expect(seen.filter((item) => item !== all[499])).toEqual(stayed)
    })
  }

  test('items that are prefixes of each other, or empty, keep their places', async () => {
    const items = Array.from({ length: 600 }, (_value, i) => 'a'.repeat(i))
    await set.addMany(items)
    const seen: string[] = []
    for await (const item of set) {
      seen.push(item)
      if (seen.length === 500) await set.discard(item)
    }
    expect(seen).toEqual(items)
  })

  test('a loop may be left early', async () => {
    await set.addMany(all)
    for await (const item of set) {
      if (item === all[10]) break
    }
    expect(await set.size()).toBe(count)
  })

  test('a scheduled set iterates what is due and what is not', async () => {
    const store = testStore(server.url)
    const scheduled = new ScheduledSet<{ at: number }>(store, set.name, { serializer: jsonSerializer, scorer: (item) => item.at })
    const later = (await store.now()) + 3_600_000
    await scheduled.addMany([{ at: later }, { at: 0 }])
    expect(await allItems(scheduled)).toEqual([{ at: 0 }, { at: later }])
  })
})
