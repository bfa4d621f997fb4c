import { ScheduledSet } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { empty, setName } from './set-name.ts'

onEachServer((_name, server) => {
  let store: Store
  let set: ScheduledSet<string | number>
  let now: number

  beforeEach(async () => {
    store = testStore(server.url)
    set = new ScheduledSet(store, setName(store))
    now = await store.now()
  })

  const threeDueOfFive = async (): Promise<void> => {
    await set.addMany([
      [1, now + 50_000],
      [2, now + 50_000],
      [3, now - 50],
      [4, now - 50],
      [5, now - 50],
    ])
  }

  test('RS-28: pop gives only what is due', async () => {
    await set.add(1, now)
    await set.add(2, now + 1_000_000)
    expect(await set.pop()).toBe('1')
    await expect(set.pop()).rejects.toMatchObject(empty)
    expect(await set.size()).toBe(1)
  })

  test('RS-29: peek counts positions among what is due', async () => {
    await expect(set.peek()).rejects.toMatchObject(empty)
    await set.addMany([
      [1, now - 1_000_000],
      [2, now],
      [3, now + 1_000_000],
    ])
    expect([await set.peek(), await set.peek(1)]).toEqual(['1', '2'])
    await expect(set.peek(2)).rejects.toMatchObject(empty)
    await set.pop()
    await set.pop()
    await expect(set.peek()).rejects.toMatchObject(empty)
    expect(await set.size()).toBe(1)
  })

  test('RS-30: take gives what is due in order', async () => {
    await set.addMany([
      ['1', now - 3],
      ['2', now - 2],
      ['3', now - 1],
    ])
    expect(await set.take(2)).toEqual(['1', '2'])
    expect(await set.pop()).toBe('3')
    expect(await set.size()).toBe(0)
    expect([await set.take(0), await set.take(-1)]).toEqual([[], []])
  })

  test('RS-31: size counts what is due and what is not', async () => {
    await threeDueOfFive()
    expect(await set.size()).toBe(5)
  })

  test('RS-32: available counts what is due', async () => {
    await threeDueOfFive()
    expect(await set.available()).toBe(3)
  })

  test('RS-33: has sees what is not due', async () => {
    await threeDueOfFive()
    expect([await set.has(1), await set.has(3), await set.has(-1)]).toEqual([true, true, false])
  })

  test('RS-34: an item is there once', async () => {
    for (let i = 0; i < 5; i++) await set.add(i)
    await set.add(0, 10)
    expect(await set.size()).toBe(5)
    expect(await set.score(0)).toBe(10)
  })

  test('RS-35: clear tells whether there was anything', async () => {
    expect(await set.clear()).toBe(false)
    await threeDueOfFive()
    expect(await set.clear()).toBe(true)
    expect(await set.size()).toBe(0)
  })

  test('RS-36: discard removes what is due and what is not', async () => {
    await set.add(0)
    await set.add(1, now + 50_000)
    expect([await set.discard(0), await set.discard(0)]).toEqual([true, false])
    expect([await set.discard(1), await set.discard(1)]).toEqual([true, false])
  })

  test('RS-37: peekScore is the score of the next that is due', async () => {
    expect(await set.peekScore()).toBeNull()
    await set.add('future', now + 50_000)
    expect(await set.peekScore()).toBeNull()
    for (let i = 0; i < 3; i++) await set.add(i, now - i)
    expect(await set.peekScore()).toBe(now - 2)
    await set.pop()
    expect(await set.peekScore()).toBe(now - 1)
  })

  test('nextDue is the first time of all, past or future', async () => {
    expect(await set.nextDue()).toBeNull()
    await set.add('later', now + 60_000)
    await set.add('soon', now + 30_000)
    expect(await set.nextDue()).toBe(now + 30_000)
    await set.add('overdue', now - 5)
    expect(await set.nextDue()).toBe(now - 5)
  })

  test('an item is due at its time by the server, plus clockOffset, and not before', async () => {
    await set.add('x', now + 600_000)
    expect(await set.available()).toBe(0)
    expect(await set.take(1)).toEqual([])
    await expect(set.peek()).rejects.toMatchObject(empty)
    store.clockOffset = 600_000
    expect(await set.available()).toBe(1)
    expect(await set.peek()).toBe('x')
    expect(await set.take(1)).toEqual(['x'])
  })

  test('an item added without a time is due at once', async () => {
    await set.add('x')
    expect(await set.pop()).toBe('x')
  })

  test('an item added with a negative or a fractional time is due', async () => {
    await set.addMany([
      ['fractional', now - 0.5],
      ['negative', -1],
    ])
    expect(await set.take(3)).toEqual(['negative', 'fractional'])
  })
})
