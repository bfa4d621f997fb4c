import { connect, openStore, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { spawnFixture } from '../support/child.ts'
import { onStandaloneServers } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

/** What the contract allows `close` to take, in ms. */
const bound = 2_000

async function proxied(): Promise<{ proxy: TcpProxy; store: Store }> {
  const proxy = await tcpProxy(inject('testServer').url)
  onTestFinished(() => proxy.close())
  return { proxy, store: openedStore({ url: proxy.url, enqueueTimeout: '20 s' }) }
}

/** Ways to wait for a server. */
const waits: [string, (store: Store) => Promise<unknown>][] = [
  ['ready()', (store) => store.ready()],
  ['now()', (store) => store.now()],
  ['a call', (store) => internals(store).caller.call((client) => client.get('key'))],
  ['a call without a bound', (store) => internals(store).caller.call((client) => client.get('key'), { budget: Number.POSITIVE_INFINITY })],
]

describe('close() while', () => {
  test.each(waits)('%s waits for a server that is away', async (_name, wait) => {
    const { proxy, store } = await proxied()
    proxy.refuse()
    // ready() fails with the first attempt, so it has to be one that takes long.
    if (wait === waits[0]?.[1]) {
      await proxy.accept()
      proxy.halfOpen()
    }
    const waiting = rejection(wait(store))
    await within(bound, store.close(), 'the close')
    expect((await within(100, waiting, 'the end of the wait')).code).toBe('RIPEN_CLOSING')
  })

  test.each(waits.slice(1))('%s waits for an answer', async (_name, wait) => {
    const { proxy, store } = await proxied()
    await store.ready()
    proxy.halfOpen()
    const waiting = [rejection(wait(store)), rejection(wait(store))]
    await within(bound, store.close(), 'the close')
    for (const error of await within(100, Promise.all(waiting), 'the end of the waits')) expect(error.code).toBe('RIPEN_CLOSING')
  })

  test('everything at once is half open', async () => {
    const { proxy, store } = await proxied()
    const blocking = await store.blocking()
    await Promise.all([store.now(), store.redis.ping(), blocking.ping()])
    proxy.halfOpen()
    const lost = [store.redis.get('key'), blocking.blpop('key', 0)].map((command) => expect(command).rejects.toThrow())
    await within(bound, store.close(), 'the close')
    await within(1_000, Promise.all(lost), 'the end of the commands')
    await until(() => store.redis.status === 'end' && blocking.status === 'end', 1_000, 'the end of the connections')
  })

  test('a connection is asked for', async () => {
    for (const url of [inject('testServer').url, 'embedded:']) {
      const store = openStore(url)
      const asked = rejection(store.blocking())
      await within(bound, store.close(), 'the close')
      expect((await asked).code).toBe('RIPEN_CLOSING')
    }
  })
})

onStandaloneServers((_name, server) => {
  describe('after close()', () => {
    test('everything ends with a ClosingError', async () => {
      const store = testStore(server.url, { names: { persons: 1 } })
      const persons = await store.database('persons')
      await store.close()
      for (const one of [store, persons]) {
        expect((await rejection(one.now())).code).toBe('RIPEN_CLOSING')
        expect((await rejection(one.ready())).code).toBe('RIPEN_CLOSING')
        expect((await rejection(one.blocking())).code).toBe('RIPEN_CLOSING')
        expect((await rejection(() => one.redis.ping())).code).toBe('RIPEN_CLOSING')
      }
      expect((await rejection(store.database('persons'))).code).toBe('RIPEN_CLOSING')
      expect((await rejection(internals(store).subscriber.listen('channel', () => undefined))).code).toBe('RIPEN_CLOSING')
    })

    test('it may be called again, at once and later', async () => {
      const store = testStore(server.url)
      await Promise.all([store.ready(), store.redis.ping()])
      await within(bound, Promise.all([store.close(), store.close(), store[Symbol.asyncDispose]()]), 'three closes')
      await within(100, store.close(), 'the fourth')
      expect((await rejection(store.now())).code).toBe('RIPEN_CLOSING')
    })

    test('no connection is left', async () => {
      // testStore fails the test when the server still knows one.
      const store = testStore(server.url, { names: { persons: 1 } })
      const persons = await store.database('persons')
      const clients = await Promise.all([store.blocking(), persons.blocking()])
      await internals(store).subscriber.listen('channel', () => undefined)
      await Promise.all([store, persons, ...clients].map((one) => ('redis' in one ? one.redis.ping() : one.ping())))
      await store.close()
      const ended = (): boolean => clients.every(({ status }) => status === 'end')
      expect(await until(ended, 1_000, 'the end of the connections')).toBe(true)
    })

    test('await using closes it', async () => {
      let outside: Store
      {
        await using store = await connect(server.url)
        outside = store
      }
      expect((await rejection(outside.now())).code).toBe('RIPEN_CLOSING')
    })
  })
})

describe('a process', () => {
  test.each(['embedded:', 'server', 'away'])('ends by itself when its store has closed: %s', async (target) => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    const fixture = spawnFixture('use-and-close-store.mjs', [target === 'embedded:' ? target : proxy.url, target], {
      RIPEN_LOG_LEVEL: 'silent',
    })
    await fixture.event('used')
    if (target === 'away') {
      proxy.refuse()
      proxy.cut()
      await fixture.event('cut off')
    }
    await fixture.event('closed')
    expect(await fixture.exit(5_000)).toEqual({ code: 0, signal: null })
    await until(() => proxy.connections === 0, bound, 'the end of all connections')
  })
})
