import { ConfigurationError, storeFromConfig, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import type { RedisOptions } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { rejection } from '../store/rejection.ts'
import { onEachServer } from '../support/conformance.ts'

type Config = Record<string, string | undefined>

async function configured(config: Config, options?: { prefix?: string }): Promise<Store> {
  const store = await storeFromConfig(config, options)
  onTestFinished(() => store.close())
  return store
}

/** The full key that a configuration is refused for. */
async function refusedKey(config: Config, options?: { prefix?: string }): Promise<string | undefined> {
  const error = await rejection(configured(config, options))
  expect(error).toBeInstanceOf(ConfigurationError)
  return error.option
}

/** The options that the sockets of a store have, those of a cluster's nodes too. */
function socketOptions(store: Store): RedisOptions {
  const { options } = store.redis
  return 'redisOptions' in options ? (options.redisOptions as RedisOptions) : options
}

// The details are in test/store/store-from-config.test.ts; here every kind of server is configured.
onEachServer((name, server) => {
  test('BP-01 an empty configuration is refused', async () => {
    expect(await refusedKey({})).toBe('redis.url')
    expect((await rejection(storeFromConfig({}))).message).toBe('redis.url: no value specified')
  })

  test('BP-02 the url says where the server is, and which database', async () => {
    const store = await configured({ 'redis.url': `${server.url}/0` })
    expect(store.topology).toBe(name === 'cluster' ? 'cluster' : 'standalone')
    expect(internals(store).selectedDatabase).toBe(0)
    expect(await store.redis.ping()).toBe('PONG')
  })

  if (name === 'cluster')
    test('BP-02 a cluster has no other database', async () => {
      expect(await refusedKey({ 'redis.url': `${server.url}/1` })).toBe('redis.url')
    })
  else
    test('BP-02 the url of a named database', async () => {
      expect(internals(await configured({ 'redis.url': `${server.url}/1` })).selectedDatabase).toBe(1)
    })

  test('BP-03 timeouts of sockets', async () => {
    const timeouts = { 'redis.socket_timeout': '30 seconds', 'redis.socket_connect_timeout': '300 milliseconds' }
    const store = await configured({ 'redis.url': server.url, ...timeouts })
    expect(socketOptions(store)).toMatchObject({ socketTimeout: 30_000, connectTimeout: 300 })
    expect(await store.redis.ping()).toBe('PONG')
  })

  test('BP-04 max_connections', async () => {
    const store = await configured({ 'redis.url': server.url, 'redis.max_connections': '300' })
    expect(internals(store).options.maxBlocking).toBe(300)
  })

  test('BP-05 an extra option is refused, rather than dropped in silence', async () => {
    const error = await rejection(storeFromConfig({ 'redis.url': server.url }, { prefx: 'redis.' } as { prefix?: string }))
    expect(error).toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'prefx' })
  })

  test('BP-06 another prefix', async () => {
    const store = await configured({ 'noodle.url': server.url, 'redis.url': 'redis://127.0.0.1:1' }, { prefix: 'noodle.' })
    expect(await store.redis.ping()).toBe('PONG')
    expect(await refusedKey({ 'redis.url': server.url }, { prefix: 'noodle.' })).toBe('noodle.url')
  })

  test('BP-07 timespans', async () => {
    const timespans = { '3000 milliseconds': 3_000, '1 second': 1_000, '2 seconds': 2_000, '30 minutes': 1_800_000, '2 hours': 7_200_000, '1 day': 86_400_000 } // prettier-ignore
    for (const [text, milliseconds] of Object.entries(timespans)) {
      const store = await configured({ 'redis.url': server.url, 'redis.socket_timeout': text })
      expect(socketOptions(store).socketTimeout, text).toBe(milliseconds)
    }
    for (const text of ['3.2 hours', 'a b', 'a b c', '10 florgles', '-1 seconds', '10 Seconds'])
      expect(await refusedKey({ 'redis.url': server.url, 'redis.socket_timeout': text }), text).toBe('redis.socket_timeout')
  })

  test('BP-08 whole numbers', async () => {
    const store = await configured({ 'redis.url': server.url, 'redis.max_connections': '337' })
    expect(internals(store).options.maxBlocking).toBe(337)
    for (const text of ['illegal', '1.2'])
      expect(await refusedKey({ 'redis.url': server.url, 'redis.max_connections': text }), text).toBe('redis.max_connections')
  })

  test('BP-09 empty text', async () => {
    expect(await refusedKey({ 'redis.url': '' })).toBe('redis.url')
    const store = await configured({ 'redis.url': server.url, 'redis.max_connections': '' })
    expect(internals(store).options.maxBlocking).toBe(Number.POSITIVE_INFINITY)
    expect(await refusedKey({ 'redis.url': server.url, 'redis.max_connections': 'asdf' })).toBe('redis.max_connections')
  })
})
