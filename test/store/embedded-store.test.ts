import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigurationError, connect, openStore } from '@ripen/store'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { spawnFixture } from '../support/child.ts'
import { within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { capturedLog } from './captured-log.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

afterEach(() => vi.unstubAllEnvs())

describe('a store on an embedded server in memory', () => {
  test('is what an application gets without any setting', async () => {
    vi.stubEnv('RIPEN_URL', undefined)
    vi.stubEnv('REDIS_URL', undefined)
    await using store = await connect()
    expect(store.topology).toBe('embedded')
    expect(store.url).toMatch(/^redis:\/\/:[0-9a-f]{32}@127\.0\.0\.1:\d+$/)
    expect(await store.redis.set('key', 'value')).toBe('OK')
    expect(await store.redis.get('key')).toBe('value')
  })

  test('that nobody has asked for comes with one warning', async () => {
    vi.stubEnv('RIPEN_URL', undefined)
    vi.stubEnv('REDIS_URL', undefined)
    const { logger, entries } = capturedLog()
    await using store = await connect({ logger })
    await store.redis.ping()
    expect(entries.filter(({ level }) => level !== 'debug')).toEqual([
      {
        level: 'warn',
        fields: {},
        message: 'neither RIPEN_URL nor REDIS_URL is set: an embedded server was started, which keeps nothing after this process exits',
      },
    ])
  })

  test('takes commands before ready()', async () => {
    const store = openedStore('embedded:')
    const redis = store.redis
    expect(await Promise.all([redis.set('key', 'value'), redis.get('key'), redis.ping()])).toEqual(['OK', 'value', 'PONG'])
    expect(await (await store.blocking()).get('key')).toBe('value')
    expect(await store.now()).toBeGreaterThan(0)
    expect(store.url).toContain('@127.0.0.1:')
    expect(store.redis).toBe(redis)
  })

  test('starts one server, however many ask at once', async () => {
    const { logger, entries } = capturedLog()
    const store = openedStore({ url: 'embedded:', logger, names: { persons: 1 } })
    await Promise.all([store.redis.set('key', 'value'), store.now(), store.ready(), store.blocking(), store.database('persons')])
    expect(await (await store.blocking()).get('key')).toBe('value')
    expect(entries.filter(({ level }) => level === 'info').map(({ message }) => message)).toEqual([
      'embedded server started: it keeps nothing after this process exits',
    ])
  })

  test('shares nothing with another one', async () => {
    const [one, other] = [openedStore('embedded:'), openedStore('embedded:')]
    await one.redis.set('key', 'value')
    expect(await other.redis.get('key')).toBeNull()
    expect(one.url).not.toBe(other.url)
  })

  test('can be reached from another process', async () => {
    const store = await openedStore('embedded:').ready()
    const fixture = spawnFixture('open-store.mjs', [store.url, 'close'])
    await fixture.event('started')
    expect(await fixture.exit()).toEqual({ code: 0, signal: null })
    expect(await store.redis.get('greeting')).toBe('hello')
  })

  test('takes options of ioredis', async () => {
    await using store = await connect({ url: 'embedded:', redis: { connectionName: 'mine' } })
    expect(await store.redis.client('GETNAME')).toBe('mine')
  })

  test('is gone when the store is closed', async () => {
    const store = await connect('embedded:')
    const { url } = store
    await store.close()
    expect((await rejection(connect(url))).code).toBe('RIPEN_CONNECTION')
  })

  test('closed while it starts, starts no more', async () => {
    const store = openStore('embedded:')
    const ready = rejection(store.ready())
    const ping = store.redis.ping().catch((error: unknown) => error)
    await within(5_000, store.close(), 'the close')
    expect((await within(5_000, ready, 'the end of ready()')).code).toBe('RIPEN_CLOSING')
    expect(await within(5_000, ping, 'the end of the command')).toBeInstanceOf(Error)
  })
})

test('without a server on PATH a directory is refused, with what to install', async () => {
  vi.stubEnv('PATH', '/nowhere')
  const store = openedStore('embedded:./never-made')
  const error = await rejection(store.ready())
  expect(error).toBeInstanceOf(ConfigurationError)
  expect(error.option).toBe('url')
  expect(error.message).toMatch(/install/)
  expect((await rejection(connect('embedded:./never-made'))).option).toBe('url')
})

describeWithRedisServer('a store on an embedded server with a directory', () => {
  test('keeps its data, and can be reached from another process', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ripen-store-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const { logger, entries } = capturedLog()
    const first = openedStore({ url: `embedded:${directory}`, logger })
    expect(await first.redis.set('key', 'value')).toBe('OK')
    expect(first.topology).toBe('embedded')
    expect(first.url).toMatch(/^unix:\/\//)
    const fixture = spawnFixture('open-store.mjs', [first.url, 'close'])
    expect(await fixture.exit()).toEqual({ code: 0, signal: null })
    await first.close()
    expect((await rejection(connect(first.url))).code).toBe('RIPEN_CONNECTION')
    await using second = await connect(`embedded:${directory}`)
    expect(await second.redis.mget('key', 'greeting')).toEqual(['value', 'hello'])
    expect(entries.filter(({ level }) => level !== 'debug')).toEqual([])
  })
})
