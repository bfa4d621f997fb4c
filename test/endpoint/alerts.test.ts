import { setTimeout as pause } from 'node:timers/promises'
import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { onEachServer, onStandaloneServers } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, running } from './running.ts'

onEachServer((_name, server) => {
  test('alerts are told by a glob over the routing key', async () => {
    const store = testStore(server.url)
    await running(store, [
      { name: 'foo', log_on_set: true },
      { name: 'bar', log_on_set: true, alert_routing_key: 'my.key' },
    ])
    const client = clientOf(store)
    const all = alertsOf(client)
    const some = alertsOf(client, 'my.*')
    const one = alertsOf(client, '*.fo?')
    await client.set('foo', 1)
    await client.set('bar', 2)
    await all.payloads(2)
    await Promise.all([some.payloads(1), one.payloads(1)])
    expect(all.all.map(({ routingKey }) => routingKey)).toEqual(['sensor_value.foo', 'my.key.bar'])
    expect(some.all.map(({ name, payload }) => [name, payload])).toEqual([['bar', { value_raw: 2 }]])
    expect(one.all.map(({ name, payload }) => [name, payload])).toEqual([['foo', { value_raw: 1 }]])
  })

  test('a stream listens from the call on, and what comes before the loop waits for it', async () => {
    const store = testStore(server.url)
    await running(store, [{ name: 'foo', log_on_set: true }])
    const client = clientOf(store)
    const alerts = client.alerts()
    for (const value of [1, 2, 3]) await client.set('foo', value)
    const values: unknown[] = []
    for await (const { payload } of alerts) {
      values.push((payload as { value_raw: number }).value_raw)
      if (values.length === 3) break
    }
    expect(values).toEqual([1, 2, 3])
    expect(await alerts.next()).toEqual({ done: true, value: undefined })
  })

  test('a request waits until the stream listens, so that it hears what the request brings about', async () => {
    const store = testStore(server.url)
    await running(store, [{ name: 'foo', log_on_set: true }])
    const client = clientOf(store)
    await client.ping('foo')
    const { subscriber } = internals(store)
    const listen = subscriber.listen.bind(subscriber)
    subscriber.listen = async (channel, listener) => {
      await pause(200) // a server that is slow to subscribe
      return listen(channel, listener)
    }
    const heard = alertsOf(client)
    await client.set('foo', 1)
    expect(await heard.payloads(1)).toEqual([{ value_raw: 1 }])
  })

  test('a stream ends quietly with its signal, and with a ClosingError when the store closes', async () => {
    const store = testStore(server.url)
    const client = clientOf(store)
    const abort = new AbortController()
    const waiting = client.alerts({ signal: abort.signal }).next()
    abort.abort()
    expect(await within(2_000, waiting, 'the end')).toEqual({ done: true, value: undefined })
    expect(await client.alerts({ signal: abort.signal }).next()).toEqual({ done: true, value: undefined })
    const closing = client.alerts()
    const next = closing.next()
    await Promise.all([expect(within(2_000, next, 'the end')).rejects.toMatchObject({ code: 'RIPEN_CLOSING' }), store.close()])
  })

  test('a store of another prefix does not hear them', async () => {
    const store = testStore(server.url)
    await running(store, [{ name: 'foo', log_on_set: true }])
    const client = clientOf(store)
    const other = clientOf(testStore(server.url))
    const [heard, stranger] = [alertsOf(client), alertsOf(other)]
    await client.set('foo', 1)
    await heard.payloads(1)
    expect(stranger.all).toEqual([])
  })
})

onStandaloneServers((_name, server) => {
  test('another database of the same server has endpoints, requests and alerts of its own', async () => {
    const store = testStore(server.url, { names: { other: 1 } })
    const other = await store.database('other')
    await running(store, [{ name: 'foo', initial_value: 'here', log_on_set: true }])
    await running(other, [{ name: 'foo', initial_value: 'there', log_on_set: true }])
    const [client, stranger] = [clientOf(store), clientOf(other)]
    const [heard, strange] = [alertsOf(client), alertsOf(stranger)]
    expect([await client.get('foo'), await stranger.get('foo')]).toEqual([{ value_raw: 'here' }, { value_raw: 'there' }])
    await client.set('foo', 1)
    await stranger.set('foo', 2)
    expect([await heard.payloads(1), await strange.payloads(1)]).toEqual([[{ value_raw: 1 }], [{ value_raw: 2 }]])
  })
})
