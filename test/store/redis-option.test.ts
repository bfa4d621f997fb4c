import { createRequire } from 'node:module'
import { connect, isRipenError } from '@ripen/store'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { until } from '../support/deadline.ts'
import { expectNoConnections } from '../support/leaks.ts'
import { describeWithRedisServer, redisServer } from '../support/redis-server.ts'
import { randomPrefix } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

let key: string

beforeEach(() => {
  key = randomPrefix()
  // What is not said otherwise would start an embedded server.
  vi.stubEnv('RIPEN_URL', undefined)
  vi.stubEnv('REDIS_URL', undefined)
})
afterEach(() => vi.unstubAllEnvs())

function ownClient(url: string, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  const client = new Redis(url, options)
  onTestFinished(() => (client.status === 'end' ? undefined : client.disconnect()))
  return client
}

/** Where the shared server is, in ioredis' terms. */
function address(): RedisOptions {
  const { hostname, port, password } = new URL(inject('testServer').url)
  return { host: hostname, port: Number(port || 6379), ...(password === '' ? {} : { password }) }
}

async function connectionsNamed(name: string): Promise<number> {
  const observer = ownClient(inject('testServer').url)
  const lines = String(await observer.client('LIST')).split('\n')
  observer.disconnect()
  return lines.filter((line) => line.includes(` name=${name} `)).length
}

describe('options for ioredis', () => {
  test('reach every connection', async () => {
    const store = openedStore({ url: inject('testServer').url, redis: { connectionName: key } })
    await Promise.all([store.now(), store.redis.ping(), (await store.blocking()).ping()])
    expect(await connectionsNamed(key)).toBe(3)
    await store.close()
    await expectNoConnections(inject('testServer').url, key)
  })

  test('may say where the server is', async () => {
    const store = openedStore({ redis: { ...address(), connectionName: key } })
    expect(store.topology).toBe('standalone')
    await store.ready()
    await store.redis.set(key, 'here', 'PX', 10_000)
    expect(await ownClient(inject('testServer').url).get(key)).toBe('here')
    await using other = await connect(store.url)
    expect(await other.redis.get(key)).toBe('here')
  })

  test('do not change how calls are sent', async () => {
    const hostile: RedisOptions = {
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: true,
      maxRetriesPerRequest: 20,
      lazyConnect: false,
    }
    const store = openedStore({ url: inject('testServer').url, redis: { ...hostile, stringNumbers: true, db: 0 } })
    expect(store.redis.status).toBe('wait')
    expect(typeof (await store.now())).toBe('number')
  })
})

describe("a client of the application's own", () => {
  test('is duplicated, not used and not closed', async () => {
    const own = ownClient(inject('testServer').url, { connectionName: key })
    await own.ping()
    const store = openedStore({ redis: own })
    expect(store.redis).not.toBe(own)
    await store.ready()
    await store.redis.set(key, 'here', 'PX', 10_000)
    const blocking = await store.blocking()
    expect(blocking).not.toBe(own)
    await blocking.ping()
    expect(await connectionsNamed(key)).toBe(4)
    await store.close()
    await until(async () => (await connectionsNamed(key)) === 1, 5_000, 'the end of the duplicates')
    expect(own.status).toBe('ready')
    expect(await own.get(key)).toBe('here')
  })

  test('need not be connected, and is not connected either', async () => {
    const own = ownClient(inject('testServer').url, { lazyConnect: true })
    await using store = await connect({ redis: own })
    expect(await store.now()).toBeGreaterThan(0)
    expect(own.status).toBe('wait')
  })

  test('gives its address, password and database', async () => {
    const own = ownClient(inject('testServer').url, { db: 3, lazyConnect: true })
    const store = openedStore({ redis: own })
    await store.redis.set(key, 'in 3', 'PX', 10_000)
    expect(await ownClient(inject('testServer').url, { db: 3 }).get(key)).toBe('in 3')
    expect(await ownClient(inject('testServer').url).get(key)).toBeNull()
    expect(store.url).toBe(`${inject('testServer').url}/3`)
    await using other = await connect(store.url)
    expect(await other.redis.get(key)).toBe('in 3')
  })

  test.each([
    [{ host: 'h', port: 1 }, 'redis://h:1'],
    [{ host: 'h', port: 1, password: 'a:b@c/d' }, 'redis://:a%3Ab%40c%2Fd@h:1'],
    [{ host: 'h', port: 1, username: 'ada', password: 'secret', db: 2 }, 'redis://ada:secret@h:1/2'],
    [{ host: 'h', port: 1, tls: {} }, 'rediss://h:1'],
    [{ host: '::1', port: 1 }, 'redis://[::1]:1'],
    [
      {
        sentinels: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        name: 'main',
        db: 2,
      },
      'redis+sentinel://a:1,b:2/main/2',
    ],
  ])('with %j has the url %s', (options, url) => {
    expect(openedStore({ redis: new Redis({ ...options, lazyConnect: true }) }).url).toBe(url)
  })

  test('that is of a Cluster has the url of its nodes, connected or not', () => {
    const own = new Cluster([{ host: 'a', port: 1 }, 'redis://b:2'], { lazyConnect: true, redisOptions: { password: 'secret' } })
    const store = openedStore({ redis: own })
    expect(store.topology).toBe('cluster')
    expect(store.url).toBe('redis+cluster://:secret@a:1,b:2')
  })

  test('excludes a url', async () => {
    const own = ownClient(inject('testServer').url, { lazyConnect: true })
    expect((await rejection(() => openedStore({ url: inject('testServer').url, redis: own }))).option).toBe('url')
  })

  test('wins over the environment', async () => {
    vi.stubEnv('RIPEN_URL', 'redis://127.0.0.1:1')
    await using store = await connect({ redis: ownClient(inject('testServer').url, { lazyConnect: true }) })
    expect(await store.redis.ping()).toBe('PONG')
  })

  test('of another copy of ioredis works as well, or is refused, but is not overlooked', async () => {
    const require = createRequire(import.meta.url)
    const file = require.resolve('ioredis')
    const directory = file.slice(0, file.lastIndexOf('ioredis') + 'ioredis'.length)
    for (const path of Object.keys(require.cache)) if (path.startsWith(directory)) delete require.cache[path]
    const other = (require('ioredis') as { Redis: typeof Redis }).Redis
    expect(other).not.toBe(Redis)
    const own = new other(inject('testServer').url)
    onTestFinished(() => own.disconnect())
    const outcome = await connect({ redis: own }).then(
      async (store) => {
        const { topology } = store
        await store.close()
        return topology
      },
      (error: unknown) => isRipenError(error, 'RIPEN_CONFIGURATION') && 'refused',
    )
    expect(['standalone', 'refused']).toContain(outcome)
    expect(await own.ping()).toBe('PONG')
  })
})

describeWithRedisServer('a client on a unix socket', () => {
  test('gives its path', async () => {
    const server = await redisServer({ args: ['--unixsocket', 'redis.sock'] })
    onTestFinished(() => server.close())
    const store = openedStore({ redis: ownClient(`${server.dir}/redis.sock`, { db: 2 }) })
    await store.redis.set('key', 'in 2')
    expect(await ownClient(server.url, { db: 2 }).get('key')).toBe('in 2')
    expect(store.url).toBe(`unix://${server.dir}/redis.sock?db=2`)
    await using other = await connect(store.url)
    expect(await other.redis.get('key')).toBe('in 2')
  })
})
