import { createServer, connect as tcpConnect, type AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { connect, ConfigurationError, ConnectionError, openStore, type StoreOptions } from '@ripen/store'
import { afterEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

afterEach(() => vi.unstubAllEnvs())

/** A server that only counts who comes. */
async function listener(): Promise<{ port: number; arrivals: () => number; arrival: () => Promise<void> }> {
  let arrivals = 0
  let arrived: (() => void) | undefined
  const server = createServer((socket) => {
    arrivals++
    arrived?.()
    socket.on('error', () => undefined).destroy()
  })
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    arrivals: () => arrivals,
    arrival: () => new Promise((resolve) => (arrived = resolve)),
  }
}

describe('before its first use a store', () => {
  test('connects to nothing', async () => {
    const { port, arrivals, arrival } = await listener()
    const store = openedStore({ url: `redis://127.0.0.1:${port}`, names: { persons: 1 } })
    expect(store.topology).toBe('standalone')
    expect(store.url).toBe(`redis://127.0.0.1:${port}`)
    expect(store.clockOffset).toBe(0)
    expect(store.redis.status).toBe('wait')
    // Whoever came before this connection was counted before it.
    const mine = arrival()
    tcpConnect({ host: '127.0.0.1', port }).on('error', () => undefined)
    await within(5_000, mine, 'the connection of this test')
    expect(arrivals()).toBe(1)
  })

  test('starts no server', async () => {
    const threads = async (): Promise<number> => {
      await setImmediate()
      return process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort').length
    }
    const before = await threads()
    const store = openedStore('embedded:')
    expect(store.redis.status).toBe('wait')
    expect(store.url).toBe('embedded:')
    expect(await threads()).toBe(before)
    const ready = store.ready()
    expect(await threads()).toBeGreaterThan(before)
    await ready
  })

  test('can be closed', async () => {
    for (const url of ['redis://127.0.0.1:1', 'embedded:', 'redis+cluster://127.0.0.1:1', 'redis+sentinel://127.0.0.1:1/main']) {
      const store = openStore(url)
      await within(1_000, store.close(), 'the close')
      expect((await rejection(store.ready())).code).toBe('RIPEN_CLOSING')
    }
  })
})

describe('the target', () => {
  test.each([
    ['redis://ripen:1', 'redis://redis:2', 'redis://ripen:1'],
    ['', 'redis://redis:2', 'redis://redis:2'],
    [undefined, 'redis://redis:2', 'redis://redis:2'],
    [undefined, undefined, 'embedded:'],
    ['', '', 'embedded:'],
  ])('with RIPEN_URL=%s and REDIS_URL=%s is %s', (ripen, redis, url) => {
    vi.stubEnv('RIPEN_URL', ripen)
    vi.stubEnv('REDIS_URL', redis)
    expect(openedStore().url).toBe(url)
    expect(openedStore({}).url).toBe(url)
    expect(openedStore({ prefix: 'mine' }).topology).toBe(url === 'embedded:' ? 'embedded' : 'standalone')
    expect(openedStore('redis://given:3').url).toBe('redis://given:3')
  })

  test('must be named in production', async () => {
    vi.stubEnv('NODE_ENV', 'production')
    vi.stubEnv('RIPEN_URL', undefined)
    vi.stubEnv('REDIS_URL', '')
    for (const attempt of [() => openStore(), () => openStore({ prefix: 'mine' }), () => connect()]) {
      const { code, option, message } = await rejection(attempt)
      expect({ code, option }).toEqual({ code: 'RIPEN_CONFIGURATION', option: 'url' })
      expect(message).toContain('RIPEN_URL')
    }
    expect(openedStore('embedded:').topology).toBe('embedded')
    vi.stubEnv('REDIS_URL', 'redis://redis:2')
    expect(openedStore().url).toBe('redis://redis:2')
  })

  test('that the environment names wrongly is refused', async () => {
    vi.stubEnv('RIPEN_URL', 'localhost:6379')
    expect((await rejection(() => openStore())).option).toBe('url')
  })

  test('connect() resolves to a store that is ready', async () => {
    const { url } = testStore()
    await using store = await connect({ url })
    expect(await store.redis.ping()).toBe('PONG')
    expect(await store.ready()).toBe(store)
    expect(inject('testServer').url).toBe(store.url)
  })
})

describe('refused at once, by name:', () => {
  test.each<[string, unknown]>([
    ['url', ''],
    ['url', 'no url'],
    ['url', { url: 7 }],
    ['prefix', { prefix: 'a b' }],
    ['prefix', { prefix: '' }],
    ['prefix', { prefix: '{tag}' }],
    ['enqueueTimeout', { enqueueTimeout: 0 }],
    ['enqueueTimeout', { enqueueTimeout: '5 secs' }],
    ['enqueueTimeout', { enqueueTimeout: Number.NaN }],
    ['maxBlocking', { maxBlocking: 0 }],
    ['shared', { shared: 'yes' }],
    ['names', { names: 'persons' }],
    ['names.0', { names: ['persons'] }],
    ['names.persons', { names: { persons: '1' } }],
    ['names.persons', { names: { persons: -1 } }],
    ['names.persons', { names: { persons: 1.5 } }],
    ['redis', { redis: 'redis://localhost' }],
    ['redis', { redis: null }],
    // Not everything that Ripen sends would get the prefix.
    ['redis.keyPrefix', { redis: { keyPrefix: 'app:' } }],
    ['StoreOptions', 7],
    ['StoreOptions', null],
    ['StoreOptions', ['redis://localhost']],
  ])('%s in %j', async (option, target) => {
    const error = await rejection(async () => openStore(target as StoreOptions).close())
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.option).toBe(option)
    expect((await rejection(connect(target as StoreOptions))).option).toBe(option)
  })

  test.each([
    ['enqueueTimout', 'enqueueTimeout'],
    ['Prefix', 'prefix'],
    ['uri', 'url'],
    ['maxBlockings', 'maxBlocking'],
  ])("the unknown option '%s', with the near miss '%s'", async (key, near) => {
    const error = await rejection(() => openStore({ [key]: 1 }))
    expect(error.message).toContain(`did you mean '${near}'?`)
  })
})

test('errors of a connection are of one class', async () => {
  expect(await rejection(connect('redis://127.0.0.1:1'))).toBeInstanceOf(ConnectionError)
})
