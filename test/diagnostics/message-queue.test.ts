import type { Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { beforeEach, describe, expect, inject, test } from 'vitest'
import { MessageQueue, type GetOptions, type MessageQueueOptions } from '../../packages/store/src/message-queue/index.ts'
import { monitor } from '../../packages/store/src/diagnostics/index.ts'
import { rejection } from '../store/rejection.ts'
import { onEachServer, onStandaloneServers } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { nothing, openedQueue } from './opened-queue.ts'
import { Telemetry } from './telemetry.ts'

const inTime = { timeout: '10 s' } as const
const listOf = (store: Store, name = 'messages'): string => `{${internals(store).options.prefix}::messages:${name}}:list`

onEachServer((_name, server) => {
  let store: Store
  let queue: MessageQueue
  beforeEach(async () => {
    store = testStore(server.url)
    queue = openedQueue(store)
    await nothing(queue) // from now on calls are answered in their order
  })

  test('BP-15 what is put is got', async () => {
    expect(await queue.put('x')).toBe(1)
    expect(await queue.get()).toBe('x')
    await queue.close()
  })

  test('BP-16 with timeout 0 what is there is got, and nothing times out at once', async () => {
    await queue.put('y')
    expect(await queue.get({ timeout: 0 })).toBe('y')
    const start = performance.now()
    expect(await rejection(queue.get({ timeout: 0 }))).toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    expect(performance.now() - start).toBeLessThan(1_000)
  })

  test('BP-17 a put waits for nobody, whatever timeout a caller of the original gives it', async () => {
    const original: { put(message: string, options: { timeout: number }): Promise<number> } = queue
    for (let i = 1; i <= 100; i++) expect(await original.put(`message ${i}`, { timeout: 0 })).toBe(i)
    expect(await queue.size()).toBe(100)
  })

  describe('get', () => {
    test('delivers in order, texts of every kind, the empty one too', async () => {
      const texts = ['', 'one', '', '0', ' ', '\n', 'm', 'f12', 'ü 🥝', '\u0000a', 'x'.repeat(100_000)]
      for (const [i, text] of texts.entries()) expect(await queue.put(text)).toBe(i + 1)
      expect(await store.redis.lrange(listOf(store), 0, -1)).toEqual(texts)
      const got: string[] = []
      for (const _text of texts) got.push(await queue.get({ timeout: 0 }))
      expect(got).toEqual(texts)
    })

    test('honours milliseconds', async () => {
      const start = performance.now()
      const error = await rejection(queue.get({ timeout: 150 }))
      const took = performance.now() - start
      expect(error).toMatchObject({ code: 'RIPEN_TIMED_OUT', message: 'no message came to messages within 150 ms' })
      expect(took).toBeGreaterThanOrEqual(148)
      expect(took).toBeLessThan(700)
    })

    test('waits for a message, and is woken by it', async () => {
      const got = queue.get()
      await nothing(queue) // by now it waits
      const start = performance.now()
      await queue.put('late')
      expect(await within(5_000, got, 'the message')).toBe('late')
      expect(performance.now() - start).toBeLessThan(800) // who is not woken looks by himself after a second
    })

    test('finds what another program pushes to the list', async () => {
      const got = queue.get(inTime)
      await store.redis.rpush(listOf(store), 'foreign')
      expect(await got).toBe('foreign')
    })

    test('serves many that wait at once: each its own message, in the order in which they came, over one connection', async () => {
      const waiting = Array.from({ length: 50 }, () => queue.get(inTime))
      await nothing(queue) // by now they wait
      const producer = openedQueue(testStore(server.url, { prefix: internals(store).options.prefix }))
      for (let i = 0; i < 50; i++) await producer.put(String(i))
      expect(await Promise.all(waiting)).toEqual(Array.from({ length: 50 }, (_value, i) => String(i)))
      expect(await queue.size()).toBe(0)
    })

    test('three clients and one producer: every message is got once', async () => {
      const { prefix } = internals(store).options
      const queues = [queue, openedQueue(testStore(server.url, { prefix })), openedQueue(testStore(server.url, { prefix }))]
      const got: string[] = []
      const consumers = queues.map(async (each) => {
        for (;;) {
          const message = await each.get(inTime)
          if (message === 'end') return
          got.push(message)
        }
      })
      const messages = Array.from({ length: 300 }, (_value, i) => `message ${i}`)
      await Promise.all(messages.map((message) => queue.put(message)))
      for (const _consumer of consumers) await queue.put('end')
      await Promise.all(consumers)
      expect(got.toSorted()).toEqual(messages.toSorted())
    })

    test('ends with the reason of its signal, and leaves the others alone', async () => {
      const controller = new AbortController()
      const [first, second, third] = [queue.get(inTime), queue.get({ ...inTime, signal: controller.signal }), queue.get(inTime)]
      await nothing(queue) // by now they wait
      const reason = new Error('enough')
      controller.abort(reason)
      await expect(second).rejects.toBe(reason)
      await expect(queue.get({ signal: controller.signal })).rejects.toBe(reason)
      await queue.put('one')
      await queue.put('two')
      expect(await Promise.all([first, third])).toEqual(['one', 'two'])
    })

    test('that is aborted at any moment loses nothing', async () => {
      const got: string[] = []
      const messages = Array.from({ length: 200 }, (_value, i) => `message ${i}`)
      const consume = async (): Promise<void> => {
        for (let turn = 0; got.length < messages.length; turn++) {
          const controller = new AbortController()
          const getting = queue.get({ signal: controller.signal })
          // From at once to several turns of the event loop later.
          for (let i = 0; i < turn % 7; i++) await new Promise(setImmediate)
          controller.abort(new Error('enough'))
          await getting.then(
            (message) => got.push(message),
            () => undefined,
          )
          // One that is not aborted in time gets on with it.
          if (turn % 5 === 0 && got.length < messages.length) got.push(await queue.get(inTime))
        }
      }
      await Promise.all(messages.map((message) => queue.put(message)))
      await within(25_000, consume(), 'all messages')
      expect(got.toSorted()).toEqual(messages.toSorted())
      expect(await queue.size()).toBe(0)
    })
  })

  describe('close', () => {
    test('ends those who wait, keeps the messages, and refuses what comes after', async () => {
      const waiting = [rejection(queue.get()), rejection(queue.get({ timeout: '1 h' }))]
      await nothing(queue) // by now they wait
      const start = performance.now()
      await queue.close()
      expect(performance.now() - start).toBeLessThan(1_000)
      for (const error of await Promise.all(waiting)) expect(error.code).toBe('RIPEN_CLOSING')
      const other = openedQueue(store)
      await other.put('kept')
      await queue.close()
      for (const use of [() => queue.get(), () => queue.get({ timeout: 0 }), () => queue.put('x')])
        expect((await rejection(use)).code).toBe('RIPEN_CLOSING')
      expect(await other.size()).toBe(1)
      expect(await other.get({ timeout: 0 })).toBe('kept')
    })

    test('of the store ends those who wait as well', async () => {
      const waiting = rejection(queue.get())
      await nothing(queue) // by now it waits
      await store.close()
      expect((await within(3_000, waiting, 'the end of the wait')).code).toBe('RIPEN_CLOSING')
    })

    test('gives its blocking connection back', async () => {
      const limited = testStore(server.url, { maxBlocking: 1, enqueueTimeout: 300 })
      const first = openedQueue(limited)
      // Long enough for its connection to open.
      expect((await rejection(first.get({ timeout: 1_000 }))).code).toBe('RIPEN_TIMED_OUT')
      const second = openedQueue(limited)
      expect(await rejection(second.get({ timeout: 2_000 }))).toMatchObject({
        code: 'RIPEN_CONNECTION',
        message: expect.stringContaining('blocking connections are in use') as string,
      })
      await first.close()
      const got = second.get(inTime)
      await second.put('x')
      expect(await got).toBe('x')
    })

    test('await using closes it', async () => {
      let waiting: Promise<{ code: string }>
      {
        await using scoped = new MessageQueue(store, 'scoped')
        waiting = rejection(scoped.get())
      }
      expect((await waiting).code).toBe('RIPEN_CLOSING')
    })
  })

  test('purge deletes, and answers how many', async () => {
    for (const message of ['a', 'b', 'c']) await queue.put(message)
    expect(await queue.purge()).toBe(3)
    expect(await queue.purge()).toBe(0)
    expect(await queue.size()).toBe(0)
    expect(await queue.put('d')).toBe(1)
  })

  test('queues of other names and prefixes have nothing in common with it', async () => {
    const others = [openedQueue(store, {}, 'other'), openedQueue(testStore(server.url))]
    await queue.put('mine')
    for (const other of others) expect((await rejection(other.get({ timeout: 0 }))).code).toBe('RIPEN_TIMED_OUT')
    expect(await queue.get({ timeout: 0 })).toBe('mine')
  })

  test('what it leaves on the server ends by itself, but for the messages and the hint', async () => {
    await queue.put('x')
    await queue.get()
    await queue.put('y')
    const prefix = `{${internals(store).options.prefix}::messages:messages}:`
    await store.redis.ping()
    const nodes = 'nodes' in store.redis ? store.redis.nodes('master') : [store.redis]
    const keys = (await Promise.all(nodes.map((node) => node.keys(`${prefix}*`)))).flat().map((key) => key.slice(prefix.length))
    const lanes = keys.filter((key) => key.startsWith('lane:'))
    expect(keys.filter((key) => !lanes.includes(key)).toSorted()).toEqual(['list', 'wake'])
    expect(lanes.length).toBe(1)
    for (const lane of lanes) expect(await store.redis.pttl(prefix + lane)).toBeGreaterThan(500_000)
  })

  test('over a monitored store its scripts and its waits are traced, without a word of the messages', async () => {
    const { tracer, ...telemetry } = traced()
    const monitored = openedQueue(monitor(store, { name: 'redis', tracer }))
    const got = monitored.get(inTime)
    await until(() => telemetry.spans().length > 0, 5_000, 'a first span')
    await monitored.put('secret')
    expect(await got).toBe('secret')
    await until(() => telemetry.spans().some(({ name }) => name === 'redis.BLPOP'), 5_000, 'the span of the wait')
    expect(new Set(telemetry.spans().map(({ name }) => name).filter((name) => name !== 'redis.EVAL'))).toEqual(new Set(['redis.EVALSHA', 'redis.BLPOP'])) // prettier-ignore
    expect(JSON.stringify(telemetry.spans().map(({ name, attributes }) => [name, attributes]))).not.toContain('secret')
  })
})

onStandaloneServers((_name, server) => {
  test('queues of one name in two databases have nothing in common', async () => {
    const store = testStore(server.url, { names: { one: 1, two: 2 } })
    const [one, two] = [openedQueue(await store.database('one')), openedQueue(await store.database('two'))]
    const waiting = two.get(inTime)
    await one.put('of one')
    await two.put('of two')
    expect([await waiting, await one.get({ timeout: 0 })]).toEqual(['of two', 'of one'])
  })
})

describe('bad input', () => {
  test('is refused before anything is written', async () => {
    const store = testStore(inject('testServer').url)
    const queue = openedQueue(store)
    const refused = async (attempt: () => unknown): Promise<string | undefined> => {
      const error = await rejection(attempt)
      expect(error.code).toBe('RIPEN_CONFIGURATION')
      return error.option
    }
    for (const message of [1, undefined, null, {}, Buffer.from('x'), '\ud800'])
      expect(await refused(() => queue.put(message as string))).toBe('message')
    for (const name of ['', 'a b', 'a{b}', 1]) expect(await refused(() => new MessageQueue(store, name as string))).toBe('name')
    for (const timeout of [-1, Number.NaN, '5 florgles', null])
      expect(await refused(() => queue.get({ timeout } as GetOptions))).toBe('timeout')
    expect(await refused(() => queue.get({ timout: 1 } as GetOptions))).toBe('timout')
    expect(await refused(() => queue.get({ signal: {} as AbortSignal }))).toBe('signal')
    expect(await refused(() => new MessageQueue(store, 'x', { reliable: { lease: 5 } }))).toBe('reliable.lease')
    expect(await refused(() => new MessageQueue(store, 'x', { reliable: true } as unknown as MessageQueueOptions))).toBe('reliable')
    expect(await refused(() => queue.receive())).toBe('reliable')
    expect(await queue.size()).toBe(0)
  })

  test('a key of another type is a WrongTypeError', async () => {
    const store = testStore(inject('testServer').url)
    const queue = openedQueue(store)
    await store.redis.set(listOf(store), 'text')
    for (const use of [() => queue.put('x'), () => queue.get({ timeout: 0 }), () => queue.get(), () => queue.size()])
      expect((await rejection(use)).code).toBe('RIPEN_WRONG_TYPE')
  })
})

function traced(): { tracer: Telemetry['tracer']; spans: () => Telemetry['spans'] } {
  const telemetry = new Telemetry()
  return { tracer: telemetry.tracer, spans: () => telemetry.spans }
}
