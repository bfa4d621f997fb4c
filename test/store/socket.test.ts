import { connect } from '@ripen/store'
import { Redis } from 'ioredis'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { spawnFixture } from '../support/child.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

describeWithRedisServer('unix://', () => {
  let server: RedisServer
  beforeEach(async () => {
    server = await redisServer({ args: ['--unixsocket', 'redis.sock'] })
    onTestFinished(() => server.close())
  })

  test('connects to a socket', async () => {
    const store = openedStore(`unix://${server.dir}/redis.sock`)
    expect(store.topology).toBe('standalone')
    await Promise.all([store.redis.set('key', 'value'), store.now(), (await store.blocking()).ping()])
    const direct = new Redis(server.url)
    onTestFinished(() => direct.disconnect())
    expect(await direct.get('key')).toBe('value')
    const fixture = spawnFixture('open-store.mjs', [store.url, 'close'])
    expect(await fixture.exit()).toEqual({ code: 0, signal: null })
    expect(await store.redis.get('greeting')).toBe('hello')
  })

  test('takes a database', async () => {
    const store = openedStore({ url: `unix://${server.dir}/redis.sock?db=3`, names: { persons: 4 } })
    await Promise.all([store.redis.set('key', 'in 3'), (await store.database('persons')).redis.set('key', 'in 4')])
    const direct = new Redis(server.url, { db: 3 })
    onTestFinished(() => direct.disconnect())
    expect(await direct.get('key')).toBe('in 3')
    await direct.select(4)
    expect(await direct.get('key')).toBe('in 4')
  })

  test('waits for a server that comes back on its socket', async () => {
    const store = openedStore({ url: `unix://${server.dir}/redis.sock`, enqueueTimeout: '10 s' })
    await store.ready()
    await server.stop()
    const time = store.now()
    await server.start()
    expect(await time).toBeGreaterThan(0)
  })

  test('without a socket there fails at once', async () => {
    expect((await rejection(connect({ url: `unix://${server.dir}/other.sock`, enqueueTimeout: '20 s' }))).code).toBe('RIPEN_CONNECTION')
  })
})
