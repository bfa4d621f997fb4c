import { verifyQueue, type JobState, type Queue, type QueueReport, type Schedule } from '@ripen/queue'
import { describe, expect, onTestFinished, test } from 'vitest'
import { shardKeys, type ShardKeys } from '../../packages/queue/src/shard/keys.ts'
import { Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { tickAll } from '../queue/ticking.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { bad, repairable, unrepairable, type Spoil } from './spoils.ts'

const states = ['scheduled', 'ready', 'active', 'blocked', 'completed', 'failed', 'cancelled'] as const

function keysOf(queue: Queue): ShardKeys {
  return shardKeys(prefixOf(queue), queue.name, 0)
}

/** Five ready jobs, the third of which is spoilt. */
async function spoilt(queue: Queue, { spoil }: Spoil): Promise<void> {
  for (const id of ['a', 'b', bad, 'c', 'd']) await queue.add('work', id, { id })
  // As it is once a queue has used them: see the test of features that are not named.
  await queue.store.redis.hset(keysOf(queue).meta, 'features', 'expiry schedules unique')
  await spoil(queue.store.redis, keysOf(queue))
}

async function statesOf(queue: Queue, id: string): Promise<JobState[]> {
  const scores = await Promise.all(states.map((state) => queue.store.redis.zscore(keysOf(queue)[state], id)))
  return states.filter((_state, i) => scores[i] !== null)
}

function found({ findings }: QueueReport): string[] {
  return findings.map(({ invariant, id, detail }) => `${invariant} ${id}: ${detail}`)
}

const expected = (findings: Spoil['findings']): unknown[] =>
  findings.map(([invariant, id, detail]) => expect.stringContaining(`${invariant} ${id}: ${detail}`) as unknown)

onEachServer((_name, server) => {
  test('a queue with one job is in order', async () => {
    const queue = testQueue(server)
    await queue.add('work')
    // Its row, its place, the session that has added it, and the field that is no lease.
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, checked: 4, found: 0 })
  })

  test('a session expires, whichever of its lanes is known', async () => {
    const queue = testQueue(server)
    await queue.ready()
    for (const lane of ['0', '1', '2', '3']) {
      await queue.store.redis.hset(keysOf(queue).sessions, `some${lane}:${lane}`, '1 answer')
      await queue.store.redis.zadd(keysOf(queue).expiry, Date.now(), `s:some${lane}`)
    }
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('a queue with jobs in all states is in order', async () => {
    const queue = testQueue(server)
    await queue.add('work', 1, { id: 'kept', retain: { completed: '1 h' } })
    await queue.add('broken', 1, { priority: -3 })
    await queue.add('work', 1)
    const worker = await runningWorker(queue, async ({ name }) => (name === 'broken' ? Promise.reject(new Error('broken')) : name))
    await until(async () => (await queue.counts()).completed === 2 && (await queue.counts()).failed === 1, 5_000, 'the end of the jobs')
    await worker.close()
    await queue.add('work', 1, { delay: '1 h' })
    await queue.add('work', 1, { priority: 7 })
    await (await queue.add('work', 1)).cancel()
    const report = await verifyQueue(queue)
    expect(report).toMatchObject({ queue: 'work', ok: true, found: 0, repaired: 0, findings: [] })
    expect(report.checked).toBeGreaterThanOrEqual(12)
  })

  test('a queue with unique keys is in order', async () => {
    const queue = testQueue(server)
    const gate = new Gate()
    await runningWorker(queue, () => gate.opened, { prefetch: 0 })
    onTestFinished(() => gate.open())
    const unique = { key: 'run', during: '1 h', onConflict: 'replace' } as const
    const job = await queue.add('work', 1, { unique })
    await until(async () => (await job.refresh())?.state === 'active', 5_000, 'an active job')
    await queue.add('work', 2, { unique })
    await queue.add('work', 3, { unique: { key: 'wait', during: 'waiting' } })
    await queue.add('work', 4, { unique: 'end', delay: '1 h' })
    await (await queue.add('work', 5, { unique: { key: 'time', during: '1 h' } })).remove()
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
    gate.open()
    await until(async () => (await queue.counts()).completed === 3, 5_000, 'the end of the jobs')
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('a queue with schedules that run, are paused, or are over is in order', async () => {
    const queue = testQueue(server)
    for (const id of ['runs', 'paused', 'over']) await queue.schedules.upsert(id, { every: '1 h', limit: 1, job: { name: 'work' } })
    await queue.schedules.pause('paused')
    queue.store.clockOffset = 3_600_000 + 60_000
    await queue.schedules.upsert('runs', { every: '2 h', job: { name: 'work' } })
    await tickAll(queue)
    expect((await queue.schedules.list()).filter(({ nextRun }) => nextRun === null).length).toBe(2)
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('what is wrong with schedules is found, and repaired if that is safe', async () => {
    const queue = testQueue(server)
    const keys = keysOf(queue)
    const { redis } = queue.store
    for (const id of ['lost', 'paused', 'broken', 'runs']) await queue.schedules.upsert(id, { cron: '0 3 * * *', job: { name: 'work' } })
    const { nextRun } = (await queue.schedules.get('runs')) as Schedule
    await queue.schedules.pause('paused')
    await redis.zrem(keys.ticks, 'lost')
    await redis.zadd(keys.ticks, Date.now(), 'ghost', Date.now(), 'paused')
    await redis.hset(keys.schedules, 'broken', '1;0;no schedule')
    const strays = ['ghost', 'paused'].map((id) => `schedule ${id}: has a next run, and is paused or gone`)
    const lost = 'schedule lost: is neither paused nor over, and has no next run'
    const broken = 'schedule broken: has a row that cannot be read: row: is not a schedule in a layout that this version knows'
    const first = await verifyQueue(queue)
    expect(found(first).toSorted()).toEqual([broken, ...strays, lost].toSorted())
    expect(await verifyQueue(queue)).toEqual(first)
    expect(await verifyQueue(queue, { repair: true })).toMatchObject({ ok: false, found: 4, repaired: 3 })
    expect(found(await verifyQueue(queue))).toEqual([broken])
    expect(await queue.schedules.get('lost')).toMatchObject({ nextRun })
    expect(await queue.schedules.get('paused')).toMatchObject({ paused: true, nextRun: null })
  })

  describe.each(repairable.map((spoil) => [spoil.what, spoil] as const))('%s', (_what, spoil) => {
    test('is found, repaired, and the queue works on', async () => {
      const queue = testQueue(server)
      await spoilt(queue, spoil)
      const first = await verifyQueue(queue)
      expect(found(first)).toEqual(expected(spoil.findings))
      expect(first).toMatchObject({ ok: false, found: spoil.findings.length, repaired: 0 })
      // A look changes nothing.
      expect(await verifyQueue(queue)).toEqual(first)

      // Then also the numbers agree.
      const repaired = await verifyQueue(queue, { repair: true })
      expect(found(repaired)).toEqual(
        expected([...spoil.findings.filter(([invariant]) => invariant !== 'counts'), ...(spoil.follows ?? [])]),
      )
      expect(repaired).toMatchObject({ ok: true, found: repaired.findings.length, repaired: repaired.findings.length })
      const state = spoil.state ?? 'ready'
      expect(await statesOf(queue, bad)).toEqual([state])
      expect(await statesOf(queue, 'ghost')).toEqual([])
      expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })

      // Where it is scheduled, for in an hour.
      await queue.promote(bad)
      const runs: string[] = []
      await runningWorker(queue, async ({ id }) => void runs.push(id))
      const running = ['a', 'b', ...(['scheduled', 'ready', 'active'].includes(state) ? [bad] : []), 'c', 'd']
      await until(() => runs.length >= running.length, 10_000, 'the jobs')
      await until(async () => (await queue.counts()).active === 0, 5_000, 'the end of the jobs')
      expect(runs.toSorted()).toEqual(running.toSorted())
      expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
    })
  })

  describe.each(unrepairable.map((spoil) => [spoil.what, spoil] as const))('%s', (_what, spoil) => {
    test('is found, and left as it is', async () => {
      const queue = testQueue(server)
      await spoilt(queue, spoil)
      const report = await verifyQueue(queue)
      expect(found(report)).toEqual(expected(spoil.findings))
      expect(await verifyQueue(queue, { repair: true })).toEqual(report)
      expect(await statesOf(queue, bad)).toEqual([spoil.state ?? 'ready'])
      expect(report).toMatchObject({ ok: false, found: 1, repaired: 0 })
    })
  })
})
