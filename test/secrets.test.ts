import {
  Channel,
  connect,
  contextFactory,
  EndpointClient,
  MessageQueue,
  monitor,
  openStore,
  Provider,
  RipenError,
  Tree,
  TreeLock,
  type Store,
} from '@ripen/store'
import { defineQueue, job, Queue, ScheduledSet, SortedSet, TimeSortedSet } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../packages/queue/src/shard/keys.ts'
import { prefixOf } from './queue/stored-keys.ts'
import { ownServer } from './faults/own-server.ts'
import { capturedLog } from './store/captured-log.ts'
import { rejection } from './store/rejection.ts'
import { until, within } from './support/deadline.ts'
import { describeWithRedisServer, type RedisServer } from './support/redis-server.ts'
import { randomPrefix } from './support/test-store.ts'

const password = 'hunter2-of-the-server'
const card = 'card-of-ada'

/** All that anybody is shown of a value. */
function shown(value: unknown): string {
  const everything = { depth: null, showHidden: true }
  const texts = [inspect(value, everything)]
  // The inside of a client of ioredis, which has its options, is not Ripen's.
  if (!isClient(value)) texts.push(inspect(value, { ...everything, customInspect: false }))
  return [...texts, JSON.stringify(value) ?? '', String((value as Error | null)?.message)].join('\n')
}

function isClient(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'duplicate' in value
}

function expectNoSecret(name: string, value: unknown): void {
  for (const secret of [password, card]) expect(shown(value).includes(secret), `${secret} in ${name}`).toBe(false)
}

function opened(url: string, options: object = {}): Store {
  const store = openStore({ url, prefix: randomPrefix(), ...options })
  onTestFinished(() => store.close())
  return store
}

/** A test's server answers at its start only who needs no password. */
async function serverWithPassword(required: string): Promise<RedisServer> {
  const server = await ownServer()
  const store = openStore(server.url)
  await store.redis.config('SET', 'requirepass', required)
  await store.close()
  return server
}

const jobs = { charge: job<{ card: string }>({ attempts: 2 }) }

describeWithRedisServer('a server with a password', () => {
  test('nothing public shows it, nor what another caller has stored', async () => {
    const { port } = await serverWithPassword(password)
    const { logger, entries } = capturedLog()
    const store = opened(`redis://:${password}@127.0.0.1:${port}`, { logger, names: { other: 1 } })
    const definition = defineQueue('bills', { jobs })
    const queue = new Queue(definition, { store })
    const [adas, bobs] = await Promise.all([queue.add('charge', { card }), queue.add('charge', { card: 'card of bob' })])
    let context: unknown
    const worker = new Worker(
      queue,
      {
        charge: async ({ id }, given) => {
          if (id === bobs.id) context = given
        },
      },
      { concurrency: 2 },
    )
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close({ timeout: 1_000 })
      await running
    })
    await Promise.all([adas.wait({ timeout: 10_000 }), bobs.wait({ timeout: 10_000 })])
    const tree = new Tree(store)
    await tree.at('plan.card').set('of', card)
    const lease = await new TreeLock(store, 'plan').acquire()
    const channel = new Channel(store, 'bills')
    await channel.set({ card })
    const provider = new Provider(store, { name: 'terminal', endpoints: [{ name: 'card', initial_value: 1 }] })
    const messages = new MessageQueue(store, 'cards', { reliable: { lease: 5_000 } })
    await messages.put('card of bob')
    const set = new SortedSet(store, `${prefixOf(queue)}-cards`)
    await set.add(card, 1)
    const blocking = await store.blocking()
    const database = await store.database('other')
    await database.redis.ping()
    const everything: Record<string, unknown> = {
      store,
      database,
      blocking,
      'store.redis': store.redis,
      monitored: monitor(store, { name: 'app' }),
      'monitored.redis': monitor(store, { name: 'app', tracer: silentTracer }).redis,
      contextFactory: contextFactory(store, { tracer: silentTracer }),
      definition,
      queue,
      schedules: queue.schedules,
      worker,
      context,
      job: bobs,
      read: await queue.getJob(bobs.id),
      tree,
      node: tree.at('plan'),
      lock: new TreeLock(store, 'plan'),
      lease,
      channel,
      pipeline: channel.pipeline(),
      provider,
      endpoint: provider.endpoints[0],
      client: new EndpointClient(store),
      messages,
      message: await messages.get({ timeout: 5_000 }),
      set,
      timed: new TimeSortedSet(store, 'timed'),
      scheduled: new ScheduledSet(store, 'scheduled'),
      log: entries,
    }
    for (const [name, value] of Object.entries(everything)) expectNoSecret(name, value)
    await messages.close()
    await lease.release()
  })

  test('a refused login shows it neither in the error, nor in the log, nor to who listens', async () => {
    const { port } = await serverWithPassword('another')
    for (const url of [`redis://ada:${password}@127.0.0.1:${port}`, `redis://:${password}@127.0.0.1:${port}`]) {
      const { logger, entries } = capturedLog()
      expectNoSecret('connect', await rejection(connect({ url, logger })))
      const store = opened(url, { logger, enqueueTimeout: 500 })
      const heard: unknown[] = []
      store.redis.on('error', (error: unknown) => void heard.push(error))
      store.redis.ping().catch((error: unknown) => void heard.push(error))
      await until(() => heard.length > 0, 5_000, 'the refusal of the login')
      expectNoSecret('the errors of store.redis', heard)
      expectNoSecret('add', await rejection(new Queue('bills', { store }).add('charge', { card: 'card of bob' })))
      expectNoSecret('now', await rejection(store.now()))
      const worker = new Worker('bills', async () => 1, { store })
      const told = new Promise((resolve) => worker.on('error', resolve))
      const running = worker.run().catch((error: unknown) => error)
      expectNoSecret('run', await within(10_000, Promise.race([told, running]), 'an error of the worker'))
      await worker.close({ timeout: 500 })
      expectNoSecret('the log', entries)
    }
  })

  test("a server that knows no AUTH repeats it, and Ripen's errors do not", async () => {
    const { port } = await ownServer({ args: ['--rename-command', 'AUTH', ''] })
    const { logger, entries } = capturedLog()
    expectNoSecret('connect', await rejection(connect({ url: `redis://:${password}@127.0.0.1:${port}`, logger })))
    expectNoSecret('the log', entries)
  })

  test('a full server shows nobody what others had in the same call', async () => {
    const { url } = await ownServer()
    const { logger, entries } = capturedLog()
    const store = opened(url, { logger })
    const queue = new Queue('bills', { store })
    await queue.add('first')
    await store.redis.config('SET', 'maxmemory', '1')
    const [ada, bob, bulk] = await Promise.all([
      rejection(queue.add('charge', { card })),
      rejection(queue.add('charge', { card: 'card of bob' })),
      rejection(queue.addBulk([{ name: 'charge', data: { card: 'card of eve' } }])),
    ])
    expect(bob.code).toBe('RIPEN_STORE_FULL')
    for (const error of [ada, bob, bulk]) expectNoSecret('a refused add', error)
    expectNoSecret('the log', entries)
  })

  test('a row that cannot be read is not shown to who meets it', async () => {
    const { url } = await ownServer()
    const store = opened(url)
    const queue = new Queue('bills', { store })
    const [broken, strange] = await Promise.all([queue.add('charge', 1), queue.add('charge', 2)])
    const { jobs: key } = shardKeys(prefixOf(queue), queue.name, 0)
    const row = await store.redis.hget(key, broken.id)
    await store.redis.hset(key, broken.id, `${row?.slice(0, row.lastIndexOf('\n') + 1)}${card}`, strange.id, `{"x":"${card}"}`)
    for (const { id } of [broken, strange]) expectNoSecret('a job that cannot be read', (await queue.getJob(id))?.error)
    const worker = new Worker(queue, async () => 1)
    const errors: Error[] = []
    worker.on('error', (error) => void errors.push(error))
    const running = worker.run()
    await until(async () => (await queue.counts()).failed === 2, 10_000, 'two failed jobs')
    await worker.close()
    await running
    expectNoSecret('the errors of the worker', errors)
    for (const { id } of [broken, strange]) expectNoSecret('the failed job', (await queue.getJob(id))?.error)
  })
})

describe('messages about bad input', () => {
  test('have no passwords, whatever place they were put in', () => {
    const url = `redis://ada:${password}@h`
    const attempts: (() => unknown)[] = [
      () => openStore(`rediss:/ada:${password}@h`),
      () => openStore(`redis://h?password=${password}`),
      () => openStore({ redis: url as never }),
      () => openStore({ names: url as never }),
      () => openStore({ prefix: url }),
      () => new Queue('bills', { store: url as never }),
      () => new Queue(url, { store: url as never }),
      () => new Worker(url as never, async () => 1),
      () => new Worker('bills', async () => 1, { store: url as never }),
      () => new TreeLock(url as never, 'plan'),
      () => new Provider(url as never, { name: 'terminal', endpoints: [], lockoutKey: password }),
    ]
    for (const attempt of attempts) {
      let thrown: unknown
      try {
        attempt()
      } catch (error) {
        thrown = error
      }
      expect(thrown, attempt.toString()).toBeInstanceOf(RipenError)
      expectNoSecret(attempt.toString(), thrown)
    }
  })
})

const silentTracer = {
  startSpan: () => ({
    recordException: () => undefined,
    setStatus: () => undefined,
    end: () => undefined,
  }),
} as never
