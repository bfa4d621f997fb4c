import type { Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import type { MessageQueue } from '../../packages/store/src/message-queue/index.ts'
import { rejection } from '../store/rejection.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { nothing, openedQueue } from './opened-queue.ts'

const inTime = { timeout: '10 s' } as const
const now = { timeout: 0 } as const

onEachServer((_name, server) => {
  let store: Store
  let queue: MessageQueue
  beforeEach(async () => {
    store = testStore(server.url)
    queue = openedQueue(store, { reliable: {} })
    await nothing(queue) // from now on calls are answered in their order
  })

  const stored = async (): Promise<number> => {
    const tag = `{${internals(store).options.prefix}::messages:messages}`
    const sizes = [store.redis.llen(`${tag}:list`), store.redis.hlen(`${tag}:held`), store.redis.zcard(`${tag}:leases`)]
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  }

  test('an acknowledged message is gone', async () => {
    await queue.put('')
    const received = await queue.receive(now)
    expect(received.message).toBe('')
    expect(await queue.size()).toBe(0)
    expect(await received.ack()).toBe(true)
    expect(await received.ack()).toBe(false)
    expect(await received.release()).toBe(false)
    expect(await stored()).toBe(0)
    expect((await rejection(queue.receive(now))).code).toBe('RIPEN_TIMED_OUT')
  })

  test('a released message is the next one', async () => {
    for (const message of ['one', 'two']) await queue.put(message)
    const first = await queue.receive(now)
    expect(await first.release()).toBe(true)
    expect(await first.ack()).toBe(false)
    expect(await queue.size()).toBe(2)
    const again = await queue.receive(now)
    expect(again.message).toBe('one')
    expect(again.fence).toBeGreaterThan(first.fence)
    expect((await queue.receive(now)).message).toBe('two')
  })

  test('a release wakes who waits', async () => {
    await queue.put('one')
    const received = await queue.receive(now)
    const waiting = queue.receive(inTime)
    await nothing(queue) // by now it waits
    const start = performance.now()
    await received.release()
    expect((await waiting).message).toBe('one')
    expect(performance.now() - start).toBeLessThan(800)
  })

  test('a message whose lease lapses is delivered again, in its place and with a higher fence; the first consumer has lost it', async () => {
    for (const message of ['one', 'two', 'three']) await queue.put(message)
    const first = await queue.receive(now)
    const second = await queue.receive(now)
    store.clockOffset = 29_000
    expect((await queue.receive(now)).message).toBe('three')
    store.clockOffset = 31_000
    expect(await queue.size()).toBe(2)
    const again = [await queue.receive(now), await queue.receive(now)]
    expect(again.map(({ message }) => message)).toEqual(['one', 'two'])
    for (const { fence } of again) expect(fence).toBeGreaterThan(second.fence)
    expect(await first.ack()).toBe(false)
    expect(await second.release()).toBe(false)
    expect(await again[0]?.ack()).toBe(true)
    expect(await again[1]?.ack()).toBe(true)
  })

  test('who waits gets what lapses meanwhile', async () => {
    const short = openedQueue(store, { reliable: { lease: 300 } })
    await short.put('one')
    const lost = await short.receive(now)
    const again = await within(5_000, short.receive(), 'the second delivery')
    expect([again.message, again.fence > lost.fence]).toEqual(['one', true])
    expect(await again.ack()).toBe(true)
    expect(await stored()).toBe(0)
  })

  test('a consumer that is late, but before anybody else, still acknowledges', async () => {
    await queue.put('one')
    const received = await queue.receive(now)
    store.clockOffset = 60_000
    expect(await received.ack()).toBe(true)
    expect((await rejection(queue.receive(now))).code).toBe('RIPEN_TIMED_OUT')
  })

  test('what lapses is there for get as well', async () => {
    await queue.put('one')
    await queue.receive(now)
    expect((await rejection(queue.get(now))).code).toBe('RIPEN_TIMED_OUT')
    store.clockOffset = 31_000
    expect(await openedQueue(store).get(now)).toBe('one')
  })

  test('fences grow from delivery to delivery', async () => {
    for (let i = 0; i < 200; i++) await queue.put(String(i))
    const received = await Promise.all(Array.from({ length: 200 }, () => queue.receive(now)))
    const fences = received.map(({ fence }) => fence)
    expect(new Set(fences).size).toBe(200)
    const order = received.toSorted((a, b) => a.fence - b.fence).map(({ message }) => Number(message))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect((await Promise.all(received.map((each) => each.ack()))).every(Boolean)).toBe(true)
    expect(await stored()).toBe(0)
  })

  test('purge deletes what is under a lease too; close does not, and it can still be settled', async () => {
    for (const message of ['one', 'two', 'three']) await queue.put(message)
    const first = await queue.receive(now)
    const second = await queue.receive(now)
    await queue.close()
    expect(await first.ack()).toBe(true)
    expect(await queue.purge()).toBe(2)
    expect(await second.ack()).toBe(false)
    expect(await stored()).toBe(0)
  })
})
