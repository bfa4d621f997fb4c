import { Cluster, Redis } from 'ioredis'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { redisCluster } from './support/cluster.ts'
import { spawnFixture } from './support/child.ts'
import { onStandaloneServers } from './support/conformance.ts'
import { containerImage } from './support/container.ts'
import { until, within } from './support/deadline.ts'
import { expectNoConnections } from './support/leaks.ts'
import { tcpProxy, type TcpProxy } from './support/proxy.ts'
import { describeWithRedisServer, redisServer, type RedisServer, type RedisServerOptions } from './support/redis-server.ts'
import { RequestFrames } from './support/request-frames.ts'
import { randomPrefix, testStore } from './support/test-store.ts'

function client(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false })
  redis.on('error', () => undefined)
  onTestFinished(() => (redis.status === 'end' ? undefined : redis.disconnect()))
  return redis
}

async function started(options?: RedisServerOptions): Promise<RedisServer> {
  const server = await redisServer(options)
  onTestFinished(() => server.close())
  return server
}

describe('deadlines', () => {
  test('name what did not happen', async () => {
    await expect(within(10, new Promise(() => undefined), 'the impossible')).rejects.toThrow('the impossible: not within 10 ms')
    await expect(until(() => false, 30, 'the impossible')).rejects.toThrow('the impossible: not within 30 ms')
    await expect(until(() => new Promise<boolean>(() => undefined), 30, 'an answer')).rejects.toThrow('an answer: not within')
  })

  test('pass on outcomes', async () => {
    let asked = 0
    expect(await until(() => ++asked === 3 && 'third', 1_000, 'the third')).toBe('third')
    await expect(within(1_000, Promise.reject(new Error('its own')), 'it')).rejects.toThrow('its own')
  })
})

test('requests are cut where they end, however they arrive', () => {
  const bytes = Buffer.from('*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$6\r\n*1\r\n$4\r\n')
  for (let size = 1; size <= bytes.length; size++) {
    const frames = new RequestFrames()
    const requests: string[] = []
    for (let start = 0; start < bytes.length; start += size) requests.push(...frames.push(bytes.subarray(start, start + size)).map(String))
    expect(requests).toEqual(['*1\r\n$4\r\nPING\r\n', '*2\r\n$4\r\nECHO\r\n$6\r\n*1\r\n$4\r\n'])
  }
})

onStandaloneServers((_name, server) => {
  async function proxied(): Promise<{ proxy: TcpProxy; through: Redis; direct: Redis; key: string }> {
    const proxy = await tcpProxy(server.url)
    onTestFinished(() => proxy.close())
    const through = client(proxy.url)
    await through.ping()
    return { proxy, through, direct: client(server.url), key: randomPrefix() }
  }

  describe('the proxy', () => {
    test('passes everything on', async () => {
      const { through, direct, key } = await proxied()
      await through.set(key, 'x'.repeat(1 << 20))
      expect((await direct.get(key))?.length).toBe(1 << 20)
      expect(await Promise.all(Array.from({ length: 500 }, (_value, index) => through.ping(`${index}`)))).toEqual(
        Array.from({ length: 500 }, (_value, index) => `${index}`),
      )
    })

    test('cuts all connections', async () => {
      const { proxy, through } = await proxied()
      const ended = new Promise((resolve) => through.once('end', resolve))
      proxy.cut()
      await within(2_000, ended, 'the end of the connection')
      await until(() => proxy.connections === 0, 2_000, 'no connection')
      expect(await client(proxy.url).ping()).toBe('PONG')
    })

    test.each([
      ['text', `two`],
      ['an expression', /incrby[^]*two/i],
      ['a number', 2],
      ['a function', (request: Buffer): boolean => request.includes('two')],
    ] as const)('cuts after the request given by %s: applied, and no answer', async (_form, match) => {
      const { proxy, through, direct, key } = await proxied()
      const cut = proxy.cutAfterRequest(match)
      const outcomes = await Promise.allSettled([
        through.incrby(`${key}one`, 1),
        through.incrby(`${key}two`, 1),
        through.incrby(`${key}three`, 1),
      ])
      await within(2_000, cut, 'the cut')
      expect(outcomes[1].status).toBe('rejected')
      expect(outcomes[2].status).toBe('rejected')
      expect(await direct.mget(`${key}one`, `${key}two`, `${key}three`)).toEqual(['1', '1', null])
      expect(await client(proxy.url).incrby(`${key}two`, 1)).toBe(2)
    })

    test('cuts after a script and after a blocking command', async () => {
      const { proxy, through, direct, key } = await proxied()
      const script = proxy.cutAfterRequest('RPUSH')
      await expect(through.eval("return redis.call('RPUSH', KEYS[1], 'x')", 1, key)).rejects.toThrow()
      await within(2_000, script, 'the cut')
      const waiting = client(proxy.url)
      await waiting.ping()
      const pop = proxy.cutAfterRequest(/blpop/i)
      await expect(waiting.blpop(key, 5)).rejects.toThrow()
      await within(2_000, pop, 'the cut')
      expect(await direct.llen(key)).toBe(0)
    })

    test('cuts before a request: not applied', async () => {
      const { proxy, through, direct, key } = await proxied()
      const cut = proxy.cutBeforeRequest('set')
      await expect(through.set(key, '1')).rejects.toThrow()
      await cut
      expect(await direct.get(key)).toBeNull()
    })

    test('refuses and accepts on the same port', async () => {
      const { proxy, through } = await proxied()
      proxy.refuse()
      await expect(client(proxy.url).ping()).rejects.toThrow()
      expect(await through.ping()).toBe('PONG')
      await proxy.accept()
      expect(await client(proxy.url).ping()).toBe('PONG')
    })

    test('delays both ways and keeps the order', async () => {
      const { proxy, through } = await proxied()
      proxy.delay(30)
      const start = performance.now()
      expect(await Promise.all([through.ping('1'), through.ping('2'), through.ping('3')])).toEqual(['1', '2', '3'])
      expect(performance.now() - start).toBeGreaterThanOrEqual(55)
    })

    test('half open: nobody is told, and nothing arrives', async () => {
      const { proxy, through, direct, key } = await proxied()
      proxy.halfOpen()
      const answer = through.set(key, '1').then(
        () => 'answered',
        () => 'ended',
      )
      const fresh = client(proxy.url)
      const freshAnswer = fresh.ping().catch(() => 'ended')
      await expect(within(100, Promise.race([answer, freshAnswer]), 'an answer')).rejects.toThrow('not within')
      expect(await direct.get(key)).toBeNull()
      proxy.restore()
      expect(await client(proxy.url).ping()).toBe('PONG')
      proxy.cut()
      expect(await Promise.all([answer, freshAnswer])).toEqual(['ended', 'ended'])
    })
  })

  test('a connection that stays open is found by its name', async () => {
    const name = randomPrefix()
    const forgotten = new Redis(server.url, { connectionName: name })
    await forgotten.ping()
    await expect(expectNoConnections(server.url, name)).rejects.toThrow(`the end of all connections named ${name}`)
    forgotten.disconnect()
    await expectNoConnections(server.url, name)
  })

  test('a store of a test has a prefix of its own and leaves nothing open', async () => {
    const [first, second] = [testStore(server.url), testStore(server.url)]
    await Promise.all([first.ready(), second.ready()])
    expect(await first.now()).toBeGreaterThan(0)
    const open = client(server.url)
    expect((await open.client('LIST')) as string).toMatch(/ name=test-[0-9a-f]{12} /)
  })
})

describeWithRedisServer('a redis-server of its own', () => {
  test('keeps what it acknowledged over SIGKILL with appendonly always', async () => {
    const server = await started({ appendonly: 'always' })
    await client(server.url).set('kept', 'yes')
    const { port, pid } = server
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await client(server.url).get('kept')).toBe('yes')
  })

  test('keeps nothing without', async () => {
    const server = await started()
    await client(server.url).set('kept', 'no')
    await server.stop('SIGTERM')
    expect(server.pid).toBeUndefined()
    await expect(client(server.url).ping()).rejects.toThrow()
    await server.start()
    expect(await client(server.url).get('kept')).toBeNull()
  })

  test('answers nothing while suspended', async () => {
    const server = await started()
    const redis = client(server.url)
    await redis.ping()
    server.suspend()
    const answer = redis.ping()
    await expect(within(100, answer, 'an answer')).rejects.toThrow('not within')
    server.resume()
    expect(await answer).toBe('PONG')
  })

  test('takes arguments, and says why it did not start', async () => {
    const server = await started({ args: ['--maxmemory', '20mb'] })
    expect(await client(server.url).config('GET', 'maxmemory')).toEqual(['maxmemory', String(20 << 20)])
    await expect(redisServer({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/Bad directive|no-such-setting/)
  })

  test('a cluster of three answers, and each node knows all slots', async () => {
    const cluster = await redisCluster(3)
    onTestFinished(() => cluster.close())
    const redis = new Cluster(cluster.nodes.map((node) => ({ host: '127.0.0.1', port: node.port })))
    onTestFinished(() => redis.disconnect())
    const keys = Array.from({ length: 50 }, (_value, index) => `key-${index}`)
    await Promise.all(keys.map((key) => redis.set(key, key)))
    expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys)
    const sizes = await Promise.all(cluster.nodes.map((node) => client(node.url).dbsize()))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(cluster.url).toBe(`redis+cluster://${cluster.nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`)
    const store = testStore(cluster.url)
    expect((await store.ready()).topology).toBe('cluster')
  })
})

test('the server of the run answers', async () => {
  const { kind, url } = inject('testServer')
  expect(['given', 'redis-server', 'container', 'embedded']).toContain(kind)
  expect(await client(url).ping()).toBe('PONG')
})

test('images go by their short names, and an unknown one is refused', () => {
  expect(['redis:7', 'redis:8', 'valkey:8', 'valkey:9', 'valkey/valkey:9'].map(containerImage)).toEqual([
    'redis:7',
    'redis:8',
    'valkey/valkey:8',
    'valkey/valkey:9',
    'valkey/valkey:9',
  ])
  expect(() => containerImage('memcached')).toThrow('RIPEN_TEST_IMAGE must be one of')
})

test('a fixture tells events, dies when told to, and its failure names what it said', async () => {
  const fixture = spawnFixture('open-store.mjs', [inject('testServer').url, 'stay'])
  expect(await fixture.event('started', (event) => event['url'] !== undefined)).toMatchObject({ event: 'started' })
  expect(await fixture.event('started')).toBe(fixture.events[0])
  fixture.kill('SIGSTOP')
  fixture.kill('SIGCONT')
  fixture.kill('SIGKILL')
  expect(await fixture.exit()).toEqual({ code: null, signal: 'SIGKILL' })
  await expect(fixture.event('finished')).rejects.toThrow("no 'finished' of open-store.mjs; it said started")
  const failing = spawnFixture('open-store.mjs', ['nonsense:'])
  await expect(failing.event('started')).rejects.toThrow(/ConfigurationError/)
  expect((await failing.exit()).code).toBe(1)
})
