import { ConfigurationError, storeFromConfig, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import type { Redis } from 'ioredis'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { rejection } from './rejection.ts'

const url = (): string => inject('testServer').url

async function configured(config: Record<string, string | undefined>, options?: { prefix?: string }): Promise<Store> {
  const store = await storeFromConfig(config, options)
  onTestFinished(() => store.close())
  return store
}

/** The full key that a configuration is refused for. */
async function refusedKey(config: Record<string, string | undefined>, options?: { prefix?: string }): Promise<string | undefined> {
  const error = await rejection(configured(config, options))
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(error.message).toContain(error.option)
  return error.option
}

describe('the keys of baseplate', () => {
  test('BP-01 an empty configuration is refused', async () => {
    expect(await refusedKey({})).toBe('redis.url')
    expect(await refusedKey({ url: url(), 'redis.ulr': url() })).toBe('redis.url')
    expect((await rejection(storeFromConfig({}))).message).toBe('redis.url: no value specified')
  })

  test('BP-02 the url gives host, port and database', async () => {
    const { hostname, port } = new URL(url())
    const store = await configured({ 'redis.url': `${url()}/0` })
    expect((store.redis as Redis).options).toMatchObject({ host: hostname, port: Number(port), db: 0 })
    expect(await store.redis.ping()).toBe('PONG')
    const nobody = await freePort()
    const error = await rejection(storeFromConfig({ 'redis.url': `redis://localhost:${nobody}/0` }))
    expect(error.code).toBe('RIPEN_CONNECTION')
    expect(error.message).toContain(`localhost:${nobody}`)
    expect(await refusedKey({ 'redis.url': 'localhost:1234' })).toBe('redis.url')
  })

  test('BP-03 timeouts of sockets', async () => {
    const store = await configured({
      'redis.url': url(),
      'redis.socket_timeout': '30 seconds',
      'redis.socket_connect_timeout': '300 milliseconds',
    })
    const expected = { socketTimeout: 30_000, connectTimeout: 300 }
    expect((await internals(store).caller.client()).options).toMatchObject(expected)
    expect((store.redis as Redis).options).toMatchObject(expected)
    expect((await store.blocking()).options).toMatchObject({ connectTimeout: 300 })
  })

  test('BP-04 max_connections', async () => {
    expect(internals(await configured({ 'redis.url': url(), 'redis.max_connections': '300' })).options.maxBlocking).toBe(300)
    const store = await configured({ 'redis.url': url(), 'redis.max_connections': '1' })
    const first = await store.blocking()
    let second: Redis | undefined
    const waiting = store.blocking().then((client) => (second = client))
    await Promise.all([first.ping(), store.now()])
    expect(second).toBeUndefined()
    first.disconnect()
    expect(await (await waiting).ping()).toBe('PONG')
  })

  test('BP-05 an extra option is refused, rather than dropped in silence', async () => {
    const error = await rejection(storeFromConfig({ 'redis.url': url() }, { prefx: 'redis.' } as { prefix?: string }))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toContain("did you mean 'prefix'?")
  })

  test('BP-06 another prefix', async () => {
    for (const prefix of ['noodle.', 'a.b.']) {
      const config = { [`${prefix}url`]: url(), [`${prefix}socket_connect_timeout`]: '7 seconds', 'redis.url': 'redis://127.0.0.1:1' }
      expect(((await configured(config, { prefix })).redis as Redis).options.connectTimeout).toBe(7_000)
      expect(await refusedKey({ 'redis.url': url() }, { prefix })).toBe(`${prefix}url`)
    }
    expect(await refusedKey({ noodleurl: url() }, { prefix: 'noodle' })).toBe('prefix')
    expect(await refusedKey({ url: url() }, { prefix: '' })).toBe('prefix')
  })

  test.each([
    ['30 milliseconds', 30],
    ['1 millisecond', 1],
    ['1 second', 1_000],
    ['2 seconds', 2_000],
    ['1 minute', 60_000],
    ['30 minutes', 1_800_000],
    ['2 hours', 7_200_000],
    ['1 day', 86_400_000],
  ])("BP-07 the timespan '%s' is %d ms", async (text, milliseconds) => {
    const store = await configured({ 'redis.url': url(), 'redis.socket_connect_timeout': text })
    expect((store.redis as Redis).options.connectTimeout).toBe(milliseconds)
  })

  test.each(
    [
      ['3.2 hours', 'a b', 'a b c', '10 florgles', '10', '10 s', '10 Seconds', '10seconds', '1 second 2', '-1 seconds', '1e3 seconds'],
      [' 1 second', '1 second ', '1 secondss', 'infinite', '0x10 seconds', '10 constructor', '10 toString', '10 __proto__', ' '],
      // More than any clock counts.
      `${'9'.repeat(30)} days`,
    ].flat(),
  )("BP-07 the timespan '%s' is refused", async (text) => {
    expect(await refusedKey({ 'redis.url': url(), 'redis.socket_timeout': text })).toBe('redis.socket_timeout')
    expect(await refusedKey({ 'n.url': url(), 'n.socket_connect_timeout': text }, { prefix: 'n.' })).toBe('n.socket_connect_timeout')
  })

  test('BP-08 whole numbers', async () => {
    const limit = async (text: string | undefined): Promise<number> =>
      internals(await configured({ 'redis.url': url(), 'redis.max_connections': text })).options.maxBlocking
    expect(await limit('337')).toBe(337)
    expect(await limit('')).toBe(Number.POSITIVE_INFINITY)
    expect(await limit(undefined)).toBe(Number.POSITIVE_INFINITY)
    for (const text of ['illegal', '1.2', '-1', '0', '1e3', '0x10', ' 1', '1 ', '9'.repeat(20), '2000000'])
      expect(await refusedKey({ 'redis.url': url(), 'redis.max_connections': text }), text).toBe('redis.max_connections')
  })

  test('BP-09 empty text', async () => {
    expect(await refusedKey({ 'redis.url': '' })).toBe('redis.url')
    expect(await refusedKey({ 'redis.url': undefined })).toBe('redis.url')
    const options = (store: Store): unknown => (store.redis as Redis).options
    const store = await configured({
      'redis.url': url(),
      'redis.socket_timeout': '',
      'redis.socket_connect_timeout': '',
      'redis.max_connections': '',
    })
    expect(options(store)).toEqual(options(await configured({ 'redis.url': url() })))
    expect(await refusedKey({ 'redis.url': url(), 'redis.max_connections': 'asdf' })).toBe('redis.max_connections')
  })

  test('other keys are ignored', async () => {
    const store = await configured({ 'redis.url': url(), 'redis.colour': 'red', 'app.name': 'noodles', max_connections: 'x' })
    expect(await store.redis.ping()).toBe('PONG')
  })
})
