import { createHash } from 'node:crypto'
import { EmptySetError } from '@ripen/store'
import { internals, registerScriptError, type Caller, type Client, type Script } from '@ripen/store/internal'
import { Redis, ReplyError } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

const source = `
local counter = KEYS[1]
local step = ARGV[1]
if step == '0' then return redis.error_reply('NOTHING_TO_COUNT the counter') end
return redis.call('INCRBY', counter, step)`

const count: Script<'counter', 'step', number> = {
  name: 'count',
  keys: ['counter'],
  arguments: ['step'],
  commands: [],
  channels: [],
  sha: createHash('sha1').update(source).digest('hex'),
  source,
}

onStandaloneServers((_name, server) => {
  describe('a script', () => {
    let counter: string
    let caller: Caller
    let redis: Redis
    beforeEach(() => {
      counter = randomPrefix()
      caller = internals(testStore(server.url)).caller
      redis = new Redis(server.url)
      onTestFinished(() => redis.disconnect())
    })

    test('runs, also when the server has forgotten all scripts, and once for each call', async () => {
      for (let total = 1; total <= 3; total++) {
        await redis.script('FLUSH')
        expect(await redis.script('EXISTS', count.sha)).toEqual([0])
        expect(await caller.script(count, { keys: { counter }, arguments: { step: 1 } })).toBe(total)
        expect(await redis.script('EXISTS', count.sha)).toEqual([1])
      }
      expect(await redis.get(counter)).toBe('3')
    })

    test('survives a flush between many calls', async () => {
      const calls: Promise<number>[] = []
      for (let call = 0; call < 200; call++) {
        calls.push(caller.script(count, { keys: { counter }, arguments: { step: 1 } }))
        if (call % 20 === 0) await redis.script('FLUSH')
      }
      const totals = await Promise.all(calls)
      expect(totals.toSorted((a, b) => a - b)).toEqual(totals.map((_total, index) => index + 1))
    })

    test("fails with the class that its package has registered for the script's own error", async () => {
      registerScriptError('NOTHING_TO_COUNT', (text) => new EmptySetError(text))
      const error = await rejection(caller.script(count, { keys: { counter }, arguments: { step: 0 } }))
      expect(error).toBeInstanceOf(EmptySetError)
      expect(error.message).toBe('the counter is empty')
    })
  })
})

describe('a refusal that passes', () => {
  test.each(['TRYAGAIN', 'ASK', 'MOVED', 'LOADING', 'READONLY', 'CLUSTERDOWN', 'MASTERDOWN', 'BUSY'])(
    '%s is waited out, and the call was not applied',
    async (code) => {
      const { caller } = internals(testStore())
      const tries: boolean[] = []
      const answer = await caller.call((client, again) => {
        tries.push(again)
        if (tries.length < 4) throw new (ReplyError as unknown as new (message: string) => Error)(`${code} for a moment`)
        return client.ping()
      })
      expect(answer).toBe('PONG')
      expect(tries).toEqual([false, false, false, false])
    },
  )

  test('that does not pass ends with the budget', async () => {
    const { caller } = internals(testStore())
    const busy = (): Promise<never> => Promise.reject(new (ReplyError as unknown as new (message: string) => Error)('BUSY for long'))
    expect((await rejection(caller.call(busy, { budget: 100 }))).message).toContain('BUSY for long')
  })
})

describeWithRedisServer('a server', () => {
  async function started(args: readonly string[] = []): Promise<{ server: RedisServer; redis: Redis }> {
    const server = await redisServer({ args })
    const redis = new Redis(server.url)
    onTestFinished(async () => {
      redis.disconnect()
      await server.close()
    })
    return { server, redis }
  }

  test('that is a replica for a moment (READONLY, and LOADING before it) is waited out', async () => {
    const primary = await started(['--repl-diskless-sync', 'no'])
    await primary.redis.mset(Object.fromEntries(Array.from({ length: 200 }, (_value, index) => [`key-${index}`, 'value'])))
    const { server, redis } = await started(['--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024'])
    const { caller } = internals(openedStore({ url: server.url, enqueueTimeout: '20 s' }))
    await caller.call((client) => client.ping())
    await redis.replicaof('127.0.0.1', primary.server.port)
    const met = new Set<string>()
    const send = (command: (client: Client) => Promise<unknown>): Promise<unknown> =>
      caller.call((client, again) => {
        expect(again).toBe(false)
        return command(client).catch((error: Error) => {
          met.add(error.message.split(' ')[0] ?? '')
          throw error
        })
      })
    const write = send((client) => client.incr('counter'))
    // A failure of what follows is the failure of the test, not that of the call.
    write.catch(() => undefined)
    // Reads are answered before the copy comes, with nothing.
    const read = await until(() => send((client) => client.get('key-0')), 10_000, 'the copy')
    expect(read).toBe('value')
    await until(() => met.has('READONLY'), 10_000, 'READONLY')
    await redis.replicaof('NO', 'ONE')
    expect(await within(3_000, write, 'the write')).toBe(1)
    expect([...met].toSorted()).toEqual(['LOADING', 'READONLY'])
  })

  test('that is busy with a script is waited out', async () => {
    const { server, redis } = await started(['--lua-time-limit', '50'])
    const { caller } = internals(openedStore({ url: server.url, enqueueTimeout: '20 s' }))
    const killer = new Redis(server.url)
    onTestFinished(() => killer.disconnect())
    await Promise.all([caller.call((client) => client.ping()), killer.ping(), redis.ping()])
    const killed = redis.eval('while true do end', 0).catch((error: Error) => error.message)
    const isBusy = (): Promise<boolean> =>
      killer.ping().then(
        () => false,
        (error: Error) => error.message.startsWith('BUSY'),
      )
    await until(isBusy, 5_000, 'the script')
    let refusals = 0
    const call = caller.call((client) =>
      client.incr('counter').catch((error: Error) => {
        if (error.message.startsWith('BUSY')) refusals++
        throw error
      }),
    )
    call.catch(() => undefined)
    await until(() => refusals > 0, 5_000, 'BUSY')
    await killer.script('KILL')
    expect(await killed).toMatch(/killed/i)
    expect(await within(3_000, call, 'the call')).toBe(1)
  })

  test('that reads its data is waited for', async () => {
    const { server, redis } = await started([
      '--appendonly',
      'yes',
      '--key-load-delay',
      '500',
      '--loading-process-events-interval-bytes',
      '1024',
    ])
    await redis.mset(Object.fromEntries(Array.from({ length: 200 }, (_value, index) => [`key-${index}`, 'value'])))
    await redis.incr('counter')
    redis.disconnect()
    const { caller } = internals(openedStore({ url: server.url, enqueueTimeout: '20 s' }))
    await caller.call((client) => client.ping())
    await server.stop()
    const call = caller.call((client) => client.incr('counter'))
    await server.start()
    expect(await within(5_000, call, 'the call')).toBe(2)
  })
})
