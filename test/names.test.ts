import { defineQueue, job, Queue, SortedSet } from '@ripen/queue'
import {
  Channel,
  EndpointClient,
  MessageQueue,
  monitor,
  openStore,
  Provider,
  root,
  section,
  Tree,
  TreeLock,
  type Store,
} from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { Worker } from '@ripen/worker'
import { expect, inject, test } from 'vitest'
import { shardKeys } from '../packages/queue/src/shard/keys.ts'
import { runningWorker } from './queue/running-worker.ts'
import { prefixOf, storedKeys } from './queue/stored-keys.ts'
import { testQueue } from './queue/test-queue.ts'
import { rejection } from './store/rejection.ts'
import { onEachServer } from './support/conformance.ts'
import { randomPrefix, testStore } from './support/test-store.ts'

/** What a cut in the middle of an emoji leaves. In UTF-8 both would be one character. */
const [half, other] = ['note \ud83d', 'note \ud83e'] as const
const long = 'x'.repeat(1_100)

/** What takes a name: the end of the option that the refusal names, and the call. */
const names: readonly (readonly [string, string, (store: Store, queue: Queue, name: string) => unknown])[] = [
  ['a queue', 'name', (store, _queue, name) => new Queue(name, { store })],
  ['a queue that is defined', 'name', (_store, _queue, name) => defineQueue(name)],
  ['a worker', 'name', (store, _queue, name) => new Worker(name, async () => 'done', { store })],
  ['a job of a definition', 'jobs', (_store, _queue, name) => defineQueue('work', { jobs: { [name]: job() } })],
  ['a job', 'name', (_store, queue, name) => queue.add(name, 1)],
  ['a job of a bulk', 'jobs[1].name', (_store, queue, name) => queue.addBulk([{ name: 'good' }, { name }])],
  ['an id', 'id', (_store, queue, name) => queue.add('work', 1, { id: name })],
  ['an id of a bulk', 'jobs[0].options.id', (_store, queue, name) => queue.addBulk([{ name: 'work', options: { id: name } }])],
  [
    'an id that a definition makes',
    'id',
    (store, _queue, name) => new Queue(defineQueue('work', { jobs: { work: job({ id: () => name }) } }), { store }).add('work'),
  ],
  ['a unique key', 'unique.key', (_store, queue, name) => queue.add('work', 1, { unique: name })],
  ['a unique key with options', 'unique.key', (_store, queue, name) => queue.add('work', 1, { unique: { key: name, during: 'waiting' } })],
  ['a schedule', 'id', (_store, queue, name) => queue.schedules.upsert(name, { every: '1 h', job: { name: 'work' } })],
  ['the job of a schedule', 'name', (_store, queue, name) => queue.schedules.upsert('s', { every: '1 h', job: { name } })],
  ['a channel', 'label', (store, _queue, name) => new Channel(store, name)],
  ['a message queue', 'name', (store, _queue, name) => new MessageQueue(store, name)],
  ['a provider', 'name', (store, _queue, name) => new Provider(store, { name, endpoints: [] })],
  ['a node of a provider', 'node', (store, _queue, name) => new Provider(store, { name: 'p', node: name, endpoints: [] })],
  ['an endpoint', 'endpoints[0].name', (store, _queue, name) => new Provider(store, { name: 'p', endpoints: [{ name }] })],
  ['an address', 'address', (store, _queue, name) => new EndpointClient(store).get(name)],
  ['the owner of a lock', 'owner', (store, _queue, name) => new TreeLock(store, 'a', { owner: name })],
  ['a prefix', 'prefix', (_store, _queue, name) => openStore({ url: 'embedded:', prefix: name })],
  ['a database', 'names', (_store, _queue, name) => openStore({ url: 'embedded:', names: { [name]: 1 } })],
]

/** Texts that may have more in them, but nothing that changes on its way. */
const texts: readonly (readonly [string, string, (store: Store, queue: Queue, text: string) => unknown])[] = [
  ['a text of meta', 'meta.subject', (_store, queue, text) => queue.add('work', 1, { meta: { subject: text } })],
  ['a name of meta', 'meta', (_store, queue, text) => queue.add('work', 1, { meta: { [text]: 'x' } })],
  [
    'meta of a schedule',
    'meta.subject',
    (_store, queue, text) => queue.schedules.upsert('s', { every: '1 h', job: { name: 'work', options: { meta: { subject: text } } } }),
  ],
  [
    'meta among the defaults',
    'defaults.meta.subject',
    (store, _queue, text) => new Queue('work', { store, defaults: { meta: { subject: text } } }),
  ],
  ['the reason of a cancel', 'reason', (_store, queue, text) => queue.cancel('any', { reason: text })],
  ['a message', 'message', (store, _queue, text) => new MessageQueue(store, 'inbox').put(text)],
  ['a sorted set', 'name', (store, _queue, text) => new SortedSet(store, text)],
  ['an item', 'item', (store, _queue, text) => new SortedSet(store, 'names-set').add(text)],
  ['a monitor', 'name', (store, _queue, text) => monitor(store, { name: text })],
]

const paths: readonly (readonly [string, (store: Store, segment: string) => unknown])[] = [
  ['a section', (store, segment) => section(store, segment)],
  ['a path', (store, segment) => new Tree(store).at(['a', segment])],
  ['a path in dots', (store, segment) => root(store).get(`a.${segment}`)],
  ['a key of a value', (store, segment) => section(store, 's').set('a', { b: { [segment]: 1 } })],
  ['a lock', (store, segment) => new TreeLock(store, ['a', segment])],
]

const shared = { name: 'the shared server', url: inject('testServer').url }

/** Every bad text is refused by this option, and nothing is written. */
async function expectRefused(
  option: string,
  bad: readonly string[],
  call: (store: Store, queue: Queue, text: string) => unknown,
): Promise<void> {
  const queue = testQueue(shared)
  await queue.ready()
  const before = await storedKeys(queue)
  for (const text of bad) {
    const { code, option: named } = await rejection(async () => call(queue.store, queue, text))
    expect([text, code, named?.endsWith(option) ? option : named]).toEqual([text, 'RIPEN_CONFIGURATION', option])
  }
  expect(await storedKeys(queue)).toEqual(before)
}

test.for(names)('%s is refused where it is empty, too long, has control characters or half of a surrogate pair', ([, option, call]) =>
  expectRefused(option, ['', half, other, 'a\u0000', 'a\nb', '\u007f', long], call),
)

test.for(texts)('%s is refused where it has half of a surrogate pair', ([, option, call]) => expectRefused(option, [half, other], call))

test.for(paths)('%s is refused where a segment has half of a surrogate pair', async ([, call]) => {
  const queue = testQueue(shared)
  for (const bad of [half, other, '\udc00', 'a\ud800b'])
    expect(await rejection(async () => call(queue.store, bad))).toMatchObject({
      code: 'RIPEN_PATH',
      message: expect.stringContaining('surrogate pair'),
    })
  expect(await storedKeys(queue)).toEqual({})
})

test('the refusal says what is wrong with the text, and shows it well-formed', async () => {
  const { message } = await rejection(testQueue(shared).add('work', 1, { id: half }))
  expect(message).toMatch(/^id: must be well-formed Unicode: it contains half a surrogate pair.*, got 'note /)
})

/** What no job and no schedule can have as its id. */
const strange = ['', half, other, 'a\nb', '\u0000', long, '🦊'.repeat(65)]

onEachServer((_name, server) => {
  test('a queue may have any name without control characters and braces, up to 128 bytes', async () => {
    const store = testStore(server.url)
    const names = ['mail', 'eu:mail', 'eu%3Amail', ':', '%', '0', 'tree', 'a b', '/\\*?[x]"\'', '__proto__', 'é'.repeat(64), 'ünï:%🦊']
    const queues = names.map((name) => new Queue(name, { store }))
    for (const queue of queues) await queue.add('work', queue.name, { id: 'one' })
    for (const queue of queues) {
      expect(await queue.counts()).toMatchObject({ ready: 1 })
      expect(await queue.getJob('one')).toMatchObject({ data: queue.name, queue: queue.name })
    }
    const last = queues.at(-1)!
    await runningWorker(last, async ({ data, queue }) => [queue, data])
    expect(await (await last.add('work', 2)).wait({ timeout: '10 s' })).toEqual([last.name, 2])
    expect(await queues[0]?.counts()).toMatchObject({ ready: 1, completed: 0 })
  })

  test('prefixes and names that look alike when they are joined share nothing', async () => {
    const prefix = randomPrefix()
    const [store, longer] = [testStore(server.url, { prefix }), testStore(server.url, { prefix: `${prefix}:eu` })]
    const [mine, foreign] = [new Queue('eu:mail', { store }), new Queue('mail', { store: longer })]
    await mine.add('work', 1)
    expect([(await mine.counts()).ready, (await foreign.counts()).ready]).toEqual([1, 0])
    for (const name of ['tree', 'messages', 'endpoint']) await new Queue(name, { store }).add('work', name)
    const inbox = new MessageQueue(store, '0')
    await inbox.put('x')
    await section(store, '0').set('a', 1)
    expect([await inbox.size(), await section(store, '0').get('a').val(), (await new Queue('messages', { store }).counts()).ready]).toEqual(
      [1, 1, 1],
    )
  })

  test('a text that can be no id finds no job and no schedule, and meets no other', async () => {
    const queue = testQueue(server)
    // What the halves would become on their way.
    await queue.add('work', 1, { id: 'note \ufffd', delay: '1 h' })
    await queue.schedules.upsert('note \ufffd', { every: '1 h', job: { name: 'work' } })
    const { schedules } = queue
    for (const id of strange) {
      expect([
        await queue.getJob(id),
        await queue.retry(id),
        await queue.promote(id),
        await queue.remove(id),
        await queue.cancel(id),
      ]).toEqual([null, 0, 0, 0, 0])
      expect([
        await schedules.get(id),
        await schedules.remove(id),
        await schedules.pause(id),
        await schedules.resume(id),
        await schedules.trigger(id),
      ]).toEqual([null, false, false, false, null])
      expect(await rejection(schedules.nextRuns(id, 1))).toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'id' })
    }
    expect(await queue.counts()).toMatchObject({ scheduled: 1, ready: 0 })
    expect(await schedules.list()).toMatchObject([{ id: 'note \ufffd', paused: false, runs: 0 }])
  })

  test('what is no text is no id', async () => {
    const queue = testQueue(server)
    for (const id of [undefined, null, 7, {}, [], ['a'], Symbol('s')] as unknown as string[]) {
      for (const call of ['getJob', 'retry', 'promote', 'remove', 'cancel'] as const)
        expect([call, await rejection(queue[call](id))]).toMatchObject([call, { code: 'RIPEN_CONFIGURATION', option: 'id' }])
      for (const call of ['get', 'remove', 'pause', 'resume', 'trigger'] as const)
        expect([call, await rejection(queue.schedules[call](id))]).toMatchObject([call, { code: 'RIPEN_CONFIGURATION', option: 'id' }])
    }
    expect(await storedKeys(queue)).toEqual({})
  })

  test('payloads keep half of a surrogate pair, as JSON does', async () => {
    const queue = testQueue(server)
    const value = { [half]: [other, '\udc00\ud800'], id: 'ab\ud83d' }
    await runningWorker(queue, async ({ data }, { progress }) => {
      await progress(data)
      if (data === half) throw Object.assign(new Error(half), { name: 'HalfError' })
      return data
    })
    const [added, failing] = await queue.addBulk([
      { name: 'work', data: value, options: { id: 'one' } },
      { name: 'work', data: half },
    ])
    expect(await added?.wait({ timeout: '10 s' })).toEqual(value)
    expect(await queue.getJob('one')).toMatchObject({ data: value, result: value, progress: value })
    const { code } = await rejection(failing!.wait({ timeout: '10 s' }))
    expect([code, (await failing?.refresh())?.error?.message.toWellFormed()]).toEqual(['RIPEN_JOB_FAILED', 'note \ufffd'])
  })

  test('a job whose options the server cannot read is not retried as if it had none', async () => {
    const queue = testQueue(server)
    const holder = await queue.add('work', 1, { unique: 'customer 7' })
    const keys = shardKeys(prefixOf(queue), queue.name, 0)
    const { caller } = internals(queue.store)
    expect(await queue.retry(holder.id)).toBe(0) // says hello, which writes
    for (const [id, options] of [
      ['cut', String.raw`{"unique":{"key":"customer 7","during":"unfinished","onConflict":"keep"},"meta":{"subject":"launch \ud83d"}}`],
      ['torn', '{"unique":'],
      ['null', 'null'],
    ] as const) {
      await caller.call((client) => client.hset(keys.jobs, id, `1${'1'.repeat(13)}:0:work\n${options}\n1`))
      await caller.call((client) => client.zadd(keys.failed, Date.now(), id))
      await caller.call((client) => client.zadd(keys.scheduled, Date.now() + 3_600_000, id))
      const before = await storedKeys(queue)
      for (const move of [queue.retry(id), queue.promote(id)])
        expect(await rejection(move)).toMatchObject({
          code: 'RIPEN_INVALID_JOB',
          message: expect.stringContaining(`job ${id}: has options`),
        })
      expect(await storedKeys(queue)).toEqual(before)
      await caller.call((client) => client.zrem(keys.scheduled, id))
      expect(await queue.remove(id)).toBe(1)
    }
    expect(await queue.counts()).toMatchObject({ ready: 1, failed: 0 })
    expect(await holder.refresh()).toMatchObject({ state: 'ready' })
  })
})
