import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys, type ShardKeys } from '../../packages/queue/src/shard/keys.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

type Jobs = { quick: undefined }

interface Corrupted {
  readonly queue: Queue<Jobs>
  readonly redis: Redis
  readonly keys: ShardKeys
  readonly errors: Error[]
  readonly completed: string[]
  /** Starts a worker on what lies there. */
  readonly run: () => Promise<void>
}

/** A queue whose keys a test spoils by hand before a worker comes. */
async function corrupted(): Promise<Corrupted> {
  const { url } = await ownServer()
  const store = testStore(url)
  const queue = new Queue<Jobs>('spoiled', { store })
  await queue.ready()
  const redis = new Redis(url)
  onTestFinished(() => redis.disconnect())
  const prefix = (await redis.keys('*:meta'))[0]?.slice(1).split(':')[0] ?? ''
  const errors: Error[] = []
  const completed: string[] = []
  const worker = new Worker(queue, { quick: async () => undefined }, { concurrency: 10, lease: '2 s' })
  worker.on('error', (error) => errors.push(error)).on('completed', ({ id }) => completed.push(id))
  const run = async (): Promise<void> => {
    const ended = worker.run()
    onTestFinished(async () => {
      await worker.close({ timeout: '2 s' })
      await ended
    })
    await worker.ready()
  }
  return { queue, redis, keys: shardKeys(prefix, 'spoiled', 0), errors, completed, run }
}

const past = Date.now() - 10_000
const garbage = 'no row of any version'

/** Each spoils one entry, `bad`, and says how many errors must name it. */
const spoils: [what: string, spoil: (redis: Redis, keys: ShardKeys) => Promise<unknown>][] = [
  ['an id in ready without a row', (redis, keys) => redis.zadd(keys.ready, -5, 'bad')],
  ['an id in scheduled without a row', (redis, keys) => redis.zadd(keys.scheduled, past, 'bad')],
  ['an id in active without a row', (redis, keys) => redis.zadd(keys.active, past, 'bad')],
  [
    'a row that cannot be read, in ready',
    (redis, keys) => redis.multi().hset(keys.jobs, 'bad', garbage).zadd(keys.ready, -5, 'bad').exec(),
  ],
  [
    'a row that cannot be read, in scheduled',
    (redis, keys) => redis.multi().hset(keys.jobs, 'bad', garbage).zadd(keys.scheduled, past, 'bad').exec(),
  ],
  [
    'a row that cannot be read, in active',
    (redis, keys) => redis.multi().hset(keys.jobs, 'bad', garbage).zadd(keys.active, past, 'bad').exec(),
  ],
]

describeWithRedisServer('corrupt entries are reported and set aside, and the rest goes on', () => {
  test.each(spoils)('%s', async (_what, spoil) => {
    const { queue, redis, keys, errors, completed, run } = await corrupted()
    await spoil(redis, keys)
    const good = await queue.addBulk([
      { name: 'quick' },
      { name: 'quick' },
      { name: 'quick', options: { delay: 1 } },
      { name: 'quick', options: { delay: 1 } },
    ])
    await run()
    await until(() => completed.length >= good.length, 5_000, 'the end of the good jobs')
    expect(completed.toSorted()).toEqual(good.map(({ id }) => id).toSorted())
    await until(() => errors.length > 0, 5_000, 'an error that tells of the bad entry')
    expect(errors.map(({ message }) => message).join()).toContain('bad')
    // Set aside: no set that workers look at has it, and it is told of once, not every second.
    for (const key of [keys.ready, keys.scheduled, keys.active]) expect(await redis.zscore(key, 'bad')).toBeNull()
    expect(errors.length).toBeLessThanOrEqual(2)
    // What it left is no obstacle to those who look.
    for (const state of ['ready', 'scheduled', 'active', 'failed', 'completed'] as const) await queue.getJobs({ state })
    expect((await queue.getJobs({ state: 'completed' })).jobs.length).toBe(good.length)
    await queue.getJob('bad')
    expect(await queue.counts()).toMatchObject({ ready: 0, scheduled: 0, active: 0, completed: good.length })
    await queue.remove('bad')
    expect(await redis.hexists(keys.jobs, 'bad')).toBe(0)
  })

  test.each([
    ['no numbers', garbage],
    ['JSON that does not end', '0:0:::{"progress":'],
  ])('a state row with %s', async (_what, stateRow) => {
    const { queue, redis, keys, errors, completed, run } = await corrupted()
    await queue.add('quick', undefined, { id: 'bad' })
    await redis.hset(keys.state, 'bad', stateRow)
    const good = await queue.addBulk([{ name: 'quick' }, { name: 'quick' }])
    await run()
    await until(() => completed.length >= good.length && errors.length > 0, 5_000, 'the good jobs, and an error')
    expect(errors[0]?.message).toContain('bad')
    await until(async () => (await queue.counts()).failed === 1, 5_000, 'the bad job in failed')
    expect((await queue.getJobs({ state: 'failed' })).jobs.map(({ id }) => id)).toEqual(['bad'])
  })

  test('a job that has ended with a row that cannot be read: who waits is told', async () => {
    const { queue, redis, keys, run } = await corrupted()
    await run()
    const job = await queue.add('quick')
    await job.wait()
    await redis.hset(keys.state, job.id, garbage)
    await expect(job.wait({ timeout: '5 s' })).rejects.toMatchObject({ code: 'RIPEN_INVALID_JOB' })
  })

  test('a lease row that cannot be read: the job runs again', async () => {
    const { queue, redis, keys, completed, run } = await corrupted()
    const job = await queue.add('quick')
    await redis.multi().zrem(keys.ready, job.id).zadd(keys.active, past, job.id).hset(keys.leases, job.id, 'no lease').exec()
    const good = await queue.add('quick')
    await run()
    await until(() => completed.length === 2, 5_000, 'both jobs')
    expect(completed.toSorted()).toEqual([job.id, good.id].toSorted())
    expect(await redis.hkeys(keys.leases)).toEqual([''])
  })

  test('a job whose lease row cannot be read comes back in the band of its priority', async () => {
    const { queue, redis, keys, run } = await corrupted()
    const job = await queue.add('quick', undefined, { priority: 5 })
    await queue.pause()
    await redis.multi().zrem(keys.ready, job.id).zadd(keys.active, past, job.id).hset(keys.leases, job.id, 'no lease').exec()
    await run()
    const score = await until(async () => (await redis.zscore(keys.ready, job.id)) ?? undefined, 5_000, 'the return of the job')
    expect(Math.floor(Number(score) / 2 ** 42)).toBe(5)
  })

  test('steering a job whose row cannot be read loses none of the others', async () => {
    const { queue, redis, keys, completed, run } = await corrupted()
    await redis
      .multi()
      .hset(keys.jobs, 'bad', garbage)
      .zadd(keys.scheduled, Date.now() + 3_600_000, 'bad')
      .exec()
    await redis
      .multi()
      .hset(keys.jobs, 'worse', garbage)
      .zadd(keys.failed, past * 1_000, 'worse')
      .exec()
    await Promise.allSettled([queue.promote('bad'), queue.retry('worse'), queue.cancel('bad'), queue.retry('bad')])
    for (const id of ['bad', 'worse']) {
      const scores = await Promise.all([keys.ready, keys.scheduled, keys.failed, keys.cancelled].map((key) => redis.zscore(key, id)))
      expect(scores.filter((score) => score !== null).length, `${id} is in one set`).toBe(1)
    }
    const good = await queue.add('quick')
    await run()
    await until(() => completed.includes(good.id), 5_000, 'the good job')
  })
})
