import type { Job, JobState, Queue, UniqueOptions } from '@ripen/queue'
import { expect, test } from 'vitest'
import { stateOf, type HeldJob } from '../../packages/worker/src/run/held-job.ts'
import { again, handBack, type Verdict } from '../../packages/worker/src/run/verdict.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { gated } from './gated-worker.ts'
import { manualWorker } from './manual-worker.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'
import { noRows, uniqueRows } from './unique-rows.ts'

// The newest of a unique key waits behind the active one.

const inTime = { timeout: '15 s' } as const
const hour = 3_600_000
const replace = { key: 'k', onConflict: 'replace' } as const
const debounce = { key: 'k', onConflict: 'debounce' } as const

const rules: readonly UniqueOptions[] = (['unfinished', '10 minutes'] as const).flatMap((during) =>
  [replace, debounce].map((rule) => ({ ...rule, during })),
)

/** How an active job comes to wait again, for how long, and as what; undefined: its lease is lost. */
const returns: readonly [string, JobState, number, ((held: HeldJob) => Verdict)?][] = [
  ['is to be tried again', 'scheduled', 1, (held) => again(held, stateOf(held), 1, hour, { name: 'Error', message: 'broken' }, undefined)],
  ['is snoozed', 'scheduled', 0, (held) => again(held, stateOf(held), 0, hour, undefined, undefined)],
  ['is handed back', 'ready', 0, handBack],
  ['loses its lease', 'ready', 0],
]

onEachServer((_name, server) => {
  test.for(rules.flatMap((rule) => ['good', 'bad', 'cancelled'].map((end) => ({ ...rule, end }))))(
    '$onConflict, during $during: one runs, and the newest goes on when it has ended ($end)',
    async ({ end, ...unique }) => {
      const queue = testQueue(server)
      const order: unknown[] = []
      const { job, gate } = await gated(queue, () => queue.add('some', end, { unique }), order)
      const blocked = await queue.add('some', 1, { unique })
      expect(blocked).toMatchObject({ state: 'blocked', duplicate: false })
      for (const data of [2, 3]) expect(await queue.add('some', data, { unique })).toMatchObject({ id: blocked.id, data, duplicate: true })
      expect(await queue.add('some', 4, { unique: 'k' })).toMatchObject({ id: job.id, duplicate: true })
      expect(await queue.counts()).toMatchObject({ active: 1, blocked: 1, ready: 0, scheduled: 0 })
      expect(await blocked.promote()).toBe(false)
      if (end === 'cancelled') await job.cancel()
      gate.open()
      expect(await blocked.wait(inTime)).toBe(3)
      expect(order).toEqual([end, 3])
      await until(async () => (await queue.counts()).active === 0, 10_000, 'the end of all')
      const { rows } = await uniqueRows(queue)
      // A key that is held for a time outlives its job.
      const left = Object.entries(rows).map(([row, value]) => `${row} ${value.replace(/^\d{13}/, 'until')}`)
      expect(left).toEqual(unique.during === 'unfinished' ? [] : [`kk until ${blocked.id}`])
    },
  )

  test('what is blocked waits until the one before it has no attempt left, and until it is due', async () => {
    const queue = testQueue(server)
    const order: unknown[] = []
    const { job, gate } = await gated(queue, () => queue.add('some', 'bad', { unique: replace, attempts: 2, backoff: '1 h' }), order)
    const blocked = await queue.add('some', 2, { unique: replace, delay: '1 h' })
    gate.open()
    await until(async () => (await job.refresh())?.state === 'scheduled', 10_000, 'the next attempt')
    expect(await blocked.refresh()).toMatchObject({ state: 'blocked' })
    // Both wait: the newest takes the place of the newest.
    expect(await queue.add('some', 3, { unique: replace })).toMatchObject({ id: blocked.id, data: 3, dueAt: blocked.dueAt })
    await job.promote()
    await expect(job.wait(inTime)).rejects.toThrow('bad')
    expect(await blocked.refresh()).toMatchObject({ state: 'scheduled', dueAt: blocked.dueAt })
    // The one that has failed cannot come back while the other one holds the key.
    expect(await job.retry()).toBe(false)
    await blocked.promote()
    expect(await blocked.wait(inTime)).toBe(3)
    expect(order).toEqual(['bad', 'bad', 3])
    expect(await job.retry()).toBe(true)
    expect((await queue.add('some', 5, { unique: 'k' })).id).toBe(job.id)
  })

  test.for(returns)('a holder that %s keeps its turn and its data: the newest stays behind it', async ([, state, attempts, verdict]) => {
    const queue = testQueue(server)
    const { take, settle, loseLeases } = await manualWorker(queue)
    const holder = await queue.add('some', 1, { unique: replace, attempts: 2 })
    const held = await take()
    const blocked = await queue.add('some', 2, { unique: replace })
    if (verdict === undefined) await loseLeases()
    else await settle(held, verdict(held))
    expect(await holder.refresh()).toMatchObject({ state, data: 1, options: { attempts: 2 } })
    expect(await blocked.refresh()).toMatchObject({ state: 'blocked', data: 2 })
    for (const unique of [replace, debounce])
      expect(await queue.add('some', 3, { unique })).toMatchObject({ id: blocked.id, state: 'blocked', data: 3, duplicate: true })
    expect(await holder.refresh()).toMatchObject({ state, data: 1, attempt: attempts })
    await holder.promote()
    const order: unknown[] = []
    await runningWorker(queue, async ({ data }) => order.push(data))
    await blocked.wait(inTime)
    expect(order).toEqual([1, 3])
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test.for(returns)('nothing is behind a holder that %s: the newest takes its place', async ([, state, , verdict]) => {
    const queue = testQueue(server)
    const { take, settle, loseLeases } = await manualWorker(queue)
    const holder = await queue.add('some', 1, { unique: replace, attempts: 2 })
    const held = await take()
    if (verdict === undefined) await loseLeases()
    else await settle(held, verdict(held))
    expect(await queue.add('some', 2, { unique: replace })).toMatchObject({ id: holder.id, state, data: 2, attempt: 0, duplicate: true })
    await holder.promote()
    await runningWorker(queue, async ({ data }) => data)
    expect(await holder.wait(inTime)).toBe(2)
  })

  test.for<[string, (job: Job) => Promise<unknown>]>([
    ['cancelled', (job) => job.cancel()],
    ['removed', (job) => job.remove()],
  ])('a job that is %s between two attempts lets the blocked one go on', async ([, end]) => {
    const queue = testQueue(server)
    const { job, gate } = await gated(queue, () => queue.add('some', 'bad', { unique: replace, attempts: 2, backoff: '1 h' }))
    const blocked = await queue.add('some', 2, { unique: replace })
    gate.open()
    await until(async () => (await job.refresh())?.state === 'scheduled', 10_000, 'the next attempt')
    expect(await end(job)).toBe(true)
    expect(await blocked.wait(inTime)).toBe(2)
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test.for(['a worker looks', 'another is added'])(
    'a job that expires between two attempts lets the blocked one go on, when %s',
    async (by) => {
      const queue = testQueue(server)
      const { take, settle } = await manualWorker(queue)
      const holder = await queue.add('some', 1, { unique: replace, attempts: 2, expiresIn: '1 s' })
      const held = await take()
      const blocked = await queue.add('some', 2, { unique: replace })
      await settle(held, again(held, stateOf(held), 1, 1_000, { name: 'Error', message: 'broken' }, undefined))
      queue.store.clockOffset = 10_000
      const more = by === 'another is added' ? [await queue.add('some', 3, { unique: replace })] : []
      for (const job of more) expect(job).toMatchObject({ id: blocked.id, state: 'ready', data: 3, duplicate: true })
      await runningWorker(queue, async ({ data }) => data)
      expect(await blocked.wait(inTime)).toBe(2 + more.length)
      expect(await holder.refresh()).toMatchObject({ state: 'failed', data: 1, attempt: 1, error: { name: 'ExpiredError' } })
    },
  )

  test.for<[string, (blocked: Job, queue: Queue) => Promise<unknown>]>([
    ['cancelled', (blocked) => blocked.cancel()],
    ['removed', (blocked) => blocked.remove()],
    ['cleared', (_blocked, queue) => queue.clear()],
  ])('a blocked job can be %s, and the next one takes its place', async ([, end]) => {
    const queue = testQueue(server)
    const { job, gate } = await gated(queue, () => queue.add('some', 1, { unique: replace }))
    const blocked = await queue.add('some', 2, { unique: replace })
    expect(await end(blocked, queue)).toBeTruthy()
    expect(await queue.counts()).toMatchObject({ active: 1, blocked: 0 })
    const next = await queue.add('some', 3, { unique: replace })
    expect(next).toMatchObject({ state: 'blocked', duplicate: false })
    gate.open()
    expect(await Promise.all([job.wait(inTime), next.wait(inTime)])).toEqual([1, 3])
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test('a blocked job has a due time and a priority of its own: replace keeps them, debounce moves them', async () => {
    const queue = testQueue(server)
    const { take, settle } = await manualWorker(queue)
    await queue.add('some', 1, { unique: replace })
    const held = await take()
    const blocked = await queue.add('some', 2, { unique: replace, delay: '1 h', priority: 5 })
    expect(blocked).toMatchObject({ state: 'blocked', dueAt: blocked.addedAt + hour, options: { priority: 5 } })
    const again = await queue.add('some', 3, { unique: replace, delay: '2 h', priority: -5 })
    expect(again).toMatchObject({ id: blocked.id, state: 'blocked', data: 3, dueAt: blocked.dueAt, options: { priority: 5 } })
    const moved = await queue.add('some', 4, { unique: debounce, delay: '3 h', priority: -5 })
    expect(moved).toMatchObject({ id: blocked.id, state: 'blocked', data: 4, options: { priority: -5 } })
    expect(moved.dueAt - blocked.dueAt).toBeGreaterThanOrEqual(2 * hour)
    await settle(held, `${held.fence}c;`)
    expect(await blocked.refresh()).toMatchObject({ state: 'scheduled', data: 4, dueAt: moved.dueAt })
    // It waits, and holds the key itself now.
    expect(await queue.add('some', 5, { unique: debounce })).toMatchObject({ id: blocked.id, state: 'ready', data: 5 })
    const plain = await queue.add('other', 6, { priority: -1 })
    expect((await take()).id).toBe(plain.id)
    expect((await take()).id).toBe(blocked.id)
  })

  test.for<[NonNullable<UniqueOptions['during']>, RegExp]>([
    ['waiting', /^w /],
    ['unfinished', /^u /],
    ['10 minutes', /^\d{13} /],
  ])('a job that was added to hold the key during %s does so from when it goes on', async ([during, held]) => {
    const queue = testQueue(server)
    const { take, settle } = await manualWorker(queue)
    await queue.add('some', 1, { unique: replace })
    const holder = await take()
    const blocked = await queue.add('some', 2, { unique: { ...replace, during } })
    queue.store.clockOffset = hour
    await settle(holder, `${holder.fence}c;`)
    expect(await blocked.refresh()).toMatchObject({ state: 'ready' })
    const { rows, ends } = await uniqueRows(queue)
    expect(rows).toEqual({ [`i${blocked.id}`]: 'k', kk: expect.stringMatching(held) })
    expect(rows.kk?.split(' ')[1]).toBe(blocked.id)
    const until = Object.values(ends)
    expect(until).toEqual(during === '10 minutes' ? [Number(rows.kk?.split(' ')[0])] : [])
    for (const time of until) expect(time).toBeGreaterThanOrEqual(blocked.addedAt + hour + 600_000)
  })

  test('a key that is held for a time is held until the end of an active job that somebody is blocked behind', async () => {
    const queue = testQueue(server)
    const { take, settle } = await manualWorker(queue)
    const unique = { ...replace, during: '1 minute' } as const
    const holder = await queue.add('some', 1, { unique })
    const held = await take()
    const blocked = await queue.add('some', 2, { unique })
    queue.store.clockOffset = hour
    expect((await queue.add('some', 3, { unique: 'k' })).id).toBe(holder.id)
    expect(await queue.add('some', 4, { unique })).toMatchObject({ id: blocked.id, state: 'blocked', data: 4 })
    await settle(held, `${held.fence}c;`)
    expect(await blocked.refresh()).toMatchObject({ state: 'ready', data: 4 })
  })

  test('adds of one batch: the first is blocked, the others take its place', async () => {
    const queue = testQueue(server)
    const { take } = await manualWorker(queue)
    await queue.add('some', 0, { unique: replace })
    await take()
    const jobs = await queue.addBulk(
      [1, 2, 3].map((data) => ({ name: 'some', data, options: { unique: data === 2 ? debounce : replace } })),
    )
    expect(jobs.map(({ id, duplicate }) => [id, duplicate])).toEqual([1, 2, 3].map((data) => [jobs[0]?.id, data > 1]))
    expect(await jobs[0]?.refresh()).toMatchObject({ state: 'blocked', data: 3 })
    expect(await queue.counts()).toMatchObject({ active: 1, blocked: 1 })
  })
})
