import type { Queue } from '@ripen/queue'
import { extendScript, leaveScript, Shard } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import { Worker } from '@ripen/worker'
import { describe, expect, test } from 'vitest'
import { removeScript } from '../../packages/queue/src/scripts.generated.ts'
import { allKeys } from '../support/all-keys.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { runningWorker } from './running-worker.ts'
import { prefixOf } from './stored-keys.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const day = 86_400_000
const nothingKept = { completed: { count: 0 }, failed: { count: 0 } }

/** Key → ms that it has left; -1: it stays. Keys by their last part. */
async function lives(queue: Queue<any>): Promise<Record<string, number>> {
  const { caller } = internals(queue.store)
  const keys = await allKeys(queue.store, `*${prefixOf(queue)}*}:*`)
  const left = await Promise.all(keys.map((key) => caller.call((client) => client.pttl(key))))
  return Object.fromEntries(keys.map((key, i): [string, number] => [key.replace(/.*\}:/, ''), left[i] as number]))
}

async function expectRest(queue: Queue<any>, most = day): Promise<void> {
  const left = await lives(queue)
  expect(left).toHaveProperty('meta')
  expect(Object.entries(left).filter(([, ms]) => ms <= most - day / 2 || ms > most)).toEqual([])
}

async function expectUse(queue: Queue<any>): Promise<void> {
  const left = await lives(queue)
  expect(left).toHaveProperty('meta')
  expect(Object.entries(left).filter(([, ms]) => ms !== -1)).toEqual([])
}

/** The time of all keys that have one is over. */
async function endRest(queue: Queue<any>): Promise<void> {
  const { keys } = shardOf(queue)
  for (const key of Object.values(keys)) await internals(queue.store).caller.call((client) => client.del(key))
}

function shardOf(queue: Queue<any>): Shard {
  return new Shard(queue.store, queue.name, queue.definition.settings)
}

/** A queue that was used, and is empty again. */
async function restingQueue(queue: Queue<any>): Promise<Queue<any>> {
  await queue.add('some', 1)
  await queue.clear()
  await expectRest(queue)
  return queue
}

async function workOff(queue: Queue<any>, jobs: readonly { wait: () => Promise<unknown> }[]): Promise<void> {
  const worker = new Worker<any>(queue, () => Promise.resolve('done'))
  const ended = worker.run()
  await within(10_000, Promise.all(jobs.map((job) => job.wait())), 'the end of the jobs')
  await within(10_000, worker.close(), 'the close of the worker')
  await within(1_000, ended, 'the end of run()')
}

/** A worker of which only the heart beats. */
async function beat(shard: Shard, id: string): Promise<void> {
  await shard.script(extendScript, { id, lease: 10_000, about: '{}' })
}

onEachServer((_name, server) => {
  describe('a queue that is empty and that nobody works on keeps its keys for a day', () => {
    test('after its worker has left', async () => {
      const queue = testQueue(server, { retain: nothingKept })
      await queue.add('some', 1)
      // One whose result is waited for would be kept for that.
      await workOff(queue, [await queue.add('some', 1, { id: 'x', retain: { completed: '1 h' } })])
      await expectUse(queue)
      await queue.remove('x')
      await expectRest(queue)
    })

    test.each<[string, (queue: Queue<any>) => Promise<unknown>]>([
      ['waiting jobs were cleared', async (queue) => (await queue.add('some', 1, { delay: '1 h' }), queue.clear())],
      ['its job was removed', async (queue) => queue.remove((await queue.add('some', 1)).id)],
      ['its job was cancelled', async (queue) => queue.cancel((await queue.add('some', 1)).id)],
      ['its schedule was removed', async (queue) => (await put(queue), queue.schedules.remove('s'))],
      ['it is no longer paused', async (queue) => (await restingQueue(queue), await queue.pause(), queue.resume())],
      ['it was opened only', (queue) => queue.remove('unknown')],
      ['a job that there is not was retried', (queue) => queue.retry('unknown')],
      ['a job that there is not was promoted', (queue) => queue.promote('unknown')],
    ])('when %s', async (_case, act) => {
      const queue = testQueue(server, { retain: nothingKept })
      await act(queue)
      await expectRest(queue)
    })

    test('and a unique key that is held for longer, until that time is over', async () => {
      const queue = testQueue(server)
      await queue.add('some', 1, { unique: { key: 'k', during: '10 d' } })
      await queue.clear()
      await expectRest(queue, 10 * day)
      expect(await queue.add('some', 2, { unique: { key: 'k', during: '10 d' } })).toMatchObject({ duplicate: true })
    })
  })

  describe('whatever uses it keeps it for good', () => {
    test.each<[string, (queue: Queue<any>) => Promise<unknown>]>([
      ['a job', (queue) => queue.add('some', 2)],
      ['a delayed job', (queue) => queue.add('some', 2, { delay: '1 h' })],
      ['jobs in bulk', (queue) => queue.addBulk([{ name: 'some' }, { name: 'some', options: { priority: 1 } }])],
      ['a job with an id of its own', (queue) => queue.add('some', 2, { id: 'own' })],
      ['a unique job', (queue) => queue.add('some', 2, { unique: { key: 'k', during: 'unfinished' } })],
      ['a job of a session that knows nothing of the rest', (queue) => elsewhere(queue, server).add('some', 2)],
      ['a schedule', put],
      ['a pause', (queue) => queue.pause()],
      ['a worker', (queue) => runningWorker<any>(queue, () => Promise.resolve())],
    ])('%s', async (_case, use) => {
      const queue = await restingQueue(testQueue(server))
      await use(queue)
      await expectUse(queue)
    })

    test('a job that is there when another queue object opens it, and when a worker leaves', async () => {
      const queue = testQueue(server)
      await queue.add('some', 1, { delay: '1 h' })
      await elsewhere(queue, server).remove('unknown')
      await shardOf(queue).script(leaveScript, { id: 'nobody' })
      await expectUse(queue)
      expect((await queue.counts()).scheduled).toBe(1)
    })
  })

  test('one of two workers leaves: the other one keeps it, with what an emptied hash of leases needs', async () => {
    const queue = await restingQueue(testQueue(server))
    const shard = shardOf(queue)
    await beat(shard, 'one')
    await beat(shard, 'two')
    await shard.script(leaveScript, { id: 'one' })
    await expectUse(queue)
    expect(await lives(queue)).toHaveProperty('leases')
    await shard.script(leaveScript, { id: 'two' })
    await expectRest(queue)
  })

  test('a worker that has opened it and not spoken yet keeps it with its first heartbeat', async () => {
    const queue = await restingQueue(testQueue(server))
    const shard = shardOf(queue)
    await beat(shard, 'one')
    const { name } = await shard.openSession()
    await shard.script(leaveScript, { id: 'one' })
    await expectRest(queue)
    await beat(shard, name)
    await expectUse(queue)
    expect(await lives(queue)).toHaveProperty('leases')
  })

  test('a worker that has died on it is forgotten by the next that opens it', async () => {
    const queue = testQueue(server)
    const shard = shardOf(queue)
    await shard.openSession()
    await beat(shard, 'dead')
    await elsewhere(queue, server).remove('unknown')
    await expectUse(queue)
    queue.store.clockOffset += 20_000
    await shard.openSession()
    await expectRest(queue)
  })

  test('a paused queue stays paused', async () => {
    const queue = testQueue(server)
    await queue.pause()
    await queue.add('some', 1)
    await queue.clear()
    await expectUse(queue)
    expect(await paused(queue)).toBe(1)
  })

  test('a producer adds after the rest has ended: its jobs run, and it brings order and retention again', async () => {
    const queue = await restingQueue(testQueue(server, { order: 'lifo', retain: { completed: { count: 7 } } }))
    await endRest(queue)
    const jobs = await queue.addBulk([{ name: 'some' }, { name: 'some', options: { id: 'own' } }, { name: 'some', options: { delay: 1 } }])
    expect(jobs.map(({ id, duplicate }) => [id === 'own', duplicate])).toEqual([
      [false, false],
      [true, false],
      [false, false],
    ])
    await expectUse(queue)
    const { caller } = internals(queue.store)
    const [order, retain] = await caller.call((client) => client.hmget(shardOf(queue).keys.meta, 'order', 'retain'))
    expect([order, retain]).toEqual(['lifo', expect.stringMatching(/ 7 /)])
    await workOff(queue, jobs)
  })

  test('so does whoever pauses it', async () => {
    const queue = testQueue(server, { order: 'lifo' })
    await restingQueue(queue)
    await queue.remove('unknown')
    await endRest(queue)
    await queue.pause()
    await expectUse(queue)
    const { caller } = internals(queue.store)
    expect(await caller.call((client) => client.hmget(shardOf(queue).keys.meta, 'order', 'paused'))).toEqual(['lifo', '1'])
  })

  test('what else is done to it by hand answers that there is nothing', async () => {
    const queue = testQueue(server)
    await queue.remove('unknown')
    for (const act of [
      () => queue.clear(),
      () => queue.remove('x'),
      () => queue.retry('x'),
      () => queue.promote('x'),
      () => queue.cancel('x'),
    ]) {
      await endRest(queue)
      expect(await act()).toBe(0)
    }
  })

  test('a copy that comes late, of a call on the only lane that the server knows, leaves it at rest', async () => {
    const queue = testQueue(server)
    const shard = shardOf(queue)
    const { name } = await shard.openSession()
    const values = { order: 'fifo', lane: `${name}:0`, number: 1, renew: '', channel: '' } as const
    for (const copy of [1, 2]) {
      expect(await shard.script(removeScript, values, ['unknown']), `copy ${copy}`).toBe(0)
      await expectRest(queue)
    }
  })

  test('so does one who puts a schedule', async () => {
    const queue = testQueue(server, { order: 'lifo' })
    await put(queue)
    await queue.schedules.remove('s')
    await endRest(queue)
    await put(queue)
    expect(await queue.schedules.get('s')).toMatchObject({ id: 's' })
    const { caller } = internals(queue.store)
    expect(await caller.call((client) => client.hget(shardOf(queue).keys.meta, 'order'))).toBe('lifo')
    await expectUse(queue)
  })

  test('adds that race with clears and leaving workers are all there, for good', async () => {
    const queue = testQueue(server)
    const other = elsewhere(queue, server)
    const shard = shardOf(other)
    for (let round = 0; round < 20; round++) {
      const added: Promise<unknown>[] = []
      const clearing = other.clear()
      for (let i = 0; i < 5; i++) added.push(queue.add('some', i), shard.script(leaveScript, { id: 'nobody' }))
      await Promise.all([clearing, ...added])
      const last = await queue.add('some', round, { delay: round % 2 })
      await expectUse(queue)
      expect(await queue.getJob(last.id)).not.toBe(null)
      await queue.clear()
      await expectRest(queue)
    }
  })
})

function put(queue: Queue<any>): Promise<unknown> {
  return queue.schedules.upsert('s', { every: '1 h', job: { name: 'some' } })
}

function paused(queue: Queue<any>): Promise<number> {
  return internals(queue.store).caller.call((client) => client.hexists(shardOf(queue).keys.meta, 'paused'))
}
