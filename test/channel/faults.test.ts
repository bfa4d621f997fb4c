import { openStore, type Store } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import { Channel } from '../../packages/store/src/channel/index.ts'
import { channelRunScript } from '../../packages/store/src/scripts.generated.ts'
import { ownServer } from '../faults/own-server.ts'
import { randomNumbers } from '../faults/random-numbers.ts'
import { within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

const writes = (request: Buffer): boolean => request.includes(channelRunScript.sha)

interface Opened {
  readonly proxy: TcpProxy
  /** Through the proxy. */
  readonly far: Channel
  /** Straight to the server. */
  readonly near: Channel
  readonly store: Store
}

async function opened(): Promise<Opened> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const store = testStore(server.url, { prefix })
  const [far, near] = [new Channel(testStore(proxy.url, { prefix }), 'lost'), new Channel(store, 'lost')]
  // The server then knows the script, so that the request that is cut is the one that writes.
  await far.set({ n: 0, list: ['x'.repeat(100_000), 'b', 'c'] })
  return { proxy, far, near, store }
}

/**
 * Lets the server apply the call, loses its answer, and lets `meanwhile` happen before the call is sent
 * again.
 */
async function loseAnswer<T>(proxy: TcpProxy, call: () => Promise<T>, meanwhile?: () => Promise<unknown>): Promise<T> {
  const cut = proxy.cutAfterRequest(writes)
  const answer = call()
  answer.catch(() => undefined)
  proxy.refuse()
  await within(2_000, cut, 'the cut')
  await meanwhile?.()
  await proxy.accept()
  return answer
}

const maybe = expect.objectContaining({ code: 'RIPEN_CONNECTION', message: expect.stringContaining('may have been applied') })

describeWithRedisServer('a change that was applied and whose answer is lost', () => {
  test('20 increments at random calls: each is applied once, and has its answer', async () => {
    const { proxy, far, near } = await opened()
    const random = randomNumbers(3)
    let n = 0
    for (let round = 0; round < 20; round++) {
      let position = Math.floor(random() * 3)
      const cut = proxy.cutAfterRequest((request) => writes(request) && position-- === 0)
      for (let i = 0; i < 3; i++) expect(await far.query('numincrby', 'n', 1)).toBe(++n)
      await within(2_000, cut, 'the cut')
    }
    expect(await near.data()).toMatchObject({ _ipc_obj: { n: 60 }, _ipc_meta: { rev: 60 } })
  })

  test('each operation that may not be done twice is done once', async () => {
    const { proxy, far, near } = await opened()
    expect(await loseAnswer(proxy, () => far.query('arrappend', 'list', 'd', 'e'))).toBe(5)
    expect(await loseAnswer(proxy, () => far.query('arrpop', 'list'))).toBe('e')
    expect(await loseAnswer(proxy, () => far.query('arrinsert', 'list', 1, 'a'))).toBe(5)
    expect(await loseAnswer(proxy, () => far.query('arrtrim', 'list', 1, -1))).toBe(4)
    expect(await loseAnswer(proxy, () => far.query('strappend', 'list[0]', 'A'))).toBe(2)
    expect(await loseAnswer(proxy, () => far.query('del', 'list[-1]'))).toBe(1)
    expect(await loseAnswer(proxy, () => far.query('nummultby', 'n', 3))).toBe(0)
    expect(await loseAnswer(proxy, () => far.set(true, 'flag'))).toMatchObject({ rev: 8 })
    expect(await loseAnswer(proxy, () => far.query('toggle', 'flag'))).toBe(false)
    expect(await near.data()).toMatchObject({ _ipc_obj: { n: 0, list: ['aA', 'b', 'c'], flag: false }, _ipc_meta: { rev: 9 } })
  })

  test('a pipeline is applied once, and has all its answers', async () => {
    const { proxy, far, near } = await opened()
    const results = await loseAnswer(proxy, () =>
      far.pipeline().query('numincrby', 'n', 5).set(1, 'x.y').query('arrpop', 'list').meta('rev').exec(),
    )
    expect(results).toEqual([5, expect.objectContaining({ code: 'RIPEN_PATH' }), 'c', 2])
    expect(await near.data()).toMatchObject({ _ipc_obj: { n: 5 }, _ipc_meta: { rev: 2 } })
  })

  test('after a change by others it is not known: what may not be done twice is not, and says so', async () => {
    const { proxy, far, near } = await opened()
    const others = (): Promise<unknown> => near.set(1, 'other')
    await expect(loseAnswer(proxy, () => far.query('numincrby', 'n', 1), others)).rejects.toEqual(maybe)
    expect(await near.get('n')).toBe(1)
    await expect(loseAnswer(proxy, () => far.pipeline().set(2, 'n').query('arrpop', 'list').exec(), others)).rejects.toEqual(maybe)
    expect([await near.get('n'), await near.query('arrlen', 'list')]).toEqual([2, 2])
    await expect(loseAnswer(proxy, () => far.query('del', 'list[0]'), others)).rejects.toEqual(maybe)
    expect(await near.query('arrlen', 'list')).toBe(1)
  })

  test('after a change by others what may be done again is', async () => {
    const { proxy, far, near } = await opened()
    expect(
      await loseAnswer(
        proxy,
        () => far.set(7, 'n'),
        () => near.set(1, 'other'),
      ),
    ).toMatchObject({ rev: 3 })
    expect(
      await loseAnswer(
        proxy,
        () => far.query('del', 'list'),
        () => near.set(2, 'other'),
      ),
    ).toBe(0)
    expect(await near.get()).toEqual({ n: 7, other: 2 })
    expect(
      await loseAnswer(
        proxy,
        () => far.reset('mine'),
        () => near.reset('theirs'),
      ),
    ).toMatchObject({ rev: 0 })
    expect(await near.get()).toBe('mine')
  })

  test('a compare-and-set tells its own change from that of others', async () => {
    const { proxy, far, near } = await opened()
    const { epoch } = (await near.meta())!
    expect(await loseAnswer(proxy, () => far.set('first', '.', { ifRev: 0 }))).toEqual({ epoch, rev: 1 })
    await expect(
      loseAnswer(
        proxy,
        () => far.set('second', '.', { ifRev: 1 }),
        () => near.set('third'),
      ),
    ).rejects.toEqual(maybe)
    expect(await near.data()).toMatchObject({ _ipc_obj: 'third', _ipc_meta: { rev: 3 } })
  })

  test('an answer above 64 KiB is not kept: the error says that the change was applied', async () => {
    const { proxy, far, near } = await opened()
    await expect(loseAnswer(proxy, () => far.query('arrpop', 'list', 0))).rejects.toMatchObject({
      code: 'RIPEN_CONNECTION',
      message: expect.stringContaining('was applied'),
    })
    expect(await near.get('list')).toEqual(['b', 'c'])
    expect(await far.query('numincrby', 'n', 1)).toBe(1)
  })

  test('a change that did not reach the server is sent again', async () => {
    const { proxy, far, near } = await opened()
    for (const call of [() => far.set(1, 'n'), () => far.reset({ n: 2 })]) {
      const cut = proxy.cutBeforeRequest(writes)
      await call()
      await within(2_000, cut, 'the cut')
    }
    expect(await near.data()).toMatchObject({ _ipc_obj: { n: 2 }, _ipc_meta: { rev: 0 } })
  })
})

describeWithRedisServer('channels in trouble', () => {
  test('a server that is killed and comes back: nothing acknowledged is lost, and nothing is done twice', { timeout: 60_000 }, async () => {
    const server = await ownServer({ appendonly: 'always' })
    const store = testStore(server.url, { enqueueTimeout: '20 s' })
    const channel = new Channel(store, 'away')
    await channel.set({ n: 0, last: [0, 0, 0] })
    const unknown: unknown[] = []
    let [acknowledged, stopped] = [0, false]
    const increment = async (): Promise<void> => {
      while (!stopped) {
        try {
          await channel.query('numincrby', 'n', 1)
          acknowledged++
        } catch (error) {
          unknown.push(error)
        }
      }
    }
    const assign = async (index: number): Promise<number> => {
      let i = 0
      while (!stopped) await channel.set(++i, `last[${index}]`)
      return i
    }
    const work = Promise.all([assign(0), assign(1), assign(2), increment(), increment()])
    for (let outage = 0; outage < 3; outage++) {
      const before = acknowledged
      while (acknowledged < before + 100) await channel.get('n')
      await server.restart()
    }
    const before = acknowledged
    while (acknowledged < before + 100) await channel.get('n')
    stopped = true
    const [a, b, c] = await work
    const { n, last } = (await channel.get()) as { n: number; last: number[] }
    expect(last).toEqual([a, b, c])
    expect(n).toBeGreaterThanOrEqual(acknowledged)
    expect(n).toBeLessThanOrEqual(acknowledged + unknown.length)
    expect(unknown).toEqual(unknown.map(() => maybe))
    expect(unknown.length).toBeLessThanOrEqual(6)
    expect(await channel.meta('rev')).toBeGreaterThanOrEqual(n + a + b + c)
  })

  test('with memory full a write is refused and nothing of it is written; reading and delete work', async () => {
    const server = await ownServer()
    const store = testStore(server.url)
    const channel = new Channel(store, 'full')
    await channel.set({ n: 1 })
    const before = await channel.data()
    await store.redis.config('SET', 'maxmemory', '1')
    for (const call of [
      () => channel.set(1),
      () => channel.set(2, 'n'),
      () => channel.query('numincrby', 'n', 1),
      () => channel.reset(1),
      () => channel.pipeline().set(2, 'n').get().exec(),
      () => new Channel(store, 'new').ensure(),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'RIPEN_STORE_FULL' })
    expect(await channel.data()).toEqual(before)
    expect([await channel.getIfUpdated(), await channel.delete()]).toMatchObject([{ changed: true, value: { n: 1 } }, true])
    expect(await channel.isInitialized()).toBe(false)
  })

  test('a flushed script cache goes unnoticed, and a key of another type does not', async () => {
    const store = testStore((await ownServer()).url)
    const channel = new Channel(store, 'flushed')
    await channel.set(1)
    await store.redis.script('FLUSH')
    expect([await channel.get(), await channel.query('numincrby', '.', 1)]).toEqual([1, 2])
    await store.redis.set(channel.redisKey, 'text')
    for (const call of [() => channel.get(), () => channel.set(1), () => channel.getIfUpdated(), () => channel.delete()])
      await expect(call()).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
  })

  test('a server that does not come back: calls end by their deadline', async () => {
    const server = await ownServer()
    const store = openStore({ url: server.url, enqueueTimeout: 300 })
    onTestFinished(() => store.close())
    const channel = new Channel(store, 'gone')
    await channel.set(1)
    await server.stop()
    const calls = [channel.get(), channel.set(2), channel.query('numincrby', '.', 1), channel.delete(), channel.pipeline().get().exec()]
    for (const call of calls) await expect(within(2_000, call, 'the deadline')).rejects.toMatchObject({ code: 'RIPEN_CONNECTION' })
  })
})
