import { connect, ConfigurationError, section, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { Cluster, Redis } from 'ioredis'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redisCluster, type RedisCluster } from '../support/cluster.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

describeWithRedisServer('redis+cluster://', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await redisCluster(3)
    return () => cluster.close()
  })

  const keys = Array.from({ length: 30 }, (_value, index) => `key-${index}`)

  /** Keys of all nodes can be written and read, by commands and by calls. */
  async function expectToWork(store: Store): Promise<void> {
    expect(store.topology).toBe('cluster')
    await Promise.all(keys.map((key) => store.redis.set(key, key)))
    const { caller } = internals(store)
    expect(await Promise.all(keys.map((key) => caller.call((client) => client.get(key))))).toEqual(keys)
  }

  test('a node that goes before it has answered to ASKING ends no process', async () => {
    await using store = await connect(cluster.url)
    const client = (await internals(store).caller.client()) as Cluster
    const unheard: unknown[] = []
    const listen = (reason: unknown): void => void unheard.push(reason)
    process.on('unhandledRejection', listen)
    onTestFinished(() => void process.off('unhandledRejection', listen))
    const [node] = client.nodes('master')
    node?.disconnect()
    // As ioredis does it when a slot has moved: nobody looks at the answer.
    const answer = node?.asking()
    await new Promise((resolve) => setImmediate(resolve))
    await expect(answer).rejects.toThrow()
    expect(unheard).toEqual([])
  })

  test('connects to all nodes', async () => {
    await using store = await connect(cluster.url)
    await expectToWork(store)
    expect(store.redis).toBeInstanceOf(Cluster)
    for (const { url } of cluster.nodes) {
      const node = new Redis(url)
      expect(await node.dbsize()).toBeGreaterThan(0)
      node.disconnect()
    }
    expect(Math.abs((await store.now()) - Date.now())).toBeLessThan(60_000)
  })

  test('finds the others from one node', async () => {
    await expectToWork(openedStore(`redis+cluster://127.0.0.1:${cluster.nodes[1]?.port}`))
  })

  test('an add whose answer is lost says that it may have been applied, and was applied once', async () => {
    const store = testStore(cluster.url)
    const { caller, options } = internals(store)
    const counter = section(store, 'lost').get('n')
    const stored = section(testStore(cluster.url, { prefix: options.prefix }), 'lost').get('n')
    await counter.add(0)
    const nodes = ((await caller.client()) as Cluster).nodes('master')
    const ids = await Promise.all(nodes.map((node) => node.client('ID')))
    for (const node of nodes) node.client('REPLY', 'OFF').catch(() => undefined) // it has no answer either
    const adding = rejection(counter.add(1))
    await until(async () => (await stored.val()) === 1, 2_000, 'the add')
    for (const [i, node] of nodes.entries()) {
      const other = new Redis({ port: node.options.port as number })
      await other.client('KILL', 'ID', ids[i] as number)
      other.disconnect()
    }
    expect(await within(5_000, adding, 'the end of the add')).toMatchObject({
      code: 'RIPEN_CONNECTION',
      message: expect.stringContaining('may have been applied') as string,
    })
    expect(await stored.val()).toBe(1)
  })

  test('adds to nodes that are being connected to are sent when they can be', async () => {
    for (let round = 0; round < 10; round++) {
      const store = testStore(cluster.url)
      const sections = Array.from({ length: 20 }, (_value, i) => section(store, `section-${i}`))
      expect(await Promise.all(sections.map((some) => some.get('n').add(1)))).toEqual(sections.map(() => 1))
      await store.close()
    }
  })

  test('has blocking connections', async () => {
    const store = openedStore(cluster.url)
    const client = await store.blocking()
    const popped = client.blpop('list', 0)
    await store.redis.rpush('list', 'value')
    expect(await within(5_000, popped, 'the pop')).toEqual(['list', 'value'])
  })

  test('hears what is published', async () => {
    const store = openedStore(cluster.url)
    const heard: (string | undefined)[] = []
    const arrived = new Promise<void>(
      (resolve) =>
        void internals(store)
          .subscriber.listen('channel', (message) => {
            heard.push(message)
            if (message === 'hello') resolve()
          })
          .then(() => store.redis.publish('channel', 'hello')),
    )
    await within(5_000, arrived, 'the message')
    expect(heard.at(-1)).toBe('hello')
  })

  test('has one database', async () => {
    const store = openedStore({ url: cluster.url, names: { persons: 1 } })
    const error = await rejection(store.database('persons'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.option).toBe('database')
  })

  test('takes the client of an application, and leaves it open', async () => {
    const own = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
    onTestFinished(() => own.disconnect())
    const store = openedStore({ redis: own })
    await expectToWork(store)
    expect(store.redis).not.toBe(own)
    expect(store.url).toBe(cluster.url)
    await store.close()
    expect(await own.get('key-0')).toBe('key-0')
  })

  test('closes in time when all nodes have gone', async () => {
    const own = await redisCluster(1)
    onTestFinished(() => own.close())
    const store = openedStore({ url: own.url, enqueueTimeout: '20 s' })
    await store.ready()
    await store.redis.ping()
    await own.close()
    const waiting = rejection(store.now())
    await within(2_000, store.close(), 'the close')
    expect((await within(100, waiting, 'the end of the call')).code).toBe('RIPEN_CLOSING')
  })

  describe('with a password', () => {
    const password = 'a:b/c@d%'
    beforeAll(async () => {
      for (const { url } of cluster.nodes) {
        const node = new Redis(url)
        await node.config('SET', 'requirepass', password)
        node.disconnect()
      }
    })

    test('takes it from the url', async () => {
      await expectToWork(openedStore(cluster.url.replace('//', `//:${encodeURIComponent(password)}@`)))
      expect((await rejection(connect({ url: cluster.url, enqueueTimeout: '20 s' }))).message).toContain('NOAUTH')
    })

    test('takes it from the options', async () => {
      await expectToWork(openedStore({ url: cluster.url, redis: { password } }))
    })

    test('takes it from the client of an application', async () => {
      const own = new Cluster([{ host: '127.0.0.1', port: cluster.nodes[0]?.port ?? 0 }], { redisOptions: { password }, lazyConnect: true })
      const store = openedStore({ redis: own })
      await expectToWork(store)
      await using other = await connect(store.url)
      await expectToWork(other)
    })
  })
})
