import { defineQueue, job as kind, Queue, type Job } from '@ripen/queue'
import { expect, onTestFinished, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { gated } from './gated-worker.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'
import { noRows, uniqueRows } from './unique-rows.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  test('adds of one key at the same time, from two processes, are one job', async () => {
    const queue = testQueue(server)
    const there = elsewhere(queue, server)
    const jobs = await Promise.all(
      Array.from({ length: 200 }, (_value, i) => (i % 2 === 0 ? queue : there).add('some', i, { unique: 'k' })),
    )
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect(jobs.filter(({ duplicate }) => !duplicate).length).toBe(1)
    expect(await queue.counts()).toMatchObject({ ready: 1, scheduled: 0 })
  })

  test('the jobs of a batch are decided in their order, beside others', async () => {
    const queue = testQueue(server)
    const hour = { delay: '1 h' } as const
    const jobs = await queue.addBulk([
      { name: 'plain', data: 0 },
      { name: 'a', data: 1, options: { unique: { key: 'a b', onConflict: 'replace' }, id: 'own id' } },
      { name: 'b', data: 2, options: { unique: { key: 'b', onConflict: 'debounce' } } },
      { name: 'plain', data: 3 },
      { name: 'a', data: 4, options: { unique: { key: 'a b', onConflict: 'replace' }, ...hour } },
      { name: 'b', data: 5, options: { unique: { key: 'b', onConflict: 'debounce' }, ...hour } },
      { name: 'a', data: 6, options: { unique: 'a b' } },
      { name: 'own', data: 7, options: { id: 'own id' } },
      { name: 'plain', data: 8 },
    ])
    const [zero, a, b, three] = jobs as [Job, Job, Job, Job]
    expect(jobs.map(({ id, duplicate }) => [id, duplicate])).toEqual([
      [zero.id, false],
      ['own id', false],
      [b.id, false],
      [three.id, false],
      ['own id', true],
      [b.id, true],
      ['own id', true],
      ['own id', true],
      [jobs[8]?.id, false],
    ])
    expect((await queue.getJobs({ state: 'ready' })).jobs.map(({ data }) => data)).toEqual([0, 4, 3, 8])
    expect(await b.refresh()).toMatchObject({ data: 5, state: 'scheduled' })
    expect(await a.refresh()).toMatchObject({ data: 4, dueAt: a.addedAt })
  })

  test('an id that is there decides before the key does', async () => {
    const queue = testQueue(server)
    const named = await queue.add('some', 1, { id: 'mine', delay: '1 h' })
    await queue.add('some', 2, { unique: 'k' })
    expect(await queue.add('some', 3, { id: 'mine', unique: { key: 'k', onConflict: 'replace' } })).toMatchObject({
      ...named,
      duplicate: true,
    })
    expect(await queue.add('some', 4, { id: 'other', unique: 'k' })).toMatchObject({ data: 2, duplicate: true })
    expect(await queue.getJob('other')).toBeNull()
  })

  test('whatever ends a job, its key is free, and nothing is left of it', async () => {
    const queue = testQueue(server)
    const add = (data: unknown): Promise<Job> => queue.add('some', data, { unique: 'k' })
    await (await add(1)).cancel()
    await (await add(2)).remove()
    await add(3)
    expect(await queue.clear()).toBe(1)
    expect(await uniqueRows(queue)).toEqual(noRows)
    const { job, gate } = await gated(queue, () => add('done'))
    expect((await add(4)).id).toBe(job.id)
    expect(await uniqueRows(queue)).toEqual({ rows: { kk: `u ${job.id}`, [`i${job.id}`]: 'k' }, ends: {} })
    await job.cancel()
    gate.open()
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_CANCELLED' })
    const good = await queue.add('some', 'good', { unique: 'k' })
    expect(good.duplicate).toBe(false)
    expect(await good.wait(inTime)).toBe('good')
    const bad = await queue.add('some', 'bad', { unique: 'k' })
    expect(bad.duplicate).toBe(false)
    await expect(bad.wait(inTime)).rejects.toThrow('bad')
    for (const data of ['good', 'bad']) {
      const brief = await queue.add('some', data, { unique: 'k', retain: { completed: false, failed: false } })
      expect(brief.duplicate).toBe(false)
      await until(async () => (await brief.refresh()) === null, 10_000, 'the end of a job that is not kept')
    }
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test('a key that is held for a time is held by a job that has ended and gone, until then, and then nothing is left', async () => {
    const queue = testQueue(server)
    const unique = { key: 'k', during: '1 minute' } as const
    const job = await queue.add('some', 1, { unique, retain: { completed: false } })
    const worker = await runningWorker(queue, async () => 'done')
    await until(async () => (await job.refresh()) === null, 10_000, 'the end of the job')
    expect(await queue.add('some', 2, { unique })).toMatchObject({ id: job.id, duplicate: true })
    const ends = job.addedAt + 60_000
    expect(await uniqueRows(queue)).toEqual({ rows: { kk: `${ends} ${job.id}` }, ends: { k: ends } })
    await worker.close()
    queue.store.clockOffset = 60_000
    // The next holder does not wait for a sweep.
    const next = await queue.add('some', 3, { unique: 'k' })
    expect(next.duplicate).toBe(false)
    expect(await uniqueRows(queue)).toEqual({ rows: { kk: `u ${next.id}`, [`i${next.id}`]: 'k' }, ends: {} })
    await next.remove()
    const later = await queue.add('some', 4, { unique, delay: '1 h' })
    queue.store.clockOffset = 130_000
    await runningWorker(queue, async () => 'done')
    await until(async () => Object.keys((await uniqueRows(queue)).ends).length === 0, 10_000, 'the sweep')
    // The job still has its key; nobody finds it by that.
    expect(await uniqueRows(queue)).toEqual({ rows: { [`i${later.id}`]: 'k' }, ends: {} })
    expect((await queue.add('some', 5, { unique: 'k', delay: '1 h' })).duplicate).toBe(false)
    expect(await queue.clear()).toBe(2)
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test('a job that comes back to wait does not take its key from a later one', async () => {
    const queue = testQueue(server)
    const unique = { key: 'k', during: 'waiting' } as const
    const { job, gate } = await gated(queue, () => queue.add('some', 'bad', { unique, attempts: 2, backoff: '1 h' }))
    const later = await queue.add('some', 2, { unique, delay: '2 h' })
    expect(later.duplicate).toBe(false)
    gate.open()
    await until(async () => (await job.refresh())?.state === 'scheduled', 10_000, 'the next attempt')
    expect(await queue.add('some', 3, { unique })).toMatchObject({ id: later.id, duplicate: true })
    await job.remove()
    expect(await queue.add('some', 3, { unique })).toMatchObject({ id: later.id, duplicate: true })
    await later.remove()
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test('who waits for a job that is replaced gets the result of what has replaced it', async () => {
    const queue = testQueue(server)
    const job = await queue.add('some', 1, { unique: 'k', delay: '1 h' })
    const waiting = job.wait(inTime)
    await queue.add('some', 2, { unique: { key: 'k', onConflict: 'debounce' } })
    await runningWorker(queue, async ({ data }) => data)
    expect(await waiting).toBe(2)
  })

  test('a kind of job computes its key from the data; options of the add come first, those of the queue last', async () => {
    const definition = defineQueue('work', {
      defaults: { unique: 'one of all' },
      jobs: {
        mail: kind<{ to: string }>({ unique: ({ to }) => ({ key: `mail ${to}`, onConflict: 'replace' }), attempts: 3 }),
        sync: kind({ unique: 'sync' }),
        other: kind(),
      },
    })
    const { store } = testQueue(server)
    const queue = new Queue(definition, { store })
    onTestFinished(() => queue.close())
    const keyOf = async (job: Promise<Job<any>>): Promise<unknown> => (await job).options.unique
    const unfinished = { during: 'unfinished', onConflict: 'keep' }
    expect(await keyOf(queue.add('mail', { to: 'ada' }))).toEqual({ key: 'mail ada', during: 'unfinished', onConflict: 'replace' })
    expect(await queue.add('mail', { to: 'ada' })).toMatchObject({ duplicate: true, options: { attempts: 3 } })
    expect((await queue.add('mail', { to: 'bob' })).duplicate).toBe(false)
    expect(await keyOf(queue.add('mail', { to: 'ada' }, { unique: 'mine' }))).toEqual({ key: 'mine', ...unfinished })
    expect(await keyOf(queue.add('sync'))).toEqual({ key: 'sync', ...unfinished })
    expect(await keyOf(queue.add('other'))).toEqual({ key: 'one of all', ...unfinished })
    expect(() => kind({ unique: { key: '' } })).toThrow(expect.objectContaining({ option: 'unique.key' }))
    await expect(queue.add('mail', { to: '\n' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'unique.key' })
  })
})
