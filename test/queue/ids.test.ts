import type { Queue } from '@ripen/queue'
import { Shard, startScript } from '@ripen/queue/internal'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('an id of your own is the id of the job', async () => {
    const job = await queue.add('some', 1, { id: 'order:42/ä 😀' })
    expect(job).toMatchObject({ id: 'order:42/ä 😀', duplicate: false })
    expect((await queue.getJob('order:42/ä 😀'))?.data).toBe(1)
  })

  test('adding it again answers with the job that is there', async () => {
    const first = await queue.add('some', { version: 1 }, { id: 'mine', delay: '1 h', priority: 2 })
    const again = await elsewhere(queue, server).add('other', { version: 2 }, { id: 'mine' })
    expect(again).toMatchObject({
      id: 'mine',
      name: 'some',
      data: { version: 1 },
      state: 'scheduled',
      duplicate: true,
      addedAt: first.addedAt,
      dueAt: first.dueAt,
    })
    expect(again.options).toEqual(first.options)
    expect(await queue.counts()).toMatchObject({ scheduled: 1, ready: 0 })
    expect(await queue.getJob('mine')).toMatchObject({ data: { version: 1 }, duplicate: false })
  })

  test('an id that comes twice in one tick is added once', async () => {
    const jobs = await Promise.all([1, 2, 3].map((data) => queue.add('some', data, { id: 'mine', ...(data === 3 ? { delay: 50 } : {}) })))
    expect(jobs.map((job) => [job.data, job.duplicate, job.state])).toEqual([
      [1, false, 'ready'],
      [1, true, 'ready'],
      [1, true, 'ready'],
    ])
    expect(await queue.counts()).toMatchObject({ ready: 1, scheduled: 0 })
  })

  test('an id is taken while its record is kept: also of a job that has ended', async () => {
    await runningWorker(queue, async ({ data }) => {
      if (data === 'bad') throw new Error('no')
      return 'done'
    })
    const good = await queue.add('some', 'good', { id: 'good' })
    const bad = await queue.add('some', 'bad', { id: 'bad' })
    await Promise.allSettled([good.wait({ timeout: '10 s' }), bad.wait({ timeout: '10 s' })])
    expect(await queue.add('some', 'new', { id: 'good' })).toMatchObject({
      duplicate: true,
      state: 'completed',
      result: 'done',
      data: 'good',
    })
    expect(await queue.add('some', 'new', { id: 'bad' })).toMatchObject({
      duplicate: true,
      state: 'failed',
      error: { message: 'no' },
      data: 'bad',
    })
    expect(await queue.remove('good')).toBe(1)
    const anew = await queue.add('some', 'new', { id: 'good' })
    expect(anew).toMatchObject({ duplicate: false, data: 'new' })
    expect(await anew.wait({ timeout: '10 s' })).toBe('done')
  })

  test('an id is free once the retention of its record has ended, swept or not', async () => {
    const kept = testQueue(server, { retain: { completed: { age: '1 minute' } } })
    const worker = await runningWorker(kept, async () => 'done')
    const own = await kept.add('some', 'first', { id: 'own', retain: { completed: '2 minutes' } })
    const common = await kept.add('some', 'first', { id: 'common' })
    await Promise.all([own.wait({ timeout: '10 s' }), common.wait({ timeout: '10 s' })])
    await worker.close()
    kept.store.clockOffset = 30 * 60_000
    expect(await kept.getJob('common')).toBeNull()
    for (const id of ['common', 'own']) {
      const anew = await kept.add('some', 'second', { id })
      expect(anew).toMatchObject({ duplicate: false, data: 'second', state: 'ready' })
      expect(await kept.getJob(id)).toMatchObject({ data: 'second', state: 'ready' })
    }
    expect(await kept.counts()).toMatchObject({ ready: 2, completed: 0 })
  })

  test.for(['', '~', '~mine', '~00000000000000', '~0000000000AB!', 'a\nb', 'a\0', '\u007f', 'x'.repeat(257), 'ä'.repeat(129), 7, null, {}])(
    'the id %j is refused',
    async (id) => {
      await expect(queue.add('some', 1, { id: id as string })).rejects.toMatchObject({
        code: 'RIPEN_CONFIGURATION',
        option: expect.stringMatching(/(^|\.)id$/),
      })
      expect((await queue.counts()).ready).toBe(0)
    },
  )

  test.for(['x'.repeat(256), 'ä'.repeat(128), '__proto__', 'a~b', ' ', '0', 'j1'])('the id %j is taken', async (id) => {
    expect(await queue.add('some', 1, { id })).toMatchObject({ id, duplicate: false })
    expect(await queue.add('some', 2, { id })).toMatchObject({ id, duplicate: true, data: 1 })
    expect(await queue.remove(id)).toBe(1)
  })

  test('a generated id may be added again: that is how to make sure after a timeout', async () => {
    const job = await queue.add('some', 1)
    expect(await queue.add('some', 1, { id: job.id })).toMatchObject({ id: job.id, duplicate: true })
    const unknown = '~0zzzzzz000007'
    expect(await queue.add('some', 2, { id: unknown })).toMatchObject({ id: unknown, duplicate: false })
    expect((await queue.counts()).ready).toBe(2)
  })

  test('a job with a space for an id keeps its lease when another one is marked as started', async () => {
    const queue = testQueue(server)
    const shard = new Shard(queue.store, queue.name, queue.definition.settings)
    const { caller } = shard.store
    await caller.call((client) => client.hset(shard.keys.leases, ' ', '1234567890123456 a 0 2', 'other', '1234567890123456 a 1 2'))
    expect(await shard.script(startScript, { id: 'other', fence: '1234567890123456' })).toBe(1)
    expect(await caller.call((client) => client.hgetall(shard.keys.leases))).toEqual({
      ' ': '1234567890123456 a 0 2',
      other: '1234567890123456 a 1 0',
    })
  })
})
