import { defineQueue, job, Queue, type BulkItem } from '@ripen/queue'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { describeWithRedisServer, redisServer } from '../support/redis-server.ts'
import { storedKeys } from './stored-keys.ts'
import { testQueue } from './test-queue.ts'

type Items = readonly BulkItem<Record<string, any>>[]

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('addBulk adds in order, each item with its options', async () => {
    const jobs = await queue.addBulk([
      { name: 'a', data: 1 },
      { name: 'b', data: 2, options: { delay: '1 h', attempts: 2 } },
      { name: 'c' },
      { name: 'd', data: 4, options: { id: 'mine' } },
      { name: 'e', data: 5, options: { id: 'mine' } },
    ])
    expect(jobs.map((job) => [job.name, job.data, job.state, job.duplicate])).toEqual([
      ['a', 1, 'ready', false],
      ['b', 2, 'scheduled', false],
      ['c', undefined, 'ready', false],
      ['d', 4, 'ready', false],
      ['d', 4, 'ready', true],
    ])
    expect((await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.name)).toEqual(['a', 'c', 'd'])
  })

  test('addBulk of many calls keeps the order of the items', async () => {
    const jobs = await queue.addBulk(Array.from({ length: 2_203 }, (_value, i) => ({ name: 'some', data: i })))
    expect(jobs.map((job) => job.data)).toEqual(Array.from({ length: 2_203 }, (_value, i) => i))
    const ids: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await queue.getJobs({ state: 'ready' }, { limit: 1_000, ...(cursor ? { cursor } : {}) })
      ids.push(...page.jobs.map((job) => job.id))
      cursor = page.cursor
    } while (cursor !== null)
    expect(ids).toEqual(jobs.map((job) => job.id))
  })

  test('addBulk of nothing adds nothing', async () => {
    expect(await queue.addBulk([])).toEqual([])
    expect(await storedKeys(queue)).toEqual({})
  })

  const cyclic: unknown[] = []
  cyclic.push(cyclic)

  test.for<[string, unknown, string]>([
    ['a bad option', { name: 'x', options: { delay: -1 } }, 'jobs[2].options.delay'],
    ['an unknown option', { name: 'x', options: { dely: 1 } }, 'jobs[2].options.dely'],
    ['a bad name', { name: '' }, 'jobs[2].name'],
    ['no name', { data: 1 }, 'jobs[2].name'],
    ['an unknown key', { name: 'x', opts: { delay: 1 } }, 'jobs[2].opts'],
    ['null', null, 'jobs[2]'],
  ])('an item with %s is named, and nothing is written', async ([, item, option]) => {
    await queue.ready()
    const before = await storedKeys(queue)
    await expect(queue.addBulk([{ name: 'a' }, { name: 'b' }, item] as unknown as Items)).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option,
    })
    expect(await storedKeys(queue)).toEqual(before)
  })

  test('an item with a bad payload is named, and nothing is written', async () => {
    await queue.ready()
    const before = await storedKeys(queue)
    const added = queue.addBulk([{ name: 'a' }, { name: 'x', data: cyclic }])
    await expect(added).rejects.toMatchObject({ code: 'RIPEN_INVALID_JOB', message: expect.stringContaining('jobs[1].') })
    expect(await storedKeys(queue)).toEqual(before)
  })

  test('a schema that refuses one item is heard, though a later item fails before it', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown): void => void unheard.push(reason)
    process.on('unhandledRejection', hear)
    onTestFinished(() => void process.off('unhandledRejection', hear))
    const validate = async (): Promise<{ issues: { message: string }[] }> => ({ issues: [{ message: 'never good' }] })
    const picky = job({ data: { '~standard': { version: 1, vendor: 'test', validate } } })
    const strict = new Queue(defineQueue('work', { jobs: { picky } }), { store: queue.store })
    onTestFinished(() => strict.close())
    const added = strict.addBulk([{ name: 'picky', data: 1 }, { name: 'unknown' }] as never)
    await expect(added).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'jobs[1].name' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(unheard).toEqual([])
  })

  test.for([undefined, null, {}, 'jobs'])('addBulk refuses %s', async (items) => {
    await expect(queue.addBulk(items as Items)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'jobs' })
  })
})

describeWithRedisServer('addBulk on a server that is full', () => {
  test('rejects with a BulkError that has an error or a job for each item', async () => {
    const server = await redisServer()
    onTestFinished(() => server.close())
    const queue = testQueue({ name: 'redis-server', url: server.url })
    await queue.add('first', 1)
    await queue.store.redis.config('SET', 'maxmemory', '1')
    const error = await queue.addBulk([{ name: 'a' }, { name: 'b', options: { delay: '1 h' } }]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'RIPEN_BULK', results: [{ code: 'RIPEN_STORE_FULL' }, { code: 'RIPEN_STORE_FULL' }] })
    await queue.store.redis.config('SET', 'maxmemory', '0')
    expect(await queue.counts()).toMatchObject({ ready: 1, scheduled: 0 })
  })
})
