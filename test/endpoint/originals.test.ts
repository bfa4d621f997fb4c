import { EndpointError } from '@ripen/store'
import { describe, expect, onTestFinished, test } from 'vitest'
import { addReturnCode, Provider, providersFromConfig, returnCode, returnCodes } from '../../packages/store/src/endpoint/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

// What the tests and the tutorial of the original show, as decided for Ripen.

onEachServer((_name, server) => {
  test('KV-01: a store constructed with a name has that name', () => {
    expect(new Provider(testStore(server.url), { name: 'abc', endpoints: [] }).name).toBe('abc')
  })

  test('KV-02: the provider of an endpoint is its store', () => {
    const provider = new Provider(testStore(server.url), { name: 'abc', endpoints: [{ name: 'foo' }] })
    expect(provider.endpoint('foo').provider).toBe(provider)
  })

  test('KV-03: endpoint(name) returns the endpoint itself', () => {
    const provider = new Provider(testStore(server.url), { name: 'abc', endpoints: [{ name: 'foo' }] })
    expect(provider.endpoint('foo')).toBe(provider.endpoints[0])
    expect(provider.endpoint('foo').name).toBe('foo')
    expect(() => provider.endpoint('bar')).toThrow('name')
  })

  test('KV-04: setting 0.3 does not throw', async () => {
    const provider = new Provider(testStore(server.url), { name: 'abc', endpoints: [{ name: 'foo' }] })
    expect(await provider.endpoint('foo').set(0.3)).toBe(0.3)
  })

  test('KV-05: what was set is what get gives, without rounding', async () => {
    const provider = new Provider(testStore(server.url), { name: 'abc', endpoints: [{ name: 'foo' }] })
    await provider.endpoint('foo').set(0.3)
    expect(await provider.endpoint('foo').get()).toEqual({ value_raw: 0.3 })
  })

  test('KV-06: an initial value can be read', async () => {
    const provider = new Provider(testStore(server.url), { name: 'abc', endpoints: [{ name: 'foo', initial_value: 0.3 }] })
    expect(await provider.endpoint('foo').get()).toEqual({ value_raw: 0.3 })
  })

  test('KV tutorial: peaches, chips and waffles', async () => {
    const store = testStore(server.url)
    const [provider] = (await providersFromConfig(
      store,
      `
name: my_price_list
module: kv_store
endpoints:
  - { name: peaches, module: kv_store_key, initial_value: 0.75 }
  - { name: chips, module: kv_store_key, initial_value: 1.75 }
  - { name: waffles, module: kv_store_key, initial_value: 4.00 }
`,
    )) as [Provider]
    onTestFinished(() => provider.close())
    await provider.start()
    const client = clientOf(store)
    expect(await client.get('peaches')).toEqual({ value_raw: 0.75 })
    expect(await client.get('waffles')).toEqual({ value_raw: 4 })
    expect(await client.set('chips', 1.79)).toBe(1.79)
    expect(await client.get('chips')).toEqual({ value_raw: 1.79 })
  })

  describe('KV related:', () => {
    test('a node lists its providers in order, and each its endpoints', async () => {
      const store = testStore(server.url)
      const providers = await providersFromConfig(store, {
        nodename: 'somenode',
        broker: 'localhost',
        providers: [
          { name: 'one', endpoints: [{ name: 'b' }, { name: 'a' }] },
          { name: 'two', endpoints: [{ name: 'c' }] },
        ],
      })
      expect(providers.map(({ name, node }) => [name, node])).toEqual([
        ['one', 'somenode'],
        ['two', 'somenode'],
      ])
      for (const provider of providers) {
        onTestFinished(() => provider.close())
        await provider.start()
      }
      const client = clientOf(store)
      expect([await client.list('one'), await client.list('somenode.two')]).toEqual([['b', 'a'], ['c']])
      expect(await client.get('one.endpoint_names')).toEqual(['b', 'a'])
      // The provider of an endpoint is found by the endpoint's name.
      expect(await client.get('c.name')).toBe('c')
      expect(await client.set('c', 1)).toBe(1)
      expect(await providers[1]?.endpoint('c').get()).toEqual({ value_raw: 1 })
    })

    test('adding a provider twice keeps both', async () => {
      const store = testStore(server.url)
      const first = await running(store, [{ name: 'foo' }])
      const second = await running(store, [{ name: 'foo' }])
      const client = clientOf(store)
      expect(await client.set('foo', 1)).toBe(1)
      await first.close()
      expect(await client.get('foo')).toEqual({ value_raw: 1 })
      await second.close()
      await expect(client.get('foo', { timeout: 200 })).rejects.toMatchObject(refusal(305))
    })

    test('a configuration is the same as YAML, as JSON and as an object', async () => {
      const store = testStore(server.url)
      const yaml =
        "- name: one\n  endpoints:\n    - name: a\n      initial_value: [1, two]\n      calibration: '2 * {}'\n      max_interval: 1 h\n"
      const config = [{ name: 'one', endpoints: [{ name: 'a', initial_value: [1, 'two'], calibration: '2 * {}', max_interval: '1 h' }] }]
      for (const given of [yaml, JSON.stringify(config), config]) {
        const [provider] = await providersFromConfig(store, given)
        expect(await provider?.endpoint('a').get()).toEqual({ value_raw: [1, 'two'], value_cal: 2 })
      }
    })

    test('set with a valid specifier changes the attribute; get and set with an invalid one are refused with 304', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo' }])
      const client = clientOf(store)
      expect(await client.set('foo.max-interval', 7)).toBe(7)
      expect(await client.get('foo.max_interval')).toBe(7)
      await expect(client.get('foo.nothing')).rejects.toMatchObject(refusal(304))
      await expect(client.set('foo.nothing', 1)).rejects.toMatchObject(refusal(304))
      await expect(client.get('foo.commands')).rejects.toMatchObject(refusal(304))
    })

    test('cmd a_method(10, 13) is 23; without a method it is refused with 309, with an unknown one with 306', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', commands: { a_method: (a: number, b: number) => a + b } }])
      const client = clientOf(store)
      expect(await client.cmd('foo', 'a_method', [10, 13])).toBe(23)
      await expect(client.cmd('foo', '')).rejects.toMatchObject(refusal(309))
      await expect(client.cmd('foo', 'toString')).rejects.toMatchObject(refusal(306))
    })

    test('log_a_value(5) emits an alert with payload 5', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', alert_routing_key: 'my.values' }])
      const client = clientOf(store)
      const heard = alertsOf(client)
      expect(await client.cmd('foo', 'log_a_value', [5])).toBeNull()
      expect(await heard.payloads(1)).toEqual([5])
      expect(heard.all[0]).toMatchObject({ routingKey: 'my.values.foo', name: 'foo' })
      expect(Math.abs((heard.all[0]?.at ?? 0) - (await store.now()))).toBeLessThan(5_000)
    })
  })
})

describe('KV related: return codes', () => {
  test('each has a whole number from 0, a name and a description', () => {
    expect(returnCodes().length).toBeGreaterThan(20)
    for (const { value, name, description } of returnCodes()) {
      expect(Number.isInteger(value) && value >= 0).toBe(true)
      expect(name).toMatch(/^[a-z_]+$/)
      expect(description).not.toBe('')
    }
    expect([0, 1, 102, 304, 305, 306, 307, 308, 309, 999].filter((value) => returnCode(value) === undefined)).toEqual([])
  })

  test('ten of an application can be added, each once', () => {
    for (let value = 1_000; value < 1_010; value++) addReturnCode(value, `custom_${value}`, 'one of ours')
    expect(returnCode(1_009)).toEqual({ value: 1_009, name: 'custom_1009', description: 'one of ours' })
    expect(() => addReturnCode(1_000, 'another', 'taken')).toThrow('unused')
    expect(() => addReturnCode(1_010, 'custom_1000', 'taken')).toThrow('name')
    expect(() => addReturnCode(-1, 'negative', 'no')).toThrow('value')
  })

  test('one of an application reaches the client', async () => {
    const store = testStore()
    const fail = (): never => {
      throw new EndpointError(1_234, 'the door is open', { door: 'open' })
    }
    await running(store, [{ name: 'foo', commands: { fail } }])
    await expect(clientOf(store).cmd('foo', 'fail')).rejects.toMatchObject({
      ...refusal(1_234),
      message: 'the door is open',
      payload: { door: 'open' },
    })
  })
})
