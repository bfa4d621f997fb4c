import { connect, ConnectionError, type Store, type StoreOptions } from '@ripen/store'
import type { Redis } from 'ioredis'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

const ended = (client: Redis): Promise<unknown> => new Promise((resolve) => client.once('end', resolve))

onStandaloneServers((_name, server) => {
  describe('a blocking connection', () => {
    let key: string
    beforeEach(() => void (key = randomPrefix()))

    test('waits alone: nothing else of the store waits with it', async () => {
      const store = testStore(server.url)
      const [one, other] = await Promise.all([store.blocking(), store.blocking()])
      expect(one).not.toBe(other)
      const popped = [one.blpop(`${key}-1`, 10), other.blpop(`${key}-2`, 10)]
      expect(await within(2_000, store.now(), 'the time')).toBeGreaterThan(0)
      await within(2_000, store.redis.rpush(`${key}-2`, 'second'), 'the push')
      expect(await popped[1]).toEqual([`${key}-2`, 'second'])
      await store.redis.rpush(`${key}-1`, 'first')
      expect(await popped[0]).toEqual([`${key}-1`, 'first'])
    })

    test('outlasts the socket timeout of calls', async () => {
      const store = openedStore({ url: server.url, redis: { socketTimeout: 100 } })
      const client = await store.blocking()
      expect(await client.blpop(key, 0.5)).toBeNull()
      const popped = client.blpop(key, 0)
      await store.redis.rpush(key, 'late')
      expect(await popped).toEqual([key, 'late'])
    })

    test('is disconnected by its caller, or with the store', async () => {
      const store = testStore(server.url)
      const [one, other] = await Promise.all([store.blocking(), store.blocking()])
      await Promise.all([one.ping(), other.ping()])
      one.disconnect()
      await within(2_000, ended(one), 'the end of the first')
      expect(other.status).toBe('ready')
      const popped = other.blpop(key, 0).catch((error: unknown) => error)
      await store.close()
      expect(await within(2_000, popped, 'the end of the pop')).toBeInstanceOf(Error)
      await until(() => other.status === 'end', 1_000, 'the end of the second')
    })
  })
})

describe('maxBlocking', () => {
  const limited = (options: Pick<StoreOptions, 'maxBlocking' | 'enqueueTimeout'>): Store => testStore(inject('testServer').url, options)

  test('makes the next one wait until one is back, first come first served', async () => {
    const store = limited({ maxBlocking: 2, enqueueTimeout: '10 s' })
    const [one, other] = await Promise.all([store.blocking(), store.blocking()])
    const order: string[] = []
    const ask = async (name: string): Promise<Redis> => {
      const client = await store.blocking()
      order.push(name)
      return client
    }
    const third = ask('third')
    const fourth = ask('fourth')
    // Never connected, and back all the same.
    one.disconnect()
    await within(2_000, third, 'the third connection')
    expect(order).toEqual(['third'])
    await other.ping()
    other.disconnect()
    expect(await within(2_000, (await fourth).ping(), 'an answer on the fourth connection')).toBe('PONG')
    expect(order).toEqual(['third', 'fourth'])
  })

  test('is not exceeded by one who asks in the moment when a connection comes back', async () => {
    const store = limited({ maxBlocking: 1, enqueueTimeout: 500 })
    const first = await store.blocking()
    const waiting = store.blocking()
    const asked = new Promise<Promise<Redis>[]>((resolve) => void first.once('end', () => resolve([store.blocking()])))
    first.disconnect()
    const outcomes = (await Promise.allSettled([...(await asked), waiting])).map(({ status }) => status)
    expect(outcomes.toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  test('ends the wait after enqueueTimeout with a ConnectionError', async () => {
    const store = limited({ maxBlocking: 1, enqueueTimeout: 100 })
    const first = await store.blocking()
    const error = await within(2_000, rejection(store.blocking()), 'the failure')
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(/1 blocking connections are in use.* 100 ms/)
    first.disconnect()
    expect(await (await store.blocking()).ping()).toBe('PONG')
  })

  test('waiters end when the store closes', async () => {
    const store = limited({ maxBlocking: 1, enqueueTimeout: '10 s' })
    await (await store.blocking()).ping()
    const waiting = [rejection(store.blocking()), rejection(store.blocking())]
    await store.close()
    for (const error of await within(1_000, Promise.all(waiting), 'the end of the waiters')) expect(error.code).toBe('RIPEN_CLOSING')
  })

  test('a connection that has to be made anew is one connection still', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    await using store = await connect({ url: proxy.url, maxBlocking: 1, enqueueTimeout: 100 })
    const client = await store.blocking()
    await client.ping()
    const reconnected = new Promise((resolve) => client.once('ready', resolve))
    proxy.cut()
    await within(2_000, reconnected, 'the reconnect')
    expect(await rejection(store.blocking())).toBeInstanceOf(ConnectionError)
    expect(await client.ping()).toBe('PONG')
  })
})
