import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { JobNews } from '../../packages/queue/src/read/job-news.ts'
import { Shard } from '../../packages/queue/src/shard/shard.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { nextEvent, runningWorker } from './running-worker.ts'
import { storedKeys } from './stored-keys.ts'
import { testQueue } from './test-queue.ts'

const inTime = { timeout: '15 s' } as const
const minute = 60_000

/** Good jobs complete, bad ones fail. Resolves when `count` jobs have ended. */
async function runUntil(queue: Queue, count: number): Promise<void> {
  const worker = await runningWorker(
    queue,
    async ({ data }) => {
      if (data === 'bad') throw new Error('bad')
      return data
    },
    { concurrency: 10 },
  )
  let ended = 0
  const all = new Promise<void>((resolve) => {
    for (const event of ['completed', 'failed'] as const) worker.on(event, () => void (++ended === count && resolve()))
  })
  await all
}

const states = async (queue: Queue, ids: readonly string[]): Promise<(string | undefined)[]> =>
  Promise.all(ids.map(async (id) => (await queue.getJob(id))?.state))

/** How many jobs and state rows are stored, whatever the getters say. */
async function records(queue: Queue): Promise<[jobs: number, states: number]> {
  const keys = Object.entries(await storedKeys(queue))
  const size = (name: string): number => keys.find(([key]) => key.endsWith(`:${name}`))?.[1] ?? 0
  return [size('jobs'), size('state')]
}

onEachServer((_name, server) => {
  test('by default a thousand completed jobs are kept', async () => {
    const queue = testQueue(server)
    await queue.addBulk(Array.from({ length: 1_010 }, (_value, i) => ({ name: 'some', data: i })))
    await runUntil(queue, 1_010)
    expect(await queue.counts()).toMatchObject({ completed: 1_000, ready: 0, active: 0 })
  })

  test('count keeps the newest, of each end', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 3 }, failed: { count: 2 } } })
    for (let i = 0; i < 6; i++)
      await queue.addBulk([
        { name: 'some', data: 'good', options: { id: `g${i}` } },
        { name: 'some', data: 'bad', options: { id: `b${i}` } },
      ])
    await runUntil(queue, 12)
    expect(await queue.counts()).toMatchObject({ completed: 3, failed: 2 })
    expect(await records(queue)).toEqual([5, 5])
  })

  test('count keeps the newest also of those that end within a millisecond, and lists them as they ended', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 20 } } })
    // The ids stand the other way round.
    const ids = Array.from({ length: 60 }, (_value, i) => `j${99 - i}`)
    await queue.addBulk(ids.map((id) => ({ name: 'some', options: { id } })))
    const order: string[] = []
    const worker = await runningWorker(queue, async () => 'done')
    await new Promise<void>((resolve) => worker.on('completed', ({ id }) => void (order.push(id) === ids.length && resolve())))
    expect(order).toEqual(ids)
    const { jobs } = await queue.getJobs({ state: 'completed' })
    expect(jobs.map(({ id }) => id)).toEqual(ids.slice(-20))
    expect(jobs.every(({ finishedAt = 0, addedAt }) => Number.isInteger(finishedAt) && finishedAt >= addedAt)).toBe(true)
  })

  test('count 0 keeps none, and nothing is left of them', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 0 }, failed: { count: 0 } } })
    const jobs = await queue.addBulk([
      { name: 'some', data: 'good' },
      { name: 'some', data: 'bad' },
    ])
    await runUntil(queue, 2)
    expect(
      await states(
        queue,
        jobs.map((job) => job.id),
      ),
    ).toEqual([undefined, undefined])
    expect(await records(queue)).toEqual([0, 0])
  })

  test('age ends what is too old, also while the queue is idle', async () => {
    const queue = testQueue(server, { retain: { completed: { age: '10 minutes' }, failed: { age: '20 minutes' } } })
    const jobs = await queue.addBulk([
      { name: 'some', data: 'good' },
      { name: 'some', data: 'bad' },
    ])
    const ids = jobs.map((job) => job.id)
    await runUntil(queue, 2)
    queue.store.clockOffset = 9 * minute
    expect(await states(queue, ids)).toEqual(['completed', 'failed'])
    queue.store.clockOffset = 11 * minute
    expect(await states(queue, ids)).toEqual([undefined, 'failed'])
    await until(async () => (await records(queue))[0] === 1, 5_000, 'the sweep of the completed job')
    queue.store.clockOffset = 21 * minute
    expect(await queue.counts()).toMatchObject({ completed: 0, failed: 0 })
    await until(async () => (await records(queue))[0] === 0, 5_000, 'the sweep of the failed job')
    expect(await records(queue)).toEqual([0, 0])
  })

  test("a job's own retain wins over the queue's ages, shorter and longer, and is not counted", async () => {
    const queue = testQueue(server, { retain: { completed: { age: '10 minutes', count: 1 } } })
    const longer = await queue.add('some', 1, { retain: { completed: '1 h' } })
    const shorter = await queue.add('some', 2, { retain: { completed: '1 minute' } })
    const none = await queue.add('some', 3, { retain: { completed: false } })
    const other = await queue.add('some', 4, { retain: { failed: false } })
    const ids = [longer.id, shorter.id, none.id, other.id]
    await runUntil(queue, 4)
    expect(await states(queue, ids)).toEqual(['completed', 'completed', undefined, 'completed'])
    expect((await queue.counts()).completed).toBe(3)
    expect((await queue.getJob(longer.id))?.finishedAt).toBeCloseTo(await queue.store.now(), -5)
    queue.store.clockOffset = 2 * minute
    expect(await states(queue, ids)).toEqual(['completed', undefined, undefined, 'completed'])
    queue.store.clockOffset = 11 * minute
    expect(await states(queue, ids)).toEqual(['completed', undefined, undefined, undefined])
    queue.store.clockOffset = 61 * minute
    await until(async () => (await records(queue))[0] === 0, 5_000, 'the sweep of all of them')
    expect(await records(queue)).toEqual([0, 0])
  })

  test('cancelled jobs follow the rule of completed ones', async () => {
    const queue = testQueue(server, { retain: { completed: { age: '10 minutes', count: 2 } } })
    const jobs = await queue.addBulk([1, 2, 3].map((data) => ({ name: 'some', data })))
    const own = await queue.add('some', 4, { retain: { completed: false } })
    for (const job of [...jobs, own]) expect(await job.cancel()).toBe(true)
    expect(
      await states(
        queue,
        [...jobs, own].map((job) => job.id),
      ),
    ).toEqual([undefined, 'cancelled', 'cancelled', undefined])
    queue.store.clockOffset = 11 * minute
    expect((await queue.counts()).cancelled).toBe(0)
  })

  test('who waits gets the result although retention keeps nothing', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 0 }, failed: { count: 0 } } })
    const good = await queue.add('some', 'good', { delay: 150 })
    const own = await queue.add('some', 'own', { delay: 150, retain: { completed: false } })
    const bad = await queue.add('some', 'bad', { delay: 150 })
    const [results] = await Promise.all([Promise.allSettled([good, own, bad].map((job) => job.wait(inTime))), runUntil(queue, 3)])
    expect(results).toMatchObject([{ value: 'good' }, { value: 'own' }, { reason: { code: 'RIPEN_JOB_FAILED', message: 'bad' } }])
    queue.store.clockOffset = 2 * minute
    await until(async () => (await records(queue))[0] === 0, 5_000, 'the end of what was spared')
  })

  test('jobs that were waited for are kept no longer than others', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 3 } } })
    const worker = await runningWorker(queue, async ({ data }) => data, { concurrency: 10 })
    const jobs = await queue.addBulk(Array.from({ length: 10 }, (_value, i) => ({ name: 'some', data: i, options: { delay: 150 } })))
    expect(await Promise.all(jobs.map((job) => job.wait(inTime)))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    queue.store.clockOffset = 2 * minute
    const last = nextEvent(worker, 'completed')
    await queue.add('some', 'last')
    await last
    await until(async () => (await queue.counts()).completed <= 3, 5_000, 'retention by count')
    expect((await queue.counts()).completed).toBe(3)
  })

  test('who has got a result gives the job back to the rule of the queue at once', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 3 }, failed: { count: 0 } } })
    await runningWorker(
      queue,
      async ({ data }) => {
        if (data === 'bad') throw new Error('bad')
        return data
      },
      { concurrency: 10 },
    )
    const jobs = await queue.addBulk(Array.from({ length: 20 }, (_value, i) => ({ name: 'some', data: i, options: { delay: 150 } })))
    const bad = await queue.add('some', 'bad', { delay: 150 })
    const own = await queue.add('some', 'own', { delay: 150, retain: { completed: false } })
    await Promise.allSettled([...jobs, ...jobs, bad, own].map((job) => job.wait(inTime)))
    await until(async () => (await records(queue))[0] === 3, 5_000, 'retention by count')
    expect(await queue.counts()).toMatchObject({ completed: 3, failed: 0 })
    expect(Object.keys(await storedKeys(queue)).filter((key) => /:(waiters|watchers)$/.test(key))).toEqual([])
  })

  test('a result is spared until each client that waits for it has it', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 0 } } })
    await runningWorker(queue, async () => 'done')
    const job = await queue.add('some', 1, { delay: 300 })
    // Another client that has asked, and not heard.
    const shard = new Shard(queue.store, queue.name, queue.definition.settings)
    const other = new JobNews(shard)
    const leave = other.listen(job.id, () => undefined)
    expect(await other.ask(job.id, false)).toBeUndefined()
    expect(await job.wait(inTime)).toBe('done')
    const names = async (): Promise<number> => ((await queue.store.redis.hget(shard.keys.waiters, job.id)) ?? '').split(',').length
    await until(async () => (await names()) === 1, 5_000, 'the one that has its result')
    expect((await queue.getJob(job.id))?.result).toBe('done')
    expect(await other.ask(job.id, false)).toMatchObject({ kind: 'completed' })
    leave()
    await until(async () => (await records(queue))[0] === 0, 5_000, 'the end of what was spared')
  })

  test('the last definition of retain wins', async () => {
    const queue = testQueue(server, { retain: { completed: { count: 5 } } })
    await queue.ready()
    await queue.addBulk([1, 2, 3].map((data) => ({ name: 'some', data })))
    await runUntil(queue, 3)
    expect((await queue.counts()).completed).toBe(3)
    const redefined = new Queue('work', { store: queue.store, retain: { completed: { count: 1 } } })
    await redefined.ready()
    await until(async () => (await queue.counts()).completed === 1, 5_000, 'the sweep by the new rule')
    const silent = new Queue('work', { store: queue.store })
    await silent.ready()
    await silent.addBulk([4, 5].map((data) => ({ name: 'some', data })))
    await until(async () => (await queue.getJobs({ state: 'completed' })).jobs.some((job) => job.data === 5), 5_000, 'the last job')
    expect((await queue.counts()).completed).toBe(1)
    for (const each of [redefined, silent]) await each.close()
  })
})
