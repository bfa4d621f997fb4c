import { randomBytes } from 'node:crypto'
import { ConfigurationError, connect, type Store, type StoreOptions } from '@ripen/store'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

onStandaloneServers((_name, server) => {
  const key = `test-${randomBytes(6).toString('hex')}`
  const names = { persons: 1, things: 2 }
  const open = (options: Pick<StoreOptions, 'names'> = {}): Store => testStore(server.url, { names, ...options })

  describe('named databases', () => {
    test('keep their data apart', async () => {
      const store = open()
      const [persons, things] = await Promise.all([store.database('persons'), store.database('things')])
      await Promise.all([persons, things, store].map((one, index) => one.redis.set(key, `in ${index}`, 'PX', 10_000)))
      expect(await Promise.all([persons, things, store].map((one) => one.redis.get(key)))).toEqual(['in 0', 'in 1', 'in 2'])
      expect(await (await persons.blocking()).get(key)).toBe('in 0')
      expect(await (await things.blocking()).get(key)).toBe('in 1')
      const direct = new Redis(server.url, { db: 1 })
      expect(await direct.get(key)).toBe('in 0')
      direct.disconnect()
    })

    test('are one store for each name', async () => {
      const store = open()
      expect(await store.database('persons')).toBe(await store.database('persons'))
      expect(await store.database('persons')).not.toBe(await store.database('things'))
    })

    test('are stores', async () => {
      const persons = await open().database('persons')
      expect(await persons.ready()).toBe(persons)
      expect(Math.abs((await persons.now()) - Date.now())).toBeLessThan(60_000)
      persons.clockOffset = 3_600_000
      expect((await persons.now()) - Date.now()).toBeGreaterThan(3_500_000)
    })

    test('have a url that leads to them', async () => {
      const persons = await open().database('persons')
      await persons.redis.set(key, 'a person', 'PX', 10_000)
      await using other = await connect(persons.url)
      expect(await other.redis.get(key)).toBe('a person')
    })

    test.each(['person', '', 'Persons', '1', 'constructor', 'toString', '__proto__'])("the unknown name '%s' is refused", async (name) => {
      const error = await rejection(open().database(name))
      expect(error).toBeInstanceOf(ConfigurationError)
      expect(error.option).toBe('database')
      expect(error.message).toContain('persons, things')
    })

    test('that the server does not have are refused, not taken for another', async () => {
      const store = open({ names: { far: 9_999 } })
      expect((await rejection(store.database('far'))).message).toMatch(/out of range|9999/)
    })

    test('are closed with the store', async () => {
      const store = open()
      const persons = await store.database('persons')
      await store.close()
      expect((await rejection(persons.now())).code).toBe('RIPEN_CLOSING')
      expect((await rejection(store.database('persons'))).code).toBe('RIPEN_CLOSING')
      expect((await rejection(store.database('things'))).code).toBe('RIPEN_CLOSING')
    })

    test('closed alone, close what they opened and nothing else', async () => {
      const store = open()
      const persons = await store.database('persons')
      const blocking = await persons.blocking()
      await Promise.all([blocking.ping(), persons.redis.ping(), store.redis.ping()])
      await persons.close()
      await until(() => blocking.status === 'end', 2_000, 'the end of its blocking connection')
      expect((await rejection(persons.now())).code).toBe('RIPEN_CLOSING')
      expect(await store.redis.ping()).toBe('PONG')
      const again = await store.database('persons')
      expect(await again.redis.ping()).toBe('PONG')
    })
  })

  test('options of ioredis do not move a named database', async () => {
    const store = openedStore({ url: server.url, names, redis: { db: 3 } })
    const persons = await store.database('persons')
    await Promise.all([persons.redis.set(key, 'a person', 'PX', 10_000), store.redis.set(key, 'in 3', 'PX', 10_000)])
    const direct = new Redis(server.url, { db: 1 })
    onTestFinished(() => direct.disconnect())
    expect(await direct.get(key)).toBe('a person')
    await direct.select(3)
    expect(await direct.get(key)).toBe('in 3')
  })
})

test('without names there is no database to be named', async () => {
  expect((await rejection(testStore().database('persons'))).message).toContain('(none)')
})
