import { Queue, verifyQueue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { keyTypes, progressKey, shardChannels, shardKeys, type ShardKeys } from '../../packages/queue/src/shard/keys.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { onStandaloneServers, type ConformanceServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { Garbage, jobRows, stateRows } from './garbage.ts'

const past = Date.now() - 60_000

interface Living {
  readonly queue: Queue<any>
  readonly keys: ShardKeys
  readonly errors: Error[]
  readonly completed: Set<string>
  /** Starts the worker. */
  readonly run: () => Promise<void>
}

function living(server: ConformanceServer): Living {
  const store = testStore(server.url, { logger: silent })
  const queue = new Queue<any>('garbage', { store })
  const errors: Error[] = []
  const completed = new Set<string>()
  const worker = new Worker<any>(queue, { work: async () => undefined }, { concurrency: 5, lease: '1 s', closeTimeout: '2 s' })
  worker.on('error', (error) => errors.push(error)).on('completed', ({ id }) => completed.add(id))
  const run = async (): Promise<void> => {
    const ended = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await ended
    })
    await worker.ready()
  }
  return { queue, keys: shardKeys(prefixOf(queue), queue.name, 0), errors, completed, run }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

onStandaloneServers((_name, server) => {
  test('a row of another client fails its job for good, and no other', async () => {
    const { queue, keys, errors, completed, run } = living(server)
    await queue.ready()
    const { redis } = queue.store
    for (const [index, row] of jobRows.entries())
      await redis.multi().hset(keys.jobs, `bad-${index}`, row).zadd(keys.ready, index, `bad-${index}`).exec()
    for (const [index, row] of stateRows.entries()) {
      await queue.add('work', 1, { id: `worse-${index}`, attempts: 3 })
      await redis.hset(keys.state, `worse-${index}`, row)
    }
    const { id } = await queue.add('work')
    await run()
    await until(() => completed.has(id), 10_000, 'the end of the good job')
    const ids = [...jobRows.map((_row, index) => `bad-${index}`), ...stateRows.map((_row, index) => `worse-${index}`)]
    const end = async (): Promise<boolean> =>
      (await Promise.all(ids.map((each) => queue.getJob(each)))).every((job) => job?.state === 'failed')
    // A row with a name of its own for Object.prototype is one that can be read.
    const readable = `bad-${jobRows.findIndex((row) => row.includes('__proto__'))}`
    ids.splice(ids.indexOf(readable), 1)
    await until(end, 10_000, 'the end of the others')
    expect(completed).toEqual(new Set([id, readable]))
    // Once for each.
    expect(errors.map(({ message }) => message.replace(/:.*/s, '')).toSorted()).toEqual(ids.map((each) => `job ${each}`).toSorted())
    for (const error of errors) expect(error).toMatchObject({ code: 'RIPEN_INVALID_JOB' })
    const { findings } = await verifyQueue(queue, { repair: true })
    expect(findings.filter(({ invariant, repaired }) => invariant !== 'row' && !repaired)).toEqual([])
  })

  test('nobody who looks is told of what the row holds', async () => {
    const { queue, keys, errors, run } = living(server)
    await queue.ready()
    await queue.store.redis.multi().hset(keys.jobs, 'bad', `1${past}:0:work\n\nhunter2`).zadd(keys.ready, '0', 'bad').exec()
    await run()
    await until(() => errors.length > 0, 5_000, 'an error')
    const shown = (error: unknown): string => (error instanceof Error ? `${error.stack} ${shown(error.cause)}` : '')
    expect(errors.map(shown).join()).not.toContain('hunter')
    expect(JSON.stringify((await verifyQueue(queue)).findings)).not.toContain('hunter')
  })

  test.for(['-inf', '-1e300', '1e300', '+inf'])('a job that is ready at the score %s runs, and takes no other along', async (score) => {
    const { queue, keys, errors, completed, run } = living(server)
    const jobs = await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'work' })))
    await queue.store.redis.zadd(keys.ready, score, jobs[2]?.id ?? '')
    await run()
    await until(() => completed.size === 5, 5_000, 'the end of all jobs')
    expect(errors).toEqual([])
    expect(await verifyQueue(queue)).toMatchObject({ ok: true })
  })

  test.for([
    ['sequence', 'x'],
    ['sequence', '1e300'],
    ['fence', 'x'],
    ['fence', '99999999999999999999'],
    ['keeperUntil', 'x'],
    ['armed', 'nan'],
    ['tidied', 'x'],
    ['spared', 'nan'],
    ['ended', 'x'],
    ['ended', 'inf'],
    ['retain', 'x'],
  ] as const)('the field %s of meta may be %s', async ([field, value]) => {
    const { queue, keys, errors, completed, run } = living(server)
    await queue.ready()
    await queue.store.redis.hset(keys.meta, field, value)
    const jobs = await queue.addBulk([
      { name: 'work' },
      { name: 'work', options: { delay: 1 } },
      { name: 'work', options: { unique: 'key' } },
    ])
    await run()
    await until(() => completed.size === jobs.length, 5_000, 'the end of all jobs')
    expect(errors).toEqual([])
    expect(await verifyQueue(queue)).toMatchObject({ ok: true })
  })

  test.for(['x', '-1', 'nan', '{'])('a wait and a watch end where waiters and watchers hold %s', async (value) => {
    const { queue, keys, completed, run } = living(server)
    const job = await queue.add('work')
    const { redis } = queue.store
    await redis.multi().hset(keys.waiters, job.id, value).hset(keys.watchers, job.id, value).exec()
    await run()
    await until(() => completed.has(job.id), 5_000, 'the end of the job')
    const second = await queue.add('work', 1, { delay: 100 })
    await redis.hset(keys.waiters, second.id, value)
    await redis.hset(keys.watchers, second.id, value)
    expect(await within(5_000, second.wait(), 'the end of the wait')).toBeUndefined()
  })

  test('a job whose progress channel holds garbage is watched to its end', async () => {
    const { queue, run } = living(server)
    const job = await queue.add('work', 1, { delay: 100 })
    await queue.store.redis.hset(progressKey(prefixOf(queue), queue.name, 0, job.id), { value: '{', rev: 'x', epoch: 'y' })
    const states: string[] = []
    const watching = (async () => {
      for await (const { state } of job.watch()) states.push(state)
    })()
    await run()
    await within(5_000, watching, 'the end of the watch')
    expect(states.at(-1)).toBe('completed')
  })

  test.for([1, 2, 3])('garbage in every row and on every channel of a queue at work: seed %i', { timeout: 30_000 }, async (seed) => {
    const { queue, keys, errors, completed, run } = living(server)
    const { redis } = queue.store
    const garbage = new Garbage(seed)
    const victims = Array.from({ length: 20 }, (_value, i) => `bad-${i}`)
    await run()
    const good: string[] = []
    for (let round = 0; round < 12; round++) {
      // What others do goes on meanwhile.
      const added = await queue.addBulk([
        { name: 'work' },
        { name: 'work', options: { delay: 5 } },
        { name: 'work', options: { unique: `key-${round}`, attempts: 2, expiresIn: '1 m' } },
      ])
      good.push(...added.map(({ id }) => id))
      for (const id of victims.slice(round, round + 3))
        await queue.add('work', 1, {
          id,
          delay: garbage.of([0, 20, 3_600_000]),
          unique: { key: id, onConflict: 'replace' },
          expiresIn: '1 m',
        })
      for (let i = 0; i < 15; i++) await spoil(queue, keys, garbage, victims)
    }
    await until(() => good.every((id) => completed.has(id)), 12_000, 'the end of the good jobs')
    const last = await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'work' })))
    await within(15_000, Promise.all(last.map((job) => job.wait())), 'the end of the last jobs')

    // Everybody who looks can.
    for (const state of ['scheduled', 'ready', 'active', 'failed', 'completed'] as const) await queue.getJobs({ state })
    await queue.schedules.list()
    await queue.counts()
    await verifyQueue(queue, { repair: true })
    // A job that came to light runs, or fails.
    await until(async () => (await queue.counts()).active === 0, 5_000, 'the rest of those that ran')
    const { findings } = await verifyQueue(queue, { repair: true })
    const unmended = findings.filter(
      ({ repaired, invariant }) => !repaired && !['row', 'score', 'expiry', 'schedule', 'counts'].includes(invariant),
    )
    expect(unmended).toEqual([])
    const stalled = await redis.zcard(keys.active)
    expect(stalled).toBe(0)
    // Once for each entry, not each second.
    expect(errors.filter(({ message }) => !message.includes('lease')).length).toBeLessThan(400)
  })
})

const namesOf = (type: string): (keyof ShardKeys)[] =>
  (Object.keys(keyTypes) as (keyof ShardKeys)[]).filter((name) => keyTypes[name] === type)
/** Those of features among them. What stands in `sessions` is an answer to one client. */
const hashes = namesOf('hash').filter((name) => name !== 'sessions')
const sets = namesOf('sorted set')
const fields = ['sequence', 'fence', 'keeper', 'keeperUntil', 'armed', 'tidied', 'spared', 'ended', 'retain', 'removals', 'other']

async function spoil(queue: Queue<any>, keys: ShardKeys, garbage: Garbage, victims: readonly string[]): Promise<void> {
  const { redis } = queue.store
  const id = garbage.of([...victims, 'ghost'])
  const kind = garbage.of([...hashes, ...sets, 'progress', 'wake', 'news', 'cancels'] as const)
  if (kind === 'wake') await redis.rpush(keys.wake, garbage.text())
  else if (kind === 'news') {
    const channels = Object.values(shardChannels(prefixOf(queue), queue.name, 0, 0))
    for (const channel of channels)
      await redis.publish(channel, garbage.of([garbage.text(), `c${id}`, `f${id}\n${garbage.row('state')}`, `${id}\n`]))
  } else if (kind === 'meta') await redis.hset(keys.meta, garbage.of(fields), garbage.text())
  else if (kind === 'unique') await redis.hset(keys.unique, `${garbage.of(['k', 'b', 'i', ''])}${id}`, garbage.text())
  else if (kind === 'progress')
    await redis.hset(progressKey(prefixOf(queue), queue.name, 0, id), garbage.of(['value', 'rev', 'epoch']), garbage.text())
  else if (kind === 'expiry')
    await redis.zadd(keys.expiry, garbage.score(), `${garbage.of(['j:', 'w:', 's:', 'unique:', 'x:', 'j', ''])}${id}`)
  else if (sets.includes(kind)) await redis.zadd(keys[kind], garbage.score(), id)
  else await redis.hset(keys[kind], id, garbage.row(kind))
}
