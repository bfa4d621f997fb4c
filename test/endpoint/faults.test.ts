import type { Store } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import type { EndpointClient, EndpointConfig } from '../../packages/store/src/endpoint/index.ts'
import {
  endpointAnswerScript,
  endpointClaimScript,
  endpointConfigureScript,
  endpointFindScript,
  endpointLockScript,
  endpointLogScript,
  endpointLookScript,
  endpointReadScript,
  endpointRequestScript,
  endpointSetScript,
  endpointTickScript,
  endpointUnlockScript,
} from '../../packages/store/src/scripts.generated.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

interface Notes {
  readonly calls: unknown[]
}

function endpoints(notes: Notes): EndpointConfig[] {
  return [
    { name: 'foo', log_on_set: true, schedule_interval: 3_600, commands: { note: (value: unknown) => notes.calls.push(value) } },
    { name: 'written', write: (value) => void notes.calls.push(value) },
  ]
}

async function ownServer(): Promise<RedisServer> {
  const server = await redisServer()
  onTestFinished(() => server.close())
  return server
}

async function proxied(server: RedisServer): Promise<TcpProxy> {
  const proxy = await tcpProxy(server.url)
  onTestFinished(() => proxy.close())
  return proxy
}

interface Opened {
  readonly notes: Notes
  readonly client: EndpointClient
  readonly heard: ReturnType<typeof alertsOf>
  readonly proxy: TcpProxy
}

/** A provider and a client, one of them through a proxy; every script is known to the server. */
async function opened(through: 'provider' | 'client'): Promise<Opened> {
  const server = await ownServer()
  const proxy = await proxied(server)
  const prefix = randomPrefix()
  const notes: Notes = { calls: [] }
  const url = (who: string): string => (who === through ? proxy.url : server.url)
  await running(testStore(url('provider'), { prefix }), endpoints(notes))
  const client = clientOf(testStore(url('client'), { prefix }))
  const heard = alertsOf(clientOf(testStore(server.url, { prefix })))
  await client.set('foo', 0)
  await client.cmd('foo', 'single_schedule', [0])
  await heard.payloads(2)
  await client.unlock('foo', { key: await client.lock('foo') })
  return { notes, client, heard, proxy }
}

/** The requests that lie with the provider. */
async function rows(store: Store, prefix: string): Promise<string[]> {
  return store.redis.hvals(`{${prefix}::endpoint:kv_example}:requests`)
}

describeWithRedisServer('endpoints in trouble', () => {
  test.each([
    ['find', endpointFindScript],
    ['request', endpointRequestScript],
  ])("the answer to the client's %s is lost: what was asked happens once", async (_name, { sha }) => {
    const { notes, client, heard, proxy } = await opened('client')
    for (const [round, cutter] of (['cutAfterRequest', 'cutBeforeRequest'] as const).entries()) {
      const cut = proxy[cutter](sha)
      expect(await client.cmd('foo', 'note', [round])).toBe(round + 1)
      await within(2_000, cut, 'the cut')
      const second = proxy[cutter](sha)
      expect(await client.set('foo', round)).toBe(round)
      await within(2_000, second, 'the cut')
    }
    expect(notes.calls).toEqual([0, 1])
    expect(await heard.payloads(4)).toEqual([0, 0, 0, 1].map((value_raw) => ({ value_raw })))
  })

  test('the message with an answer is lost: the client finds the answer on the server', async () => {
    const server = await ownServer()
    const proxy = await proxied(server)
    const prefix = randomPrefix()
    let calls = 0
    const cut = async (): Promise<number> => {
      proxy.refuse()
      proxy.cut()
      return ++calls
    }
    await running(testStore(server.url, { prefix }), [{ name: 'foo', commands: { cut } }])
    const store = testStore(server.url, { prefix })
    const client = clientOf(testStore(proxy.url, { prefix }))
    const asked = client.cmd('foo', 'cut')
    await until(async () => (await rows(store, prefix)).some((row) => row.startsWith('a')), 3_000, 'the answer on the server')
    await proxy.accept()
    expect([await within(3_000, asked, 'the answer'), calls]).toEqual([1, 1])
  })

  test.each([
    ['claim', endpointClaimScript],
    ['read', endpointReadScript],
    ['set', endpointSetScript],
    ['answer', endpointAnswerScript],
    ['look', endpointLookScript],
  ])("the answer to the provider's %s is lost: a set is stored, written and published once", async (_name, { sha }) => {
    const { notes, client, heard, proxy } = await opened('provider')
    for (const [round, cutter] of (['cutAfterRequest', 'cutBeforeRequest'] as const).entries()) {
      for (const name of ['foo', 'written']) {
        const cut = proxy[cutter](sha)
        expect(await client.set(name, round + 1)).toBe(round + 1)
        await within(2_000, cut, 'the cut')
      }
    }
    expect([await client.get('foo'), await client.get('written')]).toEqual([{ value_raw: 2 }, { value_raw: 2 }])
    expect(notes.calls).toEqual([1, 2])
    await client.set('foo', 'end')
    expect(await heard.payloads(5)).toEqual([0, 0, 1, 2, 'end'].map((value_raw) => ({ value_raw })))
  })

  test('the answers to lock and unlock are lost: they answer as if they were not', async () => {
    const { client, proxy } = await opened('provider')
    const locking = proxy.cutAfterRequest(endpointLockScript.sha)
    const key = await client.lock('foo')
    await within(2_000, locking, 'the cut')
    await expect(client.set('foo', 1)).rejects.toMatchObject(refusal(307))
    const unlocking = proxy.cutAfterRequest(endpointUnlockScript.sha)
    expect(await client.unlock('foo', { key })).toBe(0)
    await within(2_000, unlocking, 'the cut')
    expect(await client.unlock('foo')).toBe(1)
  })

  test('a lock that comes while a set is on its way refuses it, although the lock was free when the set began', async () => {
    const server = await ownServer()
    const proxy = await proxied(server)
    const prefix = randomPrefix()
    await running(testStore(proxy.url, { prefix }), [{ name: 'foo' }], { node: 'a' })
    await running(testStore(server.url, { prefix }), [{ name: 'foo' }], { node: 'b' })
    const client = clientOf(testStore(server.url, { prefix }))
    await client.set('a.kv_example.foo', 1)
    const cut = proxy.cutBeforeRequest(endpointSetScript.sha).then(() => proxy.refuse())
    const setting = client.set('a.kv_example.foo', 2).catch((error: unknown) => error)
    await within(2_000, cut, 'the cut')
    await client.lock('b.kv_example.foo')
    await proxy.accept()
    expect(await setting).toMatchObject(refusal(307))
    expect(await client.get('foo')).toEqual({ value_raw: 1 })
  })

  test.each([
    ['tick', endpointTickScript],
    ['log', endpointLogScript],
    ['configure', endpointConfigureScript],
  ])('the answer to %s is lost: the action takes place and is published once', async (_name, { sha }) => {
    const { client, heard, proxy } = await opened('provider')
    for (const [round, cutter] of (['cutAfterRequest', 'cutBeforeRequest'] as const).entries()) {
      await client.set('foo', round + 1)
      const cut = proxy[cutter](sha)
      await client.cmd('foo', 'single_schedule', [0])
      await heard.payloads(2 + 2 * (round + 1))
      await within(3_000, cut, 'the cut')
    }
    await client.set('foo', 'end')
    expect(await heard.payloads(7)).toEqual([0, 0, 1, 1, 2, 2, 'end'].map((value_raw) => ({ value_raw })))
  })

  test('with the server away a call fails within its timeout', async () => {
    const server = await ownServer()
    const store = testStore(server.url)
    await running(store, [{ name: 'foo' }])
    const client = clientOf(store)
    await client.ping('foo')
    await server.stop()
    const start = performance.now()
    await expect(client.set('foo', 1, { timeout: 500 })).rejects.toMatchObject({ code: 'RIPEN_CONNECTION' })
    expect(performance.now() - start).toBeLessThan(2_000)
    await server.start()
  })

  test('a server that comes back, having forgotten everything, is told of providers and schedules again', async () => {
    const server = await ownServer()
    const store = testStore(server.url)
    const client = clientOf(store)
    const heard = alertsOf(client)
    let reads = 0
    await running(store, [{ name: 'foo', schedule_interval: '200ms', read: () => ++reads }], { node: 'somenode' })
    await heard.payloads(2)
    await server.stop()
    const before = heard.all.length
    await server.start()
    await until(() => heard.all.length > before + 2, 10_000, 'alerts after the outage')
    expect((await client.get('somenode.kv_example.foo')).value_raw).toBeGreaterThan(1)
  })

  test('a network that is cut again and again: every set that is answered is stored, in order, and none twice', async () => {
    const server = await ownServer()
    const proxy = await proxied(server)
    const prefix = randomPrefix()
    const written: unknown[] = []
    await running(testStore(proxy.url, { prefix }), [{ name: 'foo', write: (value) => void written.push(value) }])
    const client = clientOf(testStore(proxy.url, { prefix }))
    const answered: number[] = []
    let cuts = 0
    const cutting = setInterval(() => {
      cuts++
      proxy.cut()
    }, 97)
    try {
      for (let number = 0; number < 60 || cuts < 5; number++) {
        await client.set('foo', number)
        answered.push(number)
      }
    } finally {
      clearInterval(cutting)
    }
    expect(written).toEqual(answered)
    expect(await client.get('foo')).toEqual({ value_raw: answered.at(-1) })
  })
})
