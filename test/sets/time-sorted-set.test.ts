import { TimeSortedSet } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { empty, setName } from './set-name.ts'

onEachServer((_name, server) => {
  let store: Store
  let set: TimeSortedSet<string | number>
  let now: number

  beforeEach(async () => {
    store = testStore(server.url)
    set = new TimeSortedSet(store, setName(store))
    now = await store.now()
  })

  const addZeroToFour = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await set.add(i)
  }

  test('RS-19: size counts what was added', async () => {
    await addZeroToFour()
    expect(await set.size()).toBe(5)
  })

  test('RS-20: has tells what is there', async () => {
    await addZeroToFour()
    expect([await set.has(0), await set.has(-1)]).toEqual([true, false])
  })

  test('RS-21: the oldest comes first', async () => {
    for (let i = 0; i < 5; i++) await set.add(i, now - i)
    const popped = []
    for (let i = 0; i < 5; i++) popped.push(await set.pop())
    expect(popped).toEqual(['4', '3', '2', '1', '0'])
  })

  test('RS-22: an item is there once, with its last time', async () => {
    await addZeroToFour()
    await set.add(0, now + 10)
    expect(await set.size()).toBe(5)
    expect(await set.score(0)).toBe(now + 10)
  })

  test('RS-23: clear tells whether there was anything', async () => {
    expect(await set.clear()).toBe(false)
    await addZeroToFour()
    expect(await set.clear()).toBe(true)
    expect(await set.size()).toBe(0)
  })

  test('RS-24: discard tells whether the item was there', async () => {
    await set.add(0)
    expect([await set.discard(0), await set.discard(0)]).toEqual([true, false])
  })

  test('RS-25: peek leaves the item, also by position', async () => {
    await expect(set.peek()).rejects.toMatchObject(empty)
    await set.add(0, now)
    expect([await set.peek(), await set.peek()]).toEqual(['0', '0'])
    await expect(set.peek(1)).rejects.toMatchObject(empty)
    await set.add(1, now + 1)
    expect([await set.peek(1), await set.peek(1)]).toEqual(['1', '1'])
  })

  test('RS-26: score is null before an item is there, then its time', async () => {
    expect(await set.score(0)).toBeNull()
    await set.add(0, now)
    expect(await set.score(0)).toBe(now)
  })

  test('RS-27: peekScore is the time of the oldest', async () => {
    expect(await set.peekScore()).toBeNull()
    for (let i = 0; i < 3; i++) await set.add(i, now - i)
    expect(await set.peekScore()).toBe(now - 2)
    await set.pop()
    expect(await set.peekScore()).toBe(now - 1)
  })

  test('the default score is the whole millisecond of the server, plus clockOffset', async () => {
    const plain = await set.add('plain')
    expect(plain).toBeGreaterThanOrEqual(now)
    expect(plain).toBeLessThanOrEqual(await store.now())
    expect(Number.isInteger(plain)).toBe(true)
    store.clockOffset = -86_400_000
    const [offset] = await set.addMany(['offset'])
    expect(offset).toBeGreaterThanOrEqual(plain - 86_400_000)
    expect(offset).toBeLessThanOrEqual(await store.now())
    expect(await set.pop()).toBe('offset')
  })

  test('adding again without a score moves the item to the back', async () => {
    await set.add('old', 1)
    await set.add('older', 0)
    await set.add('older')
    expect(await set.take(2)).toEqual(['old', 'older'])
  })

  test('a scorer takes the place of the time', async () => {
    const scored = new TimeSortedSet(store, setName(store), { scorer: (item) => item.length })
    expect(await scored.add('four')).toBe(4)
  })
})
