import { createServer, type AddressInfo } from 'node:net'
import { openStore, type StoreOptions } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from '../support/deadline.ts'
import { openedStore } from './opened-store.ts'
import { refusal } from './refusal.ts'

/** What the first connection to this address says first. */
async function listener(): Promise<{ readonly port: number; readonly firstWords: () => Promise<Buffer> }> {
  const heard: Buffer[] = []
  const server = createServer((socket) => void socket.on('error', () => undefined).once('data', (data) => void heard.push(data)))
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { port, firstWords: () => until(async () => heard[0], 5_000, 'the first words') as Promise<Buffer> }
}

describe('rediss:// speaks TLS, or nothing:', () => {
  test.each([undefined, false, null, 0, ''])('tls: %o is refused', (tls) => {
    const options = { url: 'rediss://:hunter2@localhost', redis: { tls } } as unknown as StoreOptions
    const error = refusal(() => openStore(options))
    expect(error.option).toBe('redis.tls')
    expect(error.message).not.toContain('hunter2')
  })

  test.each<[string, object]>([
    ['options', { rejectUnauthorized: false }],
    ['nothing said', {}],
  ])('options of TLS add to those of the URL, the name of the server stays: %s', async (_what, tls) => {
    for (const open of ['calls', 'commands'] as const) {
      const { port, firstWords } = await listener()
      const store = openedStore({ url: `rediss://:hunter2@localhost:${port}`, enqueueTimeout: 500, redis: { tls, family: 4 } })
      const { options } = structuredClone(await internals(store).connections.portableTarget())
      expect(options.tls).toEqual({ servername: 'localhost', ...tls })
      ;(open === 'calls' ? store.now() : store.redis.ping()).catch(() => undefined)
      const words = (await firstWords()).toString('latin1')
      expect(words.startsWith('\x16\x03')).toBe(true)
      expect(words).toContain('localhost')
      expect(words).not.toContain('hunter2')
    }
  })

  test('a name of the server that is given wins, and that of another host is not kept', async () => {
    const tlsOf = async (redis: StoreOptions['redis']): Promise<unknown> => {
      const store = openedStore({ url: 'rediss://localhost', redis: redis as object })
      return (await internals(store).connections.portableTarget()).options.tls
    }
    expect(await tlsOf({ tls: { servername: 'cache.internal' } })).toEqual({ servername: 'cache.internal' })
    expect(await tlsOf({ host: 'other.internal', tls: {} })).toEqual({ servername: 'other.internal' })
    expect(await tlsOf({ host: '10.0.0.1', tls: {} })).toEqual({})
  })

  test.each<[string, StoreOptions]>([
    ['rediss:// with sentinels', { url: 'rediss://h', redis: { sentinels: [{ host: 's' }], name: 'main' } }],
    ['sentinels with tls', { redis: { sentinels: [{ host: 's' }], name: 'main', tls: {} } }],
    ['redis+sentinel:// with tls', { url: 'redis+sentinel://s/main', redis: { tls: {} } }],
  ])('what ioredis would leave in plain text is refused: %s', (_what, options) => {
    expect(refusal(() => openStore(options)).option).toBe('redis.enableTLSForSentinelMode')
    const meant = Object.assign({}, options.redis, { enableTLSForSentinelMode: true, tls: {} })
    openedStore({ ...options, redis: meant })
  })
})

test('an option of ioredis that is undefined says nothing against the URL', async () => {
  const redis = { host: undefined, password: undefined, db: undefined, username: undefined } as unknown as object
  const store = openedStore({ url: 'redis://ada:secret@h:1/2', redis })
  const { options } = await internals(store).connections.portableTarget()
  expect(options).toEqual({ host: 'h', port: 1, db: 2, username: 'ada', password: 'secret' })
})
