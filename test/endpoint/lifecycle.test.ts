import type { Store } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import { EndpointClient, Provider } from '../../packages/store/src/endpoint/index.ts'
import { RequestClient } from '../../packages/store/src/endpoint/request-client.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { clientOf, refusal, running } from './running.ts'

const config = [{ name: 'foo', initial_value: 1, schedule_interval: '50ms' as const }]

async function keysOf(store: Store): Promise<string[]> {
  const { prefix } = (store as unknown as { options: { prefix: string } }).options
  const names = ['values', 'settings', 'locks', 'logged', 'due', 'claims', 'applied', 'requests', 'pending', 'deadlines']
  const keys = names.map((name) => `{${prefix}::endpoint:kv_example}:${name}`)
  const found = await Promise.all(keys.map(async (key) => ((await store.redis.exists(key)) === 1 ? [key] : [])))
  return found.flat()
}

onEachServer((_name, server) => {
  test('start and close may be called again and again; after close there is no start', async () => {
    const store = testStore(server.url)
    const provider = new Provider(store, { name: 'kv_example', endpoints: config })
    expect(await Promise.all([provider.start(), provider.start()])).toEqual([provider, provider])
    await Promise.all([provider.close(), provider.close()])
    await provider.close()
    await expect(provider.start()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    await new Provider(store, { name: 'other', endpoints: config }).close()
  })

  test('close lets a request end that is being carried out, but waits for it 2 s at most', async () => {
    const store = testStore(server.url)
    let [entered, open] = [(): void => undefined, (): void => undefined]
    const gate = new Promise<void>((resolve) => (open = resolve))
    const inside = new Promise<void>((resolve) => (entered = resolve))
    const wait = (): Promise<void> => {
      entered()
      return gate
    }
    const provider = await running(store, [{ name: 'foo', commands: { wait, never: () => new Promise(() => undefined) } }])
    const client = clientOf(store)
    const waiting = client.cmd('foo', 'wait')
    await inside
    const closing = provider.close()
    open()
    expect(await waiting).toBeNull()
    await within(1_000, closing, 'the close')
    const other = await running(store, [{ name: 'foo', commands: { wait: () => entered(), never: () => new Promise(() => undefined) } }])
    const never = client.cmd('foo', 'never', [], { timeout: 300 })
    await expect(never).rejects.toMatchObject(refusal(305))
    await within(3_000, other.close(), 'the close')
  })

  test('when the store closes first, calls end and close still works', async () => {
    const store = testStore(server.url)
    const provider = await running(store, [{ name: 'foo', commands: { never: () => new Promise(() => undefined) } }])
    const client = clientOf(store)
    const waiting = client.cmd('foo', 'never')
    const ended = within(3_000, waiting, 'the end of the call').catch((error: unknown) => error)
    await client.ping('foo')
    await store.close()
    expect(await ended).toMatchObject({ code: 'RIPEN_CLOSING' })
    await within(3_000, provider.close(), 'the close')
    await expect(client.get('foo')).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('a client that is closed ends its calls; others of the store go on', async () => {
    const store = testStore(server.url)
    await running(store, [{ name: 'foo', initial_value: 1, commands: { never: () => new Promise(() => undefined) } }])
    const client = new EndpointClient(store)
    await client.ping('foo')
    const waiting = client.cmd('foo', 'never').catch((error: unknown) => error)
    await client.close()
    expect(await waiting).toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(client.ping('foo')).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    expect(await clientOf(store).get('foo')).toEqual({ value_raw: 1 })
  })

  test('forget leaves nothing on the server, and the provider is unknown', async () => {
    const store = testStore(server.url)
    const provider = await running(store, config, { node: 'somenode' })
    const client = clientOf(store)
    await client.set('foo', 2)
    await client.set('foo.max_interval', 5)
    await client.lock('foo')
    await until(async () => (await keysOf(store)).length >= 8, 2_000, 'keys of the provider')
    await provider.forget()
    expect(await keysOf(store)).toEqual([])
    for (const address of ['foo', 'kv_example.foo', 'somenode.kv_example.foo'])
      await expect(client.get(address)).rejects.toMatchObject(refusal(102))
  })

  test('requests and answers are forgotten after their deadlines', async () => {
    const store = testStore(server.url)
    await running(store, [{ name: 'foo' }])
    const client = clientOf(store)
    for (let count = 0; count < 20; count++) await client.set('foo', count)
    const left = (): Promise<string[]> => keysOf(store).then((keys) => keys.filter((key) => /:(requests|pending|deadlines)$/.test(key)))
    expect((await left()).length).toBeGreaterThan(0)
    store.clockOffset += 120_000
    await until(async () => (await left()).length === 0, 3_000, 'the end of all requests')
    expect(await client.get('foo')).toEqual({ value_raw: 19 })
  })

  test('a provider that was silent for a day is forgotten by the next that registers', async () => {
    const store = testStore(server.url)
    const old = await running(store, [{ name: 'old' }], { name: 'old_provider', node: 'somenode' })
    await old.close()
    const client = clientOf(store)
    await expect(client.get('old', { timeout: '1 s' })).rejects.toMatchObject(refusal(305))
    const { prefix } = (store as unknown as { options: { prefix: string } }).options
    const requests = `{${prefix}::endpoint:old_provider}:requests`
    expect(await store.redis.exists(requests)).toBe(1)
    store.clockOffset += 86_400_001
    await running(store, config)
    expect(await store.redis.exists(requests)).toBe(0)
    for (const address of ['old', 'old_provider.old', 'somenode.old_provider.old'])
      await expect(client.get(address)).rejects.toMatchObject(refusal(102))
  })

  test('KV related: alerts, replies and other messages sent to an endpoint are refused with 306, a set without a value with 999', async () => {
    const store = testStore(server.url)
    await running(store, config)
    const requests = new RequestClient(store)
    onTestFinished(() => requests.close())
    const send = (op: string, endpoint: string): Promise<unknown> => {
      const address = { provider: 'kv_example', node: '', endpoint, specifier: '' }
      const bounds = { timeout: 5_000, deadline: Date.now() + 60_000, signal: undefined }
      return requests.send(address, { op, endpoint, specifier: '', values: [], key: '', force: false }, bounds)
    }
    for (const op of ['alert', 'reply', 'send', 'run', 'list', 'constructor'])
      await expect(send(op, 'foo')).rejects.toMatchObject(refusal(306))
    for (const op of ['alert', 'reply', 'send', 'run', 'constructor']) await expect(send(op, '')).rejects.toMatchObject(refusal(306))
    await expect(send('set', 'foo')).rejects.toMatchObject(refusal(999))
    await expect(send('get', 'gone')).rejects.toMatchObject(refusal(102))
  })
})
