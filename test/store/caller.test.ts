import { getEventListeners } from 'node:events'
import { CommandError, ConnectionError, StoreFullError, WrongTypeError, type Store } from '@ripen/store'
import { internals, type Caller } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, redisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

const callerOf = (store: Store): Caller => internals(store).caller

onStandaloneServers((_name, server) => {
  describe('a call', () => {
    let key: string
    let proxy: TcpProxy
    let caller: Caller

    beforeEach(async () => {
      key = randomPrefix()
      proxy = await tcpProxy(server.url)
      onTestFinished(() => proxy.close())
      caller = callerOf(openedStore({ url: proxy.url, enqueueTimeout: '10 s' }))
    })

    async function directly<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
      const redis = new Redis(server.url)
      try {
        return await question(redis)
      } finally {
        redis.disconnect()
      }
    }

    test('resolves to what the server answers', async () => {
      expect(await caller.call((client) => client.set(key, 'value'))).toBe('OK')
      expect(await caller.call((client) => client.get(key))).toBe('value')
    })

    test('that was applied, and whose answer was lost, is sent again and told so', async () => {
      await caller.call((client) => client.ping())
      const cut = proxy.cutAfterRequest('incr')
      const tries: boolean[] = []
      const answer = await caller.call<string | number | null>((client, again) => {
        tries.push(again)
        return again ? client.get(key) : client.incr(key)
      })
      await cut
      expect(answer).toBe('1')
      expect(tries).toEqual([false, true])
    })

    test('that may have been applied stays so, whatever the later tries meet', async () => {
      await caller.call((client) => client.ping())
      const tries: boolean[] = []
      const cut = proxy.cutBeforeRequest('incr')
      const answer = await caller.call(async (client, again) => {
        tries.push(again)
        if (tries.length === 2) throw Object.assign(new Error('LOADING Redis is loading the dataset in memory'), { name: 'ReplyError' })
        return client.incr(key)
      })
      await cut
      expect(answer).toBe(1)
      expect(tries).toEqual([false, true, true])
    })

    test('waits for a server that is away, with all others, and opens one connection', async () => {
      await caller.call((client) => client.ping())
      const warnings: string[] = []
      const hear = (warning: Error): void => void warnings.push(warning.message)
      process.on('warning', hear)
      onTestFinished(() => void process.off('warning', hear))
      proxy.refuse()
      proxy.cut()
      const calls = Array.from({ length: 100 }, () => caller.call((client) => client.incr(key)))
      await proxy.accept()
      const answers = await within(3_000, Promise.all(calls), 'all calls')
      expect(answers.toSorted((a, b) => a - b)).toEqual(answers.map((_answer, index) => index + 1))
      expect(proxy.connections).toBe(1)
      expect(warnings).toEqual([])
    })

    test('ends with its budget, and says what it met', async () => {
      await caller.call((client) => client.ping())
      proxy.refuse()
      proxy.cut()
      const started = performance.now()
      const error = await rejection(caller.call((client) => client.incr(key), { budget: 300 }))
      expect(performance.now() - started).toBeGreaterThan(295)
      expect(performance.now() - started).toBeLessThan(2_000)
      expect(error).toBeInstanceOf(ConnectionError)
      expect(error.message).toMatch(/^no answer within 300 ms: .*ECONNREFUSED/)
      expect(error.cause).toBeInstanceOf(ConnectionError)
    })

    test('ends with its budget when nothing comes back at all', async () => {
      await caller.call((client) => client.ping())
      proxy.halfOpen()
      expect((await within(2_000, rejection(caller.call((client) => client.get(key), { budget: 200 })), 'the end')).message).toContain(
        '200 ms',
      )
    })

    test('is not sent any more after its end', async () => {
      await caller.call((client) => client.ping())
      proxy.refuse()
      proxy.cut()
      const controller = new AbortController()
      const ended = [
        caller.call((client) => client.incr(key), { budget: 50 }),
        caller.call((client) => client.incr(key), { signal: controller.signal }),
      ].map((call) => expect(call).rejects.toThrow())
      controller.abort()
      await Promise.all(ended)
      await proxy.accept()
      // Sent after what would have been sent before.
      await caller.call((client) => client.set(`${key}-last`, 'x', 'PX', 10_000))
      expect(await directly((redis) => redis.get(key))).toBeNull()
    })

    test('without a bound waits for as long as it takes', async () => {
      proxy.refuse()
      const call = caller.call((client) => client.incr(key), { budget: Number.POSITIVE_INFINITY })
      await rejection(caller.call((client) => client.ping(), { budget: 100 }))
      await proxy.accept()
      expect(await within(2_000, call, 'the call')).toBe(1)
    })

    test('ends with its signal, and with its reason', async () => {
      await caller.call((client) => client.ping())
      const reason = new Error('the user has left')
      const aborted = { signal: AbortSignal.abort(reason) }
      await expect(caller.call((client) => client.incr(key), aborted)).rejects.toBe(reason)
      proxy.halfOpen()
      const controller = new AbortController()
      const call = caller.call((client) => client.incr(key), { signal: controller.signal })
      controller.abort(reason)
      await expect(within(100, call, 'the end of the call')).rejects.toBe(reason)
      expect(await directly((redis) => redis.get(key))).toBeNull()
    })

    test('that has ended leaves no listener on its signal', async () => {
      const { signal } = new AbortController()
      for (let call = 0; call < 3; call++) await caller.call((client) => client.ping(), { signal })
      await rejection(caller.call((client) => client.call('NO-SUCH-COMMAND'), { signal }))
      expect(getEventListeners(signal, 'abort')).toEqual([])
    })

    test('fails with the error of its refusal, and is not sent again', async () => {
      let tries = 0
      await caller.call((client) => client.rpush(key, 'a list'))
      const error = await rejection(
        caller.call((client) => {
          tries++
          return client.incr(key)
        }),
      )
      expect(error).toBeInstanceOf(WrongTypeError)
      expect(error.message).toContain('WRONGTYPE')
      expect(await rejection(caller.call((client) => client.call('NO-SUCH-COMMAND')))).toBeInstanceOf(CommandError)
      expect(tries).toBe(1)
      await directly((redis) => redis.del(key))
    })
  })
})

describeWithRedisServer('a server with its memory full', () => {
  test('refuses writes with a StoreFullError, at once, and answers reads', async () => {
    const server = await redisServer({ args: ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'] })
    onTestFinished(() => server.close())
    const caller = callerOf(openedStore({ url: server.url, enqueueTimeout: '20 s' }))
    expect(await within(3_000, rejection(caller.call((client) => client.set('key', 'value'))), 'the refusal')).toBeInstanceOf(
      StoreFullError,
    )
    expect(await caller.call((client) => client.get('key'))).toBeNull()
  })
})

test('the trouble of an earlier try is over with an answer', async () => {
  const caller = callerOf(testStore())
  let tries = 0
  await caller.call(async (client) => {
    if (tries++ === 0) throw Object.assign(new Error('LOADING Redis is loading the dataset in memory'), { name: 'ReplyError' })
    expect(caller.trouble?.message).toContain('LOADING')
    return client.ping()
  })
  expect(caller.trouble).toBeUndefined()
})

test('an outage of one store is none of another', async () => {
  const proxy = await tcpProxy(inject('testServer').url)
  onTestFinished(() => proxy.close())
  proxy.refuse()
  const call = rejection(callerOf(openedStore({ url: proxy.url, enqueueTimeout: 100 })).call((client) => client.ping()))
  expect(await callerOf(testStore()).call((client) => client.ping())).toBe('PONG')
  expect((await call).code).toBe('RIPEN_CONNECTION')
})

test(
  'a call that may have been applied, and is refused for good since, is tried at growing distances, without a bound for seconds',
  { timeout: 15_000 },
  async () => {
    const full = Object.assign(new Error("OOM command not allowed when used memory > 'maxmemory'."), { name: 'ReplyError' })
    let tries = 0
    const call = callerOf(testStore()).call(
      async () => {
        if (tries++ === 0) throw new Error('Connection is closed.')
        throw full
      },
      { budget: Number.POSITIVE_INFINITY },
    )
    expect(await within(10_000, rejection(call), 'the end')).toBeInstanceOf(StoreFullError)
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(20)
  },
)
