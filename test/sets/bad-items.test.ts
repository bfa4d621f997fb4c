import { jsonSerializer, ScheduledSet, SortedSet } from '@ripen/queue'
import type { Logger, Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { allItems } from './all-items.ts'
import { empty, setName } from './set-name.ts'

interface Line {
  readonly fields: Record<string, unknown>
  readonly message: string
}

onEachServer((_name, server) => {
  let store: Store
  let name: string
  let errors: Line[]
  let reported: { raw: string; error: unknown }[]
  let set: SortedSet<unknown>

  beforeEach(async () => {
    errors = []
    reported = []
    const logger: Logger = { debug() {}, info() {}, warn() {}, error: (fields, message) => errors.push({ fields: { ...fields }, message }) }
    store = testStore(server.url, { logger })
    name = setName(store)
    set = new SortedSet<unknown>(store, name, { serializer: jsonSerializer, onBadItem: (raw, error) => void reported.push({ raw, error }) })
    await store.redis.zadd(name, 0, '{bad', 1, '"good"')
  })

  test('pop removes a bad item, reports it and resolves to null', async () => {
    expect(await set.pop()).toBeNull()
    expect(reported).toEqual([{ raw: '{bad', error: expect.any(SyntaxError) }])
    expect(errors).toEqual([
      { fields: { set: name, item: '{bad', err: expect.any(SyntaxError) }, message: 'bad item removed: it could not be deserialized' },
    ])
    expect(await set.pop()).toBe('good')
    await expect(set.pop()).rejects.toMatchObject(empty)
  })

  test('peek reports a bad item, resolves to null and leaves it', async () => {
    expect(await set.peek()).toBeNull()
    expect(await set.peek(1)).toBe('good')
    expect(reported.map(({ raw }) => raw)).toEqual(['{bad'])
    expect(errors[0]?.message).toBe('bad item kept: it could not be deserialized')
    expect(await set.size()).toBe(2)
  })

  test('take removes bad items, reports each and leaves them out', async () => {
    await store.redis.zadd(name, 2, '', 3, '"too"')
    expect(await set.take(4)).toEqual(['good', 'too'])
    expect(reported.map(({ raw }) => raw)).toEqual(['{bad', ''])
    expect(await set.size()).toBe(0)
  })

  test('take may give fewer than it was asked for', async () => {
    expect(await set.take(1)).toEqual([])
    expect(await set.take(1)).toEqual(['good'])
  })

  test('the iterator reports bad items, leaves them out and leaves them there', async () => {
    expect(await allItems(set)).toEqual(['good'])
    expect(reported.map(({ raw }) => raw)).toEqual(['{bad'])
    expect(await set.size()).toBe(2)
  })

  test('a hook that throws or rejects goes to the log and loses no good item', async () => {
    for (const onBadItem of [
      () => {
        throw new Error('hook threw')
      },
      () => Promise.reject(new Error('hook rejected')),
    ]) {
      await store.redis.zadd(name, 0, '{bad', 1, '"good"')
      const failing = new SortedSet<unknown>(store, name, { serializer: jsonSerializer, onBadItem })
      expect(await failing.take(2)).toEqual(['good'])
    }
    expect(errors.filter(({ message }) => message === 'onBadItem failed').map(({ fields }) => (fields['err'] as Error).message)).toEqual([
      'hook threw',
      'hook rejected',
    ])
  })

  test('take waits for the promise of the hook', async () => {
    const kept: string[] = []
    const keeping = new SortedSet<unknown>(store, name, {
      serializer: jsonSerializer,
      async onBadItem(raw) {
        await store.redis.time()
        kept.push(raw)
      },
    })
    await keeping.take(2)
    expect(kept).toEqual(['{bad'])
  })

  test('the log shows the beginning of a large bad item, the hook gets all of it', async () => {
    const large = `{${'x'.repeat(100_000)}`
    await store.redis.zadd(name, -1, large)
    expect(await set.pop()).toBeNull()
    expect(reported[0]?.raw).toBe(large)
    expect(String(errors[0]?.fields['item']).length).toBeLessThanOrEqual(500)
  })

  test('bytes that are no text are a bad item, removed as they are', async () => {
    await store.redis.zadd(name, -1, Buffer.from([0xff, 0xfe, 0x00]))
    expect(await set.pop()).toBeNull()
    expect(await set.size()).toBe(2)
  })

  test('a scheduled set treats bad items the same', async () => {
    const scheduled = new ScheduledSet<unknown>(store, name, { serializer: jsonSerializer })
    expect(await scheduled.peek()).toBeNull()
    expect(await scheduled.pop()).toBeNull()
    expect(await scheduled.take(2)).toEqual(['good'])
    expect(errors.map(({ message }) => message.slice(0, 13))).toEqual(['bad item kept', 'bad item remo'])
  })
})
