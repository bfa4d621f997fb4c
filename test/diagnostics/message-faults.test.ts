import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import type { MessageQueue, MessageQueueOptions } from '../../packages/store/src/message-queue/index.ts'
import { messagePutScript, messageSettleScript, messageTakeScript, messageUndoScript } from '../../packages/store/src/scripts.generated.ts'
import { ownServer } from '../faults/own-server.ts'
import { rejection } from '../store/rejection.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { nothing, openedQueue } from './opened-queue.ts'

const rounds = 20
const inTime = { timeout: '10 s' } as const
const now = { timeout: 0 } as const

interface Opened {
  readonly server: RedisServer
  readonly proxy: TcpProxy
  /** Through the proxy. */
  readonly far: MessageQueue
  /** Straight to the server. */
  readonly near: MessageQueue
}

async function opened(options?: MessageQueueOptions, enqueueTimeout = 5_000): Promise<Opened> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const queue = (url: string): MessageQueue => openedQueue(testStore(url, { prefix, enqueueTimeout }), options)
  const [far, near] = [queue(proxy.url), queue(server.url)]
  // The server knows the scripts: a first call would be refused, not applied.
  await near.put('known')
  if (options?.reliable === undefined) await near.get(now)
  else await (await near.receive(now)).ack()
  await far.size()
  return { server, proxy, far, near }
}

async function rest(queue: MessageQueue): Promise<string[]> {
  const messages: string[] = []
  for (;;) {
    const message = await queue.get(now).catch(() => undefined)
    if (message === undefined) return messages
    messages.push(message)
  }
}

describeWithRedisServer('a call that was applied and whose answer is lost', () => {
  test(`put, ${rounds} times: each message is there once, and the length is right`, async () => {
    const { proxy, far, near } = await opened()
    const expected: string[] = []
    for (let round = 0; round < rounds; round++) {
      const cut = proxy.cutAfterRequest(messagePutScript.sha)
      const batch = Array.from({ length: 5 }, (_value, i) => `${round}-${i}`)
      const lengths = await Promise.all(batch.map((message) => far.put(message)))
      await within(2_000, cut, 'the cut')
      expected.push(...batch)
      expect(new Set(lengths).size).toBe(5)
      expect(Math.max(...lengths)).toBe(expected.length)
    }
    expect((await rest(near)).toSorted()).toEqual(expected.toSorted())
  })

  test(`get, ${rounds} times: every message is got once, in order`, async () => {
    const { proxy, far, near } = await opened()
    const expected = Array.from({ length: rounds * 3 }, (_value, i) => (i % 5 === 0 ? '' : `message ${i}`))
    for (const message of expected) await near.put(message)
    const got: string[] = []
    for (let round = 0; round < rounds; round++) {
      const cut = proxy.cutAfterRequest(messageTakeScript.sha)
      for (let i = 0; i < 3; i++) got.push(await far.get(round % 2 === 0 ? now : inTime))
      await within(2_000, cut, 'the cut')
    }
    expect(got).toEqual(expected)
    expect(await near.size()).toBe(0)
  })

  test('get that gives up before the server is back: the message is there for the next one', async () => {
    const { proxy, far, near } = await opened({}, 300)
    for (const message of ['one', 'two']) await near.put(message)
    const cut = proxy.cutAfterRequest(messageTakeScript.sha)
    const getting = rejection(far.get(now))
    proxy.refuse()
    await within(2_000, cut, 'the cut')
    expect((await getting).code).toBe('RIPEN_CONNECTION')
    expect(await near.size()).toBe(1)
    await proxy.accept()
    expect([await far.get(inTime), await far.get(inTime)]).toEqual(['one', 'two'])
  })

  test('get that is closed meanwhile: the message goes back to the head', async () => {
    const { proxy, far, near } = await opened()
    for (const message of ['one', 'two']) await near.put(message)
    const cut = proxy.cutAfterRequest(messageTakeScript.sha)
    const getting = rejection(far.get())
    await within(2_000, cut, 'the cut')
    await far.close()
    expect((await getting).code).toBe('RIPEN_CLOSING')
    expect(await rest(near)).toEqual(['one', 'two'])
  })

  test('the undo of an aborted get: the message goes back once', async () => {
    const { proxy, far, near } = await opened()
    for (const message of ['one', 'two']) await near.put(message)
    const controller = new AbortController()
    const reason = new Error('enough')
    proxy.delay(30)
    const cut = proxy.cutAfterRequest(messageUndoScript.sha)
    const getting = far.get({ signal: controller.signal })
    await until(async () => (await near.size()) === 1, 2_000, 'the take of the first')
    controller.abort(reason)
    await expect(getting).rejects.toBe(reason)
    await within(2_000, cut, 'the cut')
    proxy.restore()
    expect([await far.get(inTime), await far.get(inTime)]).toEqual(['one', 'two'])
    expect(await near.size()).toBe(0)
  })

  test(`receive, ack and release, ${rounds} times each: true answers, nothing lost, nothing twice`, async () => {
    const { proxy, far, near } = await opened({ reliable: {} })
    for (let round = 0; round < rounds; round++) {
      await near.put(`message ${round}`)
      let cut = proxy.cutAfterRequest(messageTakeScript.sha)
      const first = await far.receive(inTime)
      await within(2_000, cut, 'the cut of receive')
      expect(first.message).toBe(`message ${round}`)
      cut = proxy.cutAfterRequest(messageSettleScript.sha)
      expect(await first.release()).toBe(true)
      await within(2_000, cut, 'the cut of release')
      expect(await near.size()).toBe(1)
      const second = await far.receive(inTime)
      expect([second.message, second.fence > first.fence]).toEqual([first.message, true])
      cut = proxy.cutAfterRequest(messageSettleScript.sha)
      expect(await second.ack()).toBe(true)
      await within(2_000, cut, 'the cut of ack')
      expect(await second.ack()).toBe(false)
    }
    expect(await near.purge()).toBe(0)
  })
})

describeWithRedisServer('a server that is away', () => {
  test('and back: gets that wait go on, one with a timeout ends in time, and puts say that they may have been applied', async () => {
    const { server, far, near } = await opened({}, 500)
    const waiting = [far.get(), far.get()]
    await nothing(far) // by now they wait
    await server.stop()
    const start = performance.now()
    expect((await rejection(far.get({ timeout: 200 }))).code).toBe('RIPEN_TIMED_OUT')
    expect(performance.now() - start).toBeLessThan(450)
    expect((await rejection(far.get(now))).code).toBe('RIPEN_CONNECTION')
    expect((await rejection(far.put('lost'))).message).toContain('may have been put')
    await server.start()
    const back = performance.now()
    for (const message of ['one', 'two']) await near.put(message)
    expect(await within(5_000, Promise.all(waiting), 'the messages')).toEqual(['one', 'two'])
    expect(performance.now() - back).toBeLessThan(3_000)
  })

  test('without a word (half open): who waits finds a message within ten seconds', async () => {
    const { proxy, far, near } = await opened()
    const waiting = far.get()
    await nothing(far) // by now it waits
    proxy.halfOpen()
    await near.put('one')
    proxy.restore() // for new connections
    expect(await within(10_000, waiting, 'the message')).toBe('one')
    expect(await near.size()).toBe(0)
    proxy.cut() // those that were silent
  })
})

describeWithRedisServer('a server whose memory is full', () => {
  test('refuses puts; gets, leases and their ends go on', async () => {
    const server = await ownServer({ args: ['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction'] })
    const queue = openedQueue(testStore(server.url), { reliable: {} })
    for (const message of ['one', 'two', 'three', 'four']) await queue.put(message)
    const redis = new Redis(server.url)
    onTestFinished(() => redis.disconnect())
    await redis.setrange('ballast', 9 << 20, 'x')
    expect((await rejection(queue.put('five'))).code).toBe('RIPEN_STORE_FULL')
    expect(await queue.size()).toBe(4)
    expect(await queue.get(now)).toBe('one')
    expect(await (await queue.receive(now)).ack()).toBe(true)
    const received = await queue.receive(now)
    expect([received.message, await received.release()]).toEqual(['three', true])
    expect([await queue.get(inTime), await queue.get(inTime)]).toEqual(['three', 'four'])
    expect((await rejection(queue.get({ timeout: 50 }))).code).toBe('RIPEN_TIMED_OUT')
  })
})
