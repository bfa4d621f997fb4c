import { describe, expect, test } from 'vitest'
import { Provider } from '../../packages/store/src/endpoint/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { clientOf, refusal, running } from './running.ts'

const key = '0123456789abcdef0123456789abcdef'
const dashed = '01234567-89AB-cdef-0123-456789abcdef'
const other = 'f'.repeat(32)
const endpoints = [
  { name: 'foo', initial_value: 1, commands: { five: () => 5, set_condition: (condition: number) => condition } },
  { name: 'bar' },
]

onEachServer((_name, server) => {
  describe('lockout: lock', () => {
    test('answers the key without dashes, given or made', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      expect(await client.lock('foo', dashed)).toBe(key)
      expect(await client.lock('bar')).toMatch(/^[0-9a-f]{32}$/)
      expect([await client.get('foo.is_locked'), await client.get('bar.is_locked')]).toEqual([true, true])
    })

    test('again with the same key is ok; with another or none 307; a malformed key is 308, locked or not', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await expect(client.lock('foo', 'zz!')).rejects.toMatchObject(refusal(308))
      expect(await client.get('foo.is_locked')).toBe(false)
      await client.lock('foo', key)
      expect(await client.lock('foo', key)).toBe(key)
      await expect(client.lock('foo', other)).rejects.toMatchObject(refusal(307))
      await expect(client.lock('foo')).rejects.toMatchObject(refusal(307))
      await expect(client.lock('foo', `${key}0`)).rejects.toMatchObject(refusal(308))
    })
  })

  describe('lockout: while locked', () => {
    test('get of values and attributes is allowed, but the key is never readable', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await client.lock('foo', key)
      expect([await client.get('foo'), await client.get('foo.max_interval')]).toEqual([{ value_raw: 1 }, 0])
      for (const address of ['foo.lockout_key', 'foo.lockout-key', 'foo.key'])
        await expect(client.get(address)).rejects.toMatchObject(refusal(304))
      for (const address of ['kv_example.lockout_key', 'kv_example.key'])
        await expect(client.get(address)).rejects.toMatchObject(refusal(102))
      await expect(client.set('foo.lockout_key', other, { lockoutKey: key })).rejects.toMatchObject(refusal(304))
    })

    test('set, attribute set and cmd need the key, dashes ignored: 307 without it or with another, 308 with a malformed one', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await client.lock('foo', key)
      const calls = [
        (options?: { lockoutKey: string }) => client.set('foo', 2, options),
        (options?: { lockoutKey: string }) => client.set('foo.max_interval', 2, options),
        (options?: { lockoutKey: string }) => client.cmd('foo', 'five', [], options),
        (options?: { lockoutKey: string }) => client.cmd('foo', 'log_a_value', [1], options),
        (options?: { lockoutKey: string }) => client.cmd('foo', 'single_schedule', [100], options),
      ]
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ ...refusal(307), message: 'Endpoint foo is locked; lockout_key required' })
        await expect(call({ lockoutKey: other })).rejects.toMatchObject(refusal(307))
        await expect(call({ lockoutKey: 'zz!' })).rejects.toMatchObject(refusal(308))
      }
      expect([await client.get('foo'), await client.get('foo.max_interval')]).toEqual([{ value_raw: 1 }, 0])
      const results = []
      for (const call of calls) results.push(await call({ lockoutKey: dashed }))
      expect(results).toEqual([2, 2, 5, null, null])
    })

    test('write is not called for a set that the lock refuses', async () => {
      const store = testStore(server.url)
      const written: unknown[] = []
      await running(store, [{ name: 'foo', write: (value) => void written.push(value) }])
      const client = clientOf(store)
      await client.lock('foo', key)
      await expect(client.set('foo', 1)).rejects.toMatchObject(refusal(307))
      await client.set('foo', 2, { lockoutKey: key })
      expect(written).toEqual([2])
    })

    test('ping and set_condition pass', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await client.lock('kv_example', key)
      expect([await client.ping('foo'), await client.ping('kv_example'), await client.cmd('foo', 'ping')]).toEqual([null, null, null])
      expect([await client.cmd('foo', 'set_condition', [3]), await client.cmd('kv_example', 'set_condition', [3])]).toEqual([3, null])
    })

    test('what the code of the provider sets needs the key too', async () => {
      const store = testStore(server.url)
      const provider = await running(store, endpoints)
      await clientOf(store).lock('foo', key)
      await expect(provider.endpoint('foo').set(2)).rejects.toMatchObject(refusal(307))
      expect(await provider.endpoint('foo').set(2, { lockoutKey: dashed })).toBe(2)
    })
  })

  test('lockout: an endpoint that is not locked ignores any key', async () => {
    const store = testStore(server.url)
    await running(store, endpoints)
    const client = clientOf(store)
    expect([await client.set('foo', 2, { lockoutKey: other }), await client.set('foo', 3, { lockoutKey: 'zz!' })]).toEqual([2, 3])
    expect(await client.cmd('foo', 'five', [], { lockoutKey: 'zz!' })).toBe(5)
  })

  describe('lockout: unlock', () => {
    test('takes the key or force; neither is 307, a malformed key 308; unlocking the unlocked is retcode 1', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await client.lock('foo', key)
      await expect(client.unlock('foo')).rejects.toMatchObject(refusal(307))
      await expect(client.unlock('foo', { key: other })).rejects.toMatchObject(refusal(307))
      await expect(client.unlock('foo', { key: 'zz!' })).rejects.toMatchObject(refusal(308))
      expect(await client.unlock('foo', { key: dashed })).toBe(0)
      expect([await client.unlock('foo'), await client.unlock('foo', { key: 'zz!' }), await client.unlock('kv_example')]).toEqual([1, 1, 1])
      await client.lock('foo', key)
      expect(await client.unlock('foo', { force: true })).toBe(0)
      expect([await client.get('foo.is_locked'), await client.set('foo', 2)]).toEqual([false, 2])
    })
  })

  describe('lockout: a provider', () => {
    test('locks itself and those of its endpoints that are not locked; the caller gets the key', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      await client.lock('foo', other)
      const made = await client.lock('kv_example')
      expect(made).toMatch(/^[0-9a-f]{32}$/)
      await expect(client.set('bar', 1)).rejects.toMatchObject(refusal(307))
      expect(await client.set('bar', 1, { lockoutKey: made })).toBe(1)
      await expect(client.set('foo', 2, { lockoutKey: made })).rejects.toMatchObject(refusal(307))
      expect(await client.set('foo', 2, { lockoutKey: other })).toBe(2)
      await expect(client.set('kv_example.schedule_status', 'on')).rejects.toMatchObject(refusal(307))
    })

    test('unlocked, also by force, leaves the own lock of an endpoint', async () => {
      const store = testStore(server.url)
      await running(store, endpoints)
      const client = clientOf(store)
      for (const options of [{ key }, { force: true }]) {
        await client.lock('foo', other)
        await client.lock('kv_example', key)
        await expect(client.unlock('kv_example', { key: other })).rejects.toMatchObject(refusal(307))
        expect(await client.unlock('kv_example', options)).toBe(0)
        const locked = await Promise.all(['kv_example', 'foo', 'bar'].map(async (name) => client.get(`${name}.is_locked`)))
        expect(locked).toEqual([false, true, false])
        await client.unlock('foo', { key: other })
      }
    })

    test('with a lockoutKey is locked from its start; a lock that somebody else holds is kept', async () => {
      const store = testStore(server.url)
      const first = await running(store, endpoints, { lockoutKey: dashed })
      const client = clientOf(store)
      await expect(client.set('foo', 2)).rejects.toMatchObject(refusal(307))
      expect(await client.set('foo', 2, { lockoutKey: key })).toBe(2)
      await first.close()
      await running(store, endpoints, { lockoutKey: other })
      expect(await client.set('foo', 3, { lockoutKey: key })).toBe(3)
      expect(() => new Provider(store, { name: 'x', endpoints: [], lockoutKey: 'zz!' })).toThrow('lockoutKey')
    })
  })

  test('lockout: no set slips in between a lock and its answer', async () => {
    const store = testStore(server.url)
    for (let node = 0; node < 2; node++) await running(store, endpoints)
    const client = clientOf(store)
    for (let round = 0; round < 20; round++) {
      const sets = Array.from({ length: 10 }, (_, index) => client.set('foo', `${round}-${index}`).catch((error: unknown) => error))
      const made = await client.lock('foo')
      const atLock = await client.get('foo')
      await Promise.all(sets)
      expect(await client.get('foo')).toEqual(atLock)
      await client.unlock('foo', { key: made })
    }
  })
})
