import { connect, openStore, type Store, type StoreOptions } from '@ripen/store'
import { Cluster, Redis } from 'ioredis'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { until } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { randomPrefix } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

function sharedStore(prefix: string, url: string = inject('testServer').url): Store {
  const store = openStore({ url, prefix, shared: true })
  onTestFinished(() => store.close())
  return store
}

test('a shared store is one for its target and prefix', async () => {
  const prefix = randomPrefix()
  const store = sharedStore(prefix)
  expect(sharedStore(prefix)).toBe(store)
  expect(await connect({ url: store.url, prefix, shared: true })).toBe(store)
  expect(sharedStore(randomPrefix())).not.toBe(store)
  expect(sharedStore(prefix, `${store.url}/1`)).not.toBe(store)
  const own = openStore({ url: store.url, prefix })
  onTestFinished(() => own.close())
  expect(own).not.toBe(store)
})

test('it survives that its module is loaded anew', async () => {
  const prefix = randomPrefix()
  const store = sharedStore(prefix)
  vi.resetModules()
  const anew = await import('@ripen/store')
  expect(anew.openStore).not.toBe(openStore)
  expect(anew.openStore({ url: store.url, prefix, shared: true })).toBe(store)
})

test('a store on the embedded server can be shared', async () => {
  const prefix = randomPrefix()
  const store = sharedStore(prefix, 'embedded:')
  await store.redis.set('key', 'value')
  expect(sharedStore(prefix, 'embedded:')).toBe(store)
  expect(await sharedStore(prefix, 'embedded:').redis.get('key')).toBe('value')
})

test('after its end there is a new one, which further closes of the old one leave alone', async () => {
  const prefix = randomPrefix()
  const store = sharedStore(prefix)
  await store.ready()
  await store.close()
  const successor = sharedStore(prefix)
  expect(successor).not.toBe(store)
  await store.close()
  expect(sharedStore(prefix)).toBe(successor)
  await successor[Symbol.asyncDispose]()
  expect(sharedStore(prefix)).not.toBe(successor)
})

test('a connect() that fails does not close it for those who have it', async () => {
  const proxy = await tcpProxy(inject('testServer').url)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const store = sharedStore(prefix, proxy.url)
  proxy.refuse()
  expect((await rejection(connect({ url: proxy.url, prefix, shared: true }))).code).toBe('RIPEN_CONNECTION')
  await proxy.accept()
  await until(() => store.ready().catch(() => false), 3_000, 'the connection')
  expect(await store.now()).toBeGreaterThan(0)
})

test('nor for those who were given it while it was under way', async () => {
  const proxy = await tcpProxy(inject('testServer').url)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  proxy.refuse()
  const failed = rejection(connect({ url: proxy.url, prefix, shared: true }))
  const store = sharedStore(prefix, proxy.url)
  await failed
  await proxy.accept()
  await until(() => store.ready().catch(() => false), 3_000, 'the connection')
  expect(await store.now()).toBeGreaterThan(0)
})

test('it is another one for another user, password, database or TLS', () => {
  const prefix = randomPrefix()
  const shared = (options: StoreOptions): Store => openedStore({ prefix, shared: true, ...options })
  const path = '/run/redis.sock'
  const [one, other] = [(): undefined => undefined, (): undefined => undefined]
  const different: StoreOptions[] = [
    { redis: { path } },
    { redis: { path, username: 'ada', password: 'secret' } },
    { redis: { path, username: 'bob', password: 'secret' } },
    { redis: { path, username: 'bob', password: 'other' } },
    { redis: { path, db: 1 } },
    { redis: { path }, names: { persons: 1 } },
    { redis: { path }, names: { persons: 2 } },
    { redis: { path, tls: {} } },
    { redis: { path, tls: { ca: Buffer.from('one') } } },
    { redis: { path, tls: { ca: Buffer.from('other') } } },
    { redis: { path, tls: { checkServerIdentity: one } } },
    { redis: { path, tls: { checkServerIdentity: other } } },
    { url: 'redis://h', redis: { password: 'secret' } },
    { url: 'redis://h', redis: { password: 'other' } },
    { url: 'redis://h', redis: { tls: {} } },
    { redis: new Cluster(['h'], { lazyConnect: true, natMap: { a: { host: 'b', port: 1 } } }) },
    { redis: new Cluster(['h'], { lazyConnect: true }) },
  ]
  expect(new Set(different.map(shared)).size).toBe(different.length)
  // The same values are the same, though objects are made anew when a module is loaded again.
  const again = { path, tls: { ca: Buffer.from('one') } }
  expect(shared({ redis: again })).toBe(shared({ redis: structuredClone(again) }))
  expect(shared({ redis: new Redis({ path, lazyConnect: true }) })).toBe(shared({ redis: new Redis({ path, lazyConnect: true }) }))
})
