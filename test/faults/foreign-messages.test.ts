import { Channel, MessageQueue, root, TreeLock, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { expect, onTestFinished, test } from 'vitest'
import { providerKeys } from '../../packages/store/src/endpoint/keys.ts'
import { lockKeys } from '../../packages/store/src/lock/lock-keys.ts'
import { messageKeys } from '../../packages/store/src/message-queue/message-keys.ts'
import { sectionKeys } from '../../packages/store/src/tree/tree-keys.ts'
import { alertsOf, clientOf, running } from '../endpoint/running.ts'
import { onStandaloneServers } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'

const garbage = ['x', 'null', '{', '[]', '1', '', '\n', '{"routingKey":1}', '{"routingKey":"a","name":null}', '\u0000', '{"retcode":"0"}']

interface Told {
  readonly channel?: string
}

/** A store that keeps what it warns of. */
function listening(url: string): { store: Store; warnings: Told[] } {
  const warnings: Told[] = []
  const quiet = (): void => undefined
  const logger = { debug: quiet, info: quiet, error: quiet, warn: (fields: object) => void warnings.push(fields) }
  return { store: testStore(url, { logger }), warnings }
}

const prefixOf = (store: Store): string => internals(store).options.prefix

/** Reads an iteration in the background, up to the end of the test. */
function read<T>(values: AsyncIterable<T>, stop: AbortController): T[] {
  const read: T[] = []
  const reading = (async () => {
    for await (const value of values) read.push(value)
  })()
  onTestFinished(async () => {
    stop.abort()
    await reading
  })
  return read
}

onStandaloneServers((_name, server) => {
  test('a message that cannot be read is told of once for each channel, and those who listen hear the next', async () => {
    const { store, warnings } = listening(server.url)
    const stop = new AbortController()
    const { signal } = stop
    await running(store, [{ name: 'foo', log_on_set: true }])
    const client = clientOf(store)
    const alerts = alertsOf(client)
    const tree = root(store)
    const channel = new Channel(store, 'document')
    await channel.ensure(0)
    const changes = read(tree.get('a').watch({ signal }), stop)
    const states = read(channel.watch({ signal }), stop)
    const lock = new TreeLock(store, 'a', { timeout: '10 s' })
    const held = await lock.acquire()
    const waiting = lock.acquire()
    await client.get('foo')
    const { redis } = store
    const channels = async (): Promise<string[]> => (await redis.pubsub('CHANNELS', `*${prefixOf(store)}*`)) as string[]
    await until(async () => (await channels()).length >= 6, 5_000, 'the subscriptions')
    for (const name of await channels()) for (const text of garbage) await redis.publish(name, text)

    await client.set('foo', 7)
    expect(await alerts.payloads(1)).toEqual([{ value_raw: 7 }])
    await tree.set('a.b', 1)
    await channel.set(1)
    await held.release()
    await (await within(10_000, waiting, 'the lock')).release()
    await until(() => changes.some(({ path }) => path === 'a.b') && states.some(({ value }) => value === 1), 5_000, 'the changes')
    const told = warnings.flatMap(({ channel: name }) => (name === undefined ? [] : [name]))
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told).size).toBe(told.length)
    expect(JSON.stringify(warnings)).not.toContain('routingKey')
  })

  test('rows of an endpoint that cannot be read count as none, and are told of once', async () => {
    const { store, warnings } = listening(server.url)
    await running(store, [{ name: 'foo', initial_value: 3, schedule_interval: 60 }])
    const client = clientOf(store)
    const keys = providerKeys(prefixOf(store), 'kv_example')
    const { redis } = store
    await redis.hset(keys.values, 'foo', '{')
    for (const setting of ['calibration', 'precision', 'get_on_set', 'schedule_interval'])
      await redis.hset(keys.settings, `foo.${setting}`, '{')
    await redis.hset(keys.logged, 'foo', 'x')
    await redis.hset(keys.requests, 'request', 'w{')
    await redis.zadd(keys.pending, Date.now() + 60_000, 'request')
    for (let times = 0; times < 3; times++) expect(await client.get('foo')).toMatchObject({ value_raw: 3 })
    // Who starts next finds the same.
    await running(store, [{ name: 'foo', initial_value: 3, schedule_interval: 60 }], { node: 'second' })
    await redis.zadd(keys.due, '-inf', 'foo')
    await until(async () => Number(await redis.zscore(keys.due, 'foo')) > Date.now(), 5_000, 'the next run of the schedule')
    await client.set('foo', 4)
    expect(await client.get('foo')).toMatchObject({ value_raw: 4 })
    await until(async () => (await redis.zcard(keys.pending)) === 0, 5_000, 'the end of the request')
    expect(warnings.filter((about) => 'attribute' in about && about.attribute === 'value').length).toBeLessThanOrEqual(2)
  })

  test('an answer that cannot be read is an EndpointError', async () => {
    const { store } = listening(server.url)
    const client = clientOf(store)
    const provider = await running(store, [{ name: 'foo' }])
    await client.get('foo')
    const keys = providerKeys(prefixOf(store), 'kv_example')
    const { redis } = store
    await provider.close()
    const asked = client.get('foo')
    const waits = async (): Promise<string | undefined> =>
      Object.entries(await redis.hgetall(keys.requests)).find(([, row]) => row.startsWith('w'))?.[0]
    const id = await until(waits, 5_000, 'the request')
    await redis.hset(keys.requests, String(id), 'a{')
    await expect(within(5_000, asked, 'the answer')).rejects.toMatchObject({ code: 'RIPEN_ENDPOINT', retcode: 302 })
  })

  test('locks, message queues, channels and the tree go on among rows of other clients', async () => {
    const { store } = listening(server.url)
    const prefix = prefixOf(store)
    const { redis } = store
    const locks = lockKeys(prefix)
    await redis.hset(locks.meta, { fence: 'x', sequence: 'y' })
    await redis.zadd(
      locks.index,
      '0',
      'h\u0001a\u0002rubbish',
      '0',
      'h\u0001a\u00020000000000000001\u0002me\u0002nobody',
      '0',
      'w\u0001a\u0001rubbish',
    )
    await redis.zadd(locks.waiters, '1', 'ghost')
    const lock = new TreeLock(store, 'a', { timeout: '3 s' })
    await (await within(5_000, lock.acquire(), 'the lock')).release()
    expect(await lock.isLocked()).toBe(false)

    const queue = new MessageQueue(store, 'letters', { reliable: {} })
    const messages = messageKeys(prefix, 'letters')
    await redis.hset(messages.meta, 'fence', 'x')
    await redis.zadd(messages.leases, '1', 'no-message')
    await queue.put('letter')
    const received = await queue.receive({ timeout: '5 s' })
    expect(received.message).toBe('letter')
    expect(await received.ack()).toBe(true)
    await queue.close()

    const channel = new Channel(store, 'document')
    await redis.hset(channel.redisKey, { value: '{"a', rev: 'x', epoch: 'y', created: '', updated: '-' })
    for (const call of [() => channel.get(), () => channel.get('a.b'), () => channel.set(1, 'a.b')])
      await expect(call()).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
    await channel.set({ a: 1 })
    expect(await channel.get('a')).toBe(1)

    const tree = root(store)
    await tree.set('s.good', 1)
    await tree.set('s.bad', 1)
    await redis.hset(sectionKeys(prefix, 's').nodes, '\u0001bad', '{')
    await expect(tree.get('s').val()).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE', message: expect.stringContaining('bad') as string })
    expect(await tree.get('s.good').val()).toBe(1)
    await redis.hset(sectionKeys(prefix, 's').nodes, '\u0001bad', '1.2.3')
    await expect(tree.get('s.bad').add(1)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
  })
})
