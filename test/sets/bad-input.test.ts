import { jsonSerializer, ScheduledSet, SortedSet, TimeSortedSet } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { beforeEach, describe, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { allItems } from './all-items.ts'
import { setName } from './set-name.ts'

const configurationError = (option: string): object => ({ code: 'RIPEN_CONFIGURATION', option })

onEachServer((_name, server) => {
  let store: Store
  let set: SortedSet<unknown>

  beforeEach(() => {
    store = testStore(server.url)
    set = new SortedSet<unknown>(store, setName(store), { serializer: jsonSerializer })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', null, new Date(Number.NaN)])(
    'the score %s is refused',
    async (score) => {
      await expect(set.add('x', score as number)).rejects.toMatchObject(configurationError('score'))
      expect(await set.size()).toBe(0)
    },
  )

  test('a scorer must return a finite number', async () => {
    const scored = new ScheduledSet<unknown>(store, set.name, { scorer: () => Number.NaN })
    await expect(scored.add('x')).rejects.toMatchObject(configurationError('scorer'))
    await expect(scored.addMany(['x'])).rejects.toMatchObject(configurationError('scorer'))
    expect(await set.size()).toBe(0)
  })

  test('one bad score or item in addMany: nothing is written', async () => {
    const many = Array.from({ length: 1_200 }, (_value, i) => i)
    await expect(set.addMany([...many, ['x', Number.NaN]])).rejects.toMatchObject(configurationError('score'))
    await expect(set.addMany([...many, undefined])).rejects.toMatchObject(configurationError('item'))
    await expect(set.addMany('text' as never)).rejects.toMatchObject(configurationError('items'))
    expect(await set.size()).toBe(0)
  })

  test('an item that cannot be serialized is refused, with the cause', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    for (const call of [() => set.add(cyclic), () => set.has(cyclic), () => set.score(cyclic), () => set.discard(cyclic)]) {
      await expect(call()).rejects.toMatchObject({ ...configurationError('item'), cause: expect.any(TypeError) })
    }
    await expect(set.add(1n)).rejects.toMatchObject(configurationError('item'))
    await expect(set.add(() => 1)).rejects.toMatchObject(configurationError('item'))
    expect(await set.size()).toBe(0)
  })

  test('without a serializer an item must be text', async () => {
    const plain = new SortedSet<unknown>(store, set.name)
    for (const item of [{}, ['x'], null, undefined, true, Number.NaN])
      await expect(plain.add(item)).rejects.toMatchObject(configurationError('item'))
    await expect(plain.add('half \ud83d')).rejects.toMatchObject(configurationError('item'))
    const odd = new SortedSet<unknown>(store, set.name, { serializer: { serialize: () => 5 as never } })
    await expect(odd.add('x')).rejects.toMatchObject(configurationError('item'))
    expect(await set.size()).toBe(0)
  })

  test.each([Number.NaN, 10_001, Number.POSITIVE_INFINITY, '5', undefined])('take(%s) is refused and takes nothing', async (n) => {
    await set.add('x')
    await expect(set.take(n as number)).rejects.toMatchObject(configurationError('n'))
    expect(await set.size()).toBe(1)
  })

  test.each([-1, 0.5, Number.NaN, '0'])('peek(%s) is refused', async (position) => {
    await expect(set.peek(position as number)).rejects.toMatchObject(configurationError('position'))
  })

  test('an unknown mode is refused, and a misspelt option with a suggestion', async () => {
    await expect(set.add('x', 1, { mode: 'ch' as 'nx' })).rejects.toMatchObject(configurationError('mode'))
    await expect(set.add('x', 1, { mod: 'nx' } as never)).rejects.toThrow("mod: is not an option of add options, did you mean 'mode'?")
    expect(await set.size()).toBe(0)
  })

  test('a key of another type is a WrongTypeError, for every method', async () => {
    await store.redis.set(set.name, 'text')
    const scheduled = new ScheduledSet(store, set.name)
    const calls = [
      set.add('x'),
      set.size(),
      set.has('x'),
      set.peek(),
      set.peekScore(),
      set.pop(),
      set.take(1),
      set.discard('x'),
      scheduled.take(1),
      scheduled.available(),
      scheduled.nextDue(),
    ]
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'RIPEN_WRONG_TYPE' } })
    await expect(allItems(set)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
    expect(await store.redis.get(set.name)).toBe('text')
  })
})

describe('the constructors', () => {
  test.each([SortedSet, TimeSortedSet, ScheduledSet])('$name names the option that breaks its rule', (Kind) => {
    const store = testStore()
    const make = (name: unknown, options?: unknown) => () => new Kind(store, name as string, options as object)
    expect(make('')).toThrow(expect.objectContaining(configurationError('name')))
    expect(make(undefined)).toThrow(expect.objectContaining(configurationError('name')))
    expect(make('x', { scorer: 5 })).toThrow(expect.objectContaining(configurationError('scorer')))
    expect(make('x', { serializer: JSON.parse })).toThrow(expect.objectContaining(configurationError('serializer')))
    expect(make('x', { serializer: { serialize: 'no' } })).toThrow(expect.objectContaining(configurationError('serializer.serialize')))
    expect(make('x', { onBadItem: {} })).toThrow(expect.objectContaining(configurationError('onBadItem')))
    expect(make('x', { serialiser: {} })).toThrow(`serialiser: is not an option of ${Kind.name} options, did you mean 'serializer'?`)
    expect(make('x', () => 0)).toThrow(`${Kind.name} options: must be an object of options`)
  })

  test('a store must be one', () => {
    expect(() => new SortedSet({} as Store, 'x')).toThrow(expect.objectContaining(configurationError('store')))
  })
})
