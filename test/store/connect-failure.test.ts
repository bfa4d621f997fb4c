import { createServer, type AddressInfo } from 'node:net'
import { connect, ConnectionError, type RipenError, type Store } from '@ripen/store'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, redisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

/** Far more than an attempt needs: what fails sooner fails by itself. */
const enqueueTimeout = '20 s'
const atOnce = 3_000

async function expectFailure(url: string): Promise<RipenError> {
  const error = await within(atOnce, rejection(connect({ url, enqueueTimeout })), `the failure of ${url}`)
  expect(error).toBeInstanceOf(ConnectionError)
  return error
}

describe('connect() fails at once', () => {
  test('where nobody listens', async () => {
    const port = await freePort()
    const error = await expectFailure(`redis://:hunter2@127.0.0.1:${port}`)
    expect(error.message).toContain(`127.0.0.1:${port}`)
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.message).not.toContain('hunter2')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('where there is no such socket', async () => {
    expect((await expectFailure('unix:///nowhere/redis.sock')).message).toContain('ENOENT')
  })

  test('where no node of a cluster listens', async () => {
    const port = await freePort()
    expect((await expectFailure(`redis+cluster://127.0.0.1:${port}`)).message).toContain(`127.0.0.1:${port}`)
  })

  test('where no sentinel listens', async () => {
    await expectFailure(`redis+sentinel://127.0.0.1:${await freePort()}/mymaster`)
  })

  test('where somebody hangs up', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).destroy())
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    onTestFinished(() => void server.close())
    await expectFailure(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })

  test('where something speaks another protocol', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve))
    onTestFinished(() => void server.close())
    await expectFailure(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
})

describe('a server that never answers', () => {
  test('is waited for as long as enqueueTimeout', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    proxy.halfOpen()
    const started = performance.now()
    const error = await rejection(connect({ url: proxy.url, enqueueTimeout: 300 }))
    expect(error).toBeInstanceOf(ConnectionError)
    expect(performance.now() - started).toBeGreaterThan(290)
    expect(performance.now() - started).toBeLessThan(atOnce)
  })
})

describe('ready()', () => {
  test('fails while the server is away, and may be called again when it is back', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    const store = testStore(proxy.url, { enqueueTimeout })
    proxy.refuse()
    await within(atOnce, rejection(store.ready()), 'the first failure')
    await within(atOnce, rejection(store.ready()), 'the second failure')
    await proxy.accept()
    // The attempt under way may still meet the closed port.
    await until(() => store.ready().catch(() => false), atOnce, 'the connection')
    expect(await store.now()).toBeGreaterThan(0)
  })

  test('connects once, however often it is called', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    const store = testStore(proxy.url)
    await Promise.all([store.ready(), store.ready(), store.now()])
    await store.ready()
    expect(proxy.connections).toBe(1)
  })
})

describe('a wrong password', () => {
  test('for the embedded server', async () => {
    const store = await openedStore('embedded:').ready()
    const error = await expectFailure(store.url.replace(/:[0-9a-f]+@/, ':hunter2@'))
    expect(error.message).toContain('WRONGPASS')
    expect(error.message).not.toContain('hunter2')
    expect((await expectFailure(store.url.replace(/:[0-9a-f]+@/, ''))).message).toContain('NOAUTH')
  })
})

describeWithRedisServer('a password of a redis-server', () => {
  let url: string
  beforeAll(async () => {
    const server = await redisServer()
    url = server.url
    const admin = new Redis(url)
    await admin.config('SET', 'requirepass', 'a:b/c@d%')
    admin.disconnect()
    return () => server.close()
  })
  const withPassword = (password: string): string => url.replace('//', `//:${password}@`)

  test('that is right', async () => {
    await using store: Store = await connect(withPassword(encodeURIComponent('a:b/c@d%')))
    expect(await store.redis.ping()).toBe('PONG')
  })

  test('that is wrong, or missing, fails at once', async () => {
    const error = await expectFailure(withPassword('hunter2'))
    expect(error.message).toContain('WRONGPASS')
    expect(error.message).not.toContain('hunter2')
    expect((await expectFailure(url)).message).toContain('NOAUTH')
  })

  test('that is wrong ends a call at once too', async () => {
    const store = openedStore({ url: withPassword('hunter2'), enqueueTimeout })
    const error = await within(atOnce, rejection(store.now()), 'the failure of the call')
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain('WRONGPASS')
  })

  test('of a user who may not read INFO', async () => {
    const admin = new Redis(url, { password: 'a:b/c@d%' })
    onTestFinished(() => admin.disconnect())
    await admin.call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '&*', '+@all', '-info')
    await using store = await connect(url.replace('//', '//ada:secret@'))
    expect(await store.redis.ping()).toBe('PONG')
  })
})
