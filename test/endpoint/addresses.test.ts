import { describe, expect, onTestFinished, test } from 'vitest'
import { RequestClient } from '../../packages/store/src/endpoint/request-client.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { clientOf, refusal, running } from './running.ts'

onEachServer((_name, server) => {
  describe('an address', () => {
    test('may be foo, kv_example.foo or somenode.kv_example.foo', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', initial_value: 1 }], { node: 'somenode' })
      const client = clientOf(store)
      for (const address of ['foo', 'kv_example.foo', 'somenode.kv_example.foo']) {
        expect(await client.get(address)).toEqual({ value_raw: 1 })
        expect(await client.get(`${address}.is-locked`)).toBe(false)
      }
      expect(await client.list('somenode.kv_example')).toEqual(['foo'])
    })

    test('with a wrong node, of an unknown endpoint or provider, is refused with 102', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo' }], { node: 'somenode' })
      const client = clientOf(store)
      for (const address of ['othernode.kv_example.foo', 'bar', 'kv_example.bar', 'somenode', 'somenode.foo', 'other.foo'])
        await expect(client.get(address), address).rejects.toMatchObject(refusal(102))
      for (const call of [client.ping('foo.value'), client.lock('foo.value'), client.cmd('foo.value', 'ping')])
        await expect(call).rejects.toMatchObject(refusal(102))
    })

    test('by a name that several providers have is refused with 102; with the provider it is not', async () => {
      const store = testStore(server.url)
      const one = await running(store, [{ name: 'rate', initial_value: 1 }], { name: 'one' })
      await running(store, [{ name: 'rate', initial_value: 2 }], { name: 'two' })
      const client = clientOf(store)
      await expect(client.get('rate')).rejects.toMatchObject(refusal(102))
      expect([await client.get('one.rate'), await client.get('two.rate')]).toEqual([{ value_raw: 1 }, { value_raw: 2 }])
      await one.forget()
      expect(await client.get('rate')).toEqual({ value_raw: 2 })
      await expect(client.get('one.rate')).rejects.toMatchObject(refusal(102))
    })

    test('with a node goes to that node', async () => {
      const store = testStore(server.url)
      for (const node of ['a', 'b']) await running(store, [{ name: 'where', read: () => node }], { node })
      const client = clientOf(store)
      for (let round = 0; round < 5; round++) {
        expect(await client.get('a.kv_example.where')).toEqual({ value_raw: 'a' })
        expect(await client.get('b.kv_example.where')).toEqual({ value_raw: 'b' })
      }
    })

    test('of a provider that does not run is answered by nobody: 305 after the timeout', async () => {
      const store = testStore(server.url)
      const provider = await running(store, [{ name: 'foo' }])
      await provider.close()
      const start = performance.now()
      await expect(clientOf(store).get('foo', { timeout: 300 })).rejects.toMatchObject(refusal(305))
      expect(performance.now() - start).toBeGreaterThanOrEqual(295)
      expect(performance.now() - start).toBeLessThan(2_000)
    })

    test('a request past its deadline is not carried out', async () => {
      const store = testStore(server.url)
      const first = await running(store, [{ name: 'foo', initial_value: 1 }])
      await first.close()
      const client = clientOf(store)
      await expect(client.set('foo', 2, { timeout: 100 })).rejects.toMatchObject(refusal(305))
      await running(store, [{ name: 'foo', initial_value: 1 }])
      // It was started by now, and a later request is behind the earlier one.
      expect(await client.get('foo')).toEqual({ value_raw: 1 })
    })

    test('a request that reaches the server after its deadline is not carried out', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', initial_value: 1 }])
      const requests = new RequestClient(store)
      onTestFinished(() => requests.close())
      const address = { provider: 'kv_example', node: '', endpoint: 'foo', specifier: '' }
      const request = { op: 'set', endpoint: 'foo', specifier: '', values: [2], key: '', force: false }
      const deadline = (await store.now()) - 1
      await expect(requests.send(address, request, { timeout: 300, deadline, signal: undefined })).rejects.toMatchObject(refusal(305))
      expect(await clientOf(store).get('foo')).toEqual({ value_raw: 1 })
    })

    test('a request waits for a provider that starts in time', async () => {
      const store = testStore(server.url)
      const first = await running(store, [{ name: 'foo' }])
      await first.close()
      const client = clientOf(store)
      const setting = client.set('foo', 2)
      await running(store, [{ name: 'foo' }])
      expect(await setting).toBe(2)
    })

    test('of a bad form is a ConfigurationError', async () => {
      const client = clientOf(testStore(server.url))
      for (const address of ['', 'a..b', 'a b', '.a']) await expect(client.get(address)).rejects.toMatchObject({ option: 'address' })
    })
  })

  test('each of many requests is carried out once, whichever of several nodes takes it', async () => {
    const store = testStore(server.url)
    const seen: number[] = []
    for (let node = 0; node < 3; node++)
      await running(store, [{ name: 'foo', commands: { note: (value: number) => void seen.push(value) } }])
    const client = clientOf(store)
    const numbers = Array.from({ length: 100 }, (_, number) => number)
    await Promise.all(numbers.map((number) => client.cmd('foo', 'note', [number])))
    expect(seen.sort((a, b) => a - b)).toEqual(numbers)
  })

  test('an aborted call rejects with the reason of the signal, before and while it waits', async () => {
    const store = testStore(server.url)
    const abort = new AbortController()
    await running(store, [{ name: 'foo', commands: { abort: () => new Promise<void>(() => abort.abort(new Error('enough'))) } }])
    const client = clientOf(store)
    await expect(client.cmd('foo', 'abort', [], { signal: abort.signal })).rejects.toThrow('enough')
    await expect(client.get('foo', { signal: abort.signal })).rejects.toThrow('enough')
  }, 10_000)
})
