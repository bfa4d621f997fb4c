import { SortedSet } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { empty, setName } from './set-name.ts'

onEachServer((_name, server) => {
  let set: SortedSet<string | number>

  beforeEach(() => {
    const store = testStore(server.url)
    set = new SortedSet(store, setName(store))
  })

  const addZeroToFour = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await set.add(i)
  }

  test('RS-01: a set prints its class and name', () => {
    expect(String(set)).toBe(`<SortedSet ${set.name}>`)
  })

  test('RS-02: size counts what was added', async () => {
    await addZeroToFour()
    expect(await set.size()).toBe(5)
  })

  test('RS-03: score gives the score an item was added with', async () => {
    expect(await set.add('samere', 123)).toBe(123)
    expect(await set.score('samere')).toBe(123)
  })

  test('RS-04: adding again gives the new score', async () => {
    await set.add('samere', 123)
    expect(await set.add('samere', 456)).toBe(456)
    expect(await set.score('samere')).toBe(456)
  })

  test('RS-05: has tells what is there', async () => {
    await addZeroToFour()
    expect(await set.has(0)).toBe(true)
    expect(await set.has(-1)).toBe(false)
    expect(await set.score(-1)).toBeNull()
  })

  test('RS-06: pops come lowest score first', async () => {
    for (let i = 4; i >= 0; i--) await set.add(i, i)
    const popped = []
    for (let i = 0; i < 5; i++) popped.push(await set.pop())
    expect(popped).toEqual(['0', '1', '2', '3', '4'])
  })

  test('RS-07: pop on an empty set rejects', async () => {
    await expect(set.pop()).rejects.toMatchObject({ ...empty, name: 'EmptySetError', message: `${set.name} is empty` })
  })

  test('RS-08: peek on an empty set rejects', async () => {
    await expect(set.peek()).rejects.toMatchObject(empty)
    expect(await set.peekScore()).toBeNull()
  })

  test('RS-09: an item is there once', async () => {
    await addZeroToFour()
    await set.add(0, 10)
    expect(await set.size()).toBe(5)
    expect(await set.score(0)).toBe(10)
  })

  test('RS-10: clear tells whether there was anything', async () => {
    expect(await set.clear()).toBe(false)
    await addZeroToFour()
    expect(await set.clear()).toBe(true)
    expect(await set.size()).toBe(0)
  })

  test('RS-11: discard tells whether the item was there', async () => {
    await set.add(0)
    expect(await set.discard(0)).toBe(true)
    expect(await set.discard(0)).toBe(false)
  })

  test('RS-12: peek leaves the item, also by position', async () => {
    await expect(set.peek()).rejects.toMatchObject(empty)
    await set.add(0)
    expect([await set.peek(), await set.peek()]).toEqual(['0', '0'])
    await expect(set.peek(1)).rejects.toMatchObject(empty)
    await set.add(1)
    expect([await set.peek(1), await set.peek(1)]).toEqual(['1', '1'])
    expect(await set.size()).toBe(2)
  })

  test('RS-13: take gives at most n, and below 1 nothing', async () => {
    await addZeroToFour()
    expect(await set.take(2)).toEqual(['0', '1'])
    expect(await set.take(100)).toEqual(['2', '3', '4'])
    expect(await set.size()).toBe(0)
    expect([await set.take(0), await set.take(-1)]).toEqual([[], []])
  })

  test('take cuts n to a whole number', async () => {
    await addZeroToFour()
    expect(await set.take(1.9)).toEqual(['0'])
    expect(await set.take(0.9)).toEqual([])
    expect(await set.size()).toBe(4)
  })

  test('equal scores are ordered by the bytes of the items', async () => {
    await set.addMany(['b', 'é', 'a', 'B', '\u{1f600}', '\uffee', ''])
    expect(await set.take(7)).toEqual(['', 'B', 'a', 'b', 'é', '\uffee', '\u{1f600}'])
  })

  test('an explicit score of 0 is honoured', async () => {
    const scored = new SortedSet(testStore(server.url), set.name, { scorer: () => 7 })
    expect(await scored.add('scored')).toBe(7)
    expect(await scored.add('given', 0)).toBe(0)
    expect(await set.peekScore()).toBe(0)
  })

  test('scores keep every digit', async () => {
    const scores = [0.1 + 0.2, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE, Number.MIN_VALUE, 1e21, 1_763_683_200_123.25]
    for (const [item, score] of scores.entries()) expect(await set.add(item, score)).toBe(score)
    expect(await set.addMany(scores.map((score, item): [number, number] => [item, score]))).toEqual(scores)
    for (const [item, score] of scores.entries()) expect(await set.score(item)).toBe(score)
    expect(await set.peekScore()).toBe(-Number.MAX_VALUE)
  })

  test('a Date as a score is its epoch milliseconds', async () => {
    expect(await set.add('x', new Date(1_700_000_000_000))).toBe(1_700_000_000_000)
    expect(await set.addMany([['y', new Date(1_700_000_000_001)]])).toEqual([1_700_000_000_001])
  })

  test('infinite scores that another program stored are read', async () => {
    const { redis } = testStore(server.url)
    await redis.zadd(set.name, '-inf', 'first', '+inf', 'last')
    expect([await set.peekScore(), await set.score('last')]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
    expect(await set.take(2)).toEqual(['first', 'last'])
  })
})
