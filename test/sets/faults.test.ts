import { ScheduledSet, SortedSet } from '@ripen/queue'
import { expect, onTestFinished, test } from 'vitest'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { setName } from './set-name.ts'

describeWithRedisServer('sets in trouble', () => {
  async function ownServer(): Promise<RedisServer> {
    const server = await redisServer()
    onTestFinished(() => server.close())
    return server
  }

  async function throughProxy(): Promise<{ proxy: TcpProxy; set: SortedSet }> {
    const proxy = await tcpProxy((await ownServer()).url)
    onTestFinished(() => proxy.close())
    const store = testStore(proxy.url)
    return { proxy, set: new SortedSet(store, setName(store)) }
  }

  test('with memory full, adding fails with StoreFullError and everything that removes still works', async () => {
    const store = testStore((await ownServer()).url)
    const set = new SortedSet(store, setName(store))
    const scheduled = new ScheduledSet(store, setName(store))
    await set.addMany(['a', 'b', 'c', 'd'])
    await scheduled.addMany(['a', 'b'])
    await store.redis.config('SET', 'maxmemory', '1')
    for (const call of [() => set.add('x'), () => set.addMany(['x']), () => scheduled.add('x'), () => set.add('a', 1, { mode: 'xx' })]) {
      await expect(call()).rejects.toMatchObject({ code: 'RIPEN_STORE_FULL' })
    }
    expect([await set.pop(), await set.take(1), await set.peek(), await set.discard('c')]).toEqual(['a', ['b'], 'c', true])
    expect([await scheduled.available(), await scheduled.pop()]).toEqual([2, 'a'])
    expect(await set.clear()).toBe(true)
  })

  test('an add whose answer was lost is there once, with its score', async () => {
    const { proxy, set } = await throughProxy()
    await set.add('before', 0)
    const cut = proxy.cutAfterRequest(set.name)
    expect(await set.add('x', 5, { mode: 'nx' })).toBe(5)
    await cut
    expect([await set.size(), await set.score('x')]).toEqual([2, 5])
  })

  test('a take whose answer was lost loses those items and gives the next ones: at most once', async () => {
    const { proxy, set } = await throughProxy()
    await set.addMany([
      ['_', -1],
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ])
    // The server knows the script then, so that the request that is cut is the one that takes.
    expect(await set.take(1)).toEqual(['_'])
    const cut = proxy.cutAfterRequest(set.name)
    expect(await set.take(2)).toEqual(['c', 'd'])
    await cut
    expect(await set.size()).toBe(0)
  })

  test('a take that did not reach the server loses nothing', async () => {
    const { proxy, set } = await throughProxy()
    await set.addMany([
      ['a', 0],
      ['b', 1],
    ])
    const cut = proxy.cutBeforeRequest(set.name)
    expect(await set.take(2)).toEqual(['a', 'b'])
    await cut
  })

  test('a flushed script cache goes unnoticed', async () => {
    const store = testStore((await ownServer()).url)
    const set = new ScheduledSet(store, setName(store))
    await set.add('a')
    await store.redis.script('FLUSH')
    expect([await set.take(1), await set.add('b', 1), await set.available()]).toEqual([['a'], 1, 1])
  })
})
