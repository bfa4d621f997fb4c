import { jsonSerializer, ScheduledSet, SortedSet, type SortedSetOptions } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { spawnFixture } from '../support/child.ts'
import { allKeys } from '../support/all-keys.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { setName } from './set-name.ts'

const processes = 10
const thousand = Array.from({ length: 1_000 }, (_value, i) => i)
const numbers: SortedSetOptions<number> = { serializer: jsonSerializer }

onEachServer((_name, server) => {
  let store: Store

  beforeEach(async () => {
    store = testStore(server.url)
    // The children need the URL of a server that runs.
    await store.ready()
  })

  /** Ten processes take 100 at once; what each got. */
  async function takeInProcesses(set: SortedSet<number>): Promise<number[][]> {
    const gate = setName(store)
    const children = Array.from({ length: processes }, () =>
      spawnFixture('take-items.mjs', [store.url, set.constructor.name, set.name, gate]),
    )
    for (const child of children) await child.event('ready')
    await store.redis.rpush(gate, ...children.map(String))
    const taken = await Promise.all(children.map((child) => child.event('taken')))
    for (const child of children) expect(await child.exit()).toEqual({ code: 0, signal: null })
    return taken.map((event) => event['items'] as number[])
  }

  test('RS-38: ten processes take each item exactly once', async () => {
    const set = new SortedSet(store, setName(store), numbers)
    await set.addMany(thousand)
    const taken = await takeInProcesses(set)
    expect(taken.map((items) => items.length)).toEqual(taken.map(() => 100))
    expect(taken.flat().sort((a, b) => a - b)).toEqual(thousand)
    expect(await set.size()).toBe(0)
  })

  test('RS-39: ten processes take each due item exactly once, and none that is not due', async () => {
    const set = new ScheduledSet(store, setName(store), numbers)
    const now = await store.now()
    await set.addMany(thousand.map((i): [number, number] => [i, now - i]))
    await set.addMany(Array.from({ length: 500 }, (_value, i): [number, number] => [1_000 + i, now + 3_600_000 + i]))
    const taken = await takeInProcesses(set)
    expect(taken.flat().sort((a, b) => a - b)).toEqual(thousand)
    expect([await set.size(), await set.available(), await set.nextDue()]).toEqual([500, 0, now + 3_600_000])
  })

  test('RS-40: two instances take at once, and neither waits for a lock of the original', async () => {
    const name = setName(store)
    const [one, other] = [new ScheduledSet(store, name), new ScheduledSet(testStore(server.url), name)]
    // A lock that nobody will ever release, as the original's holders took it.
    const locked = String(Date.now() / 1_000 + 3_600)
    await store.redis.set(`${name}__lock`, locked)
    try {
      await one.addMany(['a', 'b', 'c', 'd'])
      const taken = await Promise.all([one.take(2), other.take(2)])
      expect(taken.flat().sort()).toEqual(['a', 'b', 'c', 'd'])
      expect(await store.redis.get(`${name}__lock`)).toBe(locked)
    } finally {
      await store.redis.del(`${name}__lock`)
    }
  })

  test('RS-41: an expired lock of the original is neither stolen nor made: no other key is touched', async () => {
    const name = setName(store)
    const [one, other] = [new ScheduledSet(store, name), new ScheduledSet(testStore(server.url), name)]
    await one.add('a')
    expect(await one.take(1)).toEqual(['a'])
    expect(await allKeys(store, `*${name}*`)).toEqual([])
    await other.add('b')
    await Promise.all([one.take(0), one.peek(), other.available()])
    expect(await allKeys(store, `*${name}*`)).toEqual([name])
  })

  test('take gives up to 10,000 at once', async () => {
    const set = new SortedSet(store, setName(store), numbers)
    const items = Array.from({ length: 10_001 }, (_value, i) => i)
    await set.addMany(items.map((i): [number, number] => [i, i]))
    expect(await set.take(10_000)).toEqual(items.slice(0, 10_000))
    expect(await set.take(10_000)).toEqual([10_000])
  })
})
