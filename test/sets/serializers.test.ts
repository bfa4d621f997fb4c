import { jsonSerializer, SortedSet, tupleSerializer, type Serializer, type SortedSetOptions } from '@ripen/queue'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { setName } from './set-name.ts'

onEachServer((_name, server) => {
  function makeSet<T>(options: SortedSetOptions<T>): SortedSet<T> {
    const store = testStore(server.url, { logger: silent })
    return new SortedSet<T>(store, setName(store), options)
  }

  test('RS-14: JSON items are found, counted and popped as objects', async () => {
    const set = makeSet<{ yo: string }>({ serializer: jsonSerializer })
    await set.add({ yo: 'json' }, 1)
    await set.add({ yo: 'yaml' }, 0)
    expect(await set.has({ yo: 'json' })).toBe(true)
    expect([await set.pop(), await set.pop()]).toEqual([{ yo: 'yaml' }, { yo: 'json' }])
    expect(await set.size()).toBe(0)
  })

  test('RS-15: take leaves out an item that cannot be deserialized', async () => {
    const set = makeSet<string>({ serializer: refusing('uhoh') })
    await set.addMany([
      ['foo', 0],
      ['uhoh!', 1],
      ['hey', 2],
    ])
    expect(await set.take(3)).toEqual(['foo', 'hey'])
    expect(await set.size()).toBe(0)
  })

  test('RS-16: a serializer without functions is the identity on text', async () => {
    const set = makeSet<string | number>({ serializer: {} })
    await set.add(1, 0)
    await set.add(2, 1)
    expect(await set.has('2')).toBe(true)
    expect(await set.pop()).toBe('1')
  })

  test('RS-17: the scorer sees the item before it is serialized', async () => {
    const integers: Serializer<number> = { serialize: String, deserialize: (raw) => Number.parseInt(raw, 10) }
    const set = makeSet<number>({ scorer: (item) => -item, serializer: integers })
    for (let i = 0; i < 5; i++) await set.add(i)
    expect(await set.take(5)).toEqual([4, 3, 2, 1, 0])
  })

  test('RS-18: a record comes back with the same fields', async () => {
    const set = makeSet<{ tiger: string; woods: number }>({ serializer: tupleSerializer(['tiger', 'woods']) })
    const record = { tiger: 'a', woods: 1 }
    await set.add(record)
    expect(await set.size()).toBe(1)
    expect(await set.has({ woods: 1, tiger: 'a' })).toBe(true)
    expect(await set.pop()).toEqual(record)
  })

  test('equal objects are one item, whatever the order of their keys', async () => {
    const set = makeSet<object>({ serializer: jsonSerializer })
    await set.add({ a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } })
    await set.add({ b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1 })
    expect(await set.size()).toBe(1)
  })

  test('falsy items are kept', async () => {
    const falsy = [0, '', false, null, [], {}]
    const set = makeSet<unknown>({ serializer: jsonSerializer })
    await set.addMany(falsy.map((item, i): [unknown, number] => [item, i]))
    expect(await set.peek()).toBe(0)
    expect(await set.pop()).toBe(0)
    expect(await set.take(10)).toEqual(falsy.slice(1))
  })
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }

function refusing(text: string): Serializer<string> {
  return {
    deserialize(raw) {
      if (raw.includes(text)) throw new Error(`${text} found`)
      return raw
    },
  }
}
