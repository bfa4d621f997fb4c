import type { Job, Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { inEachState, type InEachState } from './in-each-state.ts'
import { elsewhere, testQueue } from './test-queue.ts'

type State = keyof InEachState['jobs']
const all: readonly State[] = ['ready', 'scheduled', 'active', 'completed', 'failed', 'cancelled']
const state = async (job: Job): Promise<string | undefined> => (await job.refresh())?.state

onEachServer((_name, server) => {
  let queue: Queue
  let there: Queue
  let made: InEachState

  beforeEach(async () => {
    queue = testQueue(server)
    there = elsewhere(queue, server)
    made = await inEachState(queue)
  })

  /** What a move answers, by state, through the queue and through the job; and the state afterwards. */
  async function outcomes(move: 'retry' | 'promote' | 'remove'): Promise<Record<string, unknown[]>> {
    const answers = await Promise.all(
      all.map(async (name): Promise<[State, unknown[]]> => {
        const job = made.jobs[name]
        const answer = name === 'failed' ? await job[move]() : await there[move](job.id)
        return [name, [Number(answer), await state(job)]]
      }),
    )
    return Object.fromEntries(answers)
  }

  test('retry: failed and cancelled jobs become ready, nothing else moves', async () => {
    expect(await outcomes('retry')).toEqual({
      ready: [0, 'ready'],
      scheduled: [0, 'scheduled'],
      active: [0, 'active'],
      completed: [0, 'completed'],
      failed: [1, 'ready'],
      cancelled: [1, 'ready'],
    })
    expect(await made.jobs.failed.refresh()).toMatchObject({ attempt: 0, finishedAt: undefined })
    made.gate.open()
    await until(async () => (await state(made.jobs.cancelled)) === 'completed', 5_000, 'the run of the retried job')
    await until(async () => (await state(made.jobs.failed)) === 'failed', 5_000, 'the second failure')
    expect(await made.jobs.failed.refresh()).toMatchObject({ attempt: 1 })
  })

  test('promote: scheduled jobs become ready, nothing else moves', async () => {
    expect(await outcomes('promote')).toEqual({
      ready: [0, 'ready'],
      scheduled: [1, 'ready'],
      active: [0, 'active'],
      completed: [0, 'completed'],
      failed: [0, 'failed'],
      cancelled: [0, 'cancelled'],
    })
    made.gate.open()
    await until(async () => (await state(made.jobs.scheduled)) === 'completed', 5_000, 'the run of the promoted job')
  })

  test('remove: what is not active is forgotten', async () => {
    expect(await outcomes('remove')).toEqual({
      ready: [1, undefined],
      scheduled: [1, undefined],
      active: [0, 'active'],
      completed: [1, undefined],
      failed: [1, undefined],
      cancelled: [1, undefined],
    })
    expect(await queue.counts()).toEqual({ ready: 0, scheduled: 0, active: 1, blocked: 0, completed: 0, failed: 0, cancelled: 0 })
  })

  test('cancel: what waits ends, what runs is asked to, what has ended stays', async () => {
    const answers = await Promise.all(all.map(async (name) => [name, await there.cancel(made.jobs[name].id, { reason: 'by hand' })]))
    expect(Object.fromEntries(answers)).toEqual({ ready: 1, scheduled: 1, active: 1, completed: 0, failed: 0, cancelled: 0 })
    for (const name of ['ready', 'scheduled'] as const)
      expect(await made.jobs[name].refresh()).toMatchObject({
        state: 'cancelled',
        error: { name: 'CancelledError', code: 'RIPEN_CANCELLED', message: expect.stringContaining('by hand') },
      })
    expect(await made.jobs.cancelled.refresh()).toMatchObject({ error: { message: expect.stringContaining('no more') } })
    made.gate.open()
    await until(async () => (await state(made.jobs.active)) === 'cancelled', 7_000, 'the end of the active job')
    expect(await made.jobs.active.refresh()).toMatchObject({ result: undefined, error: { code: 'RIPEN_CANCELLED' } })
  })

  test('counts knows all states', async () => {
    expect(await there.counts()).toEqual({ ready: 1, scheduled: 1, active: 1, blocked: 0, completed: 1, failed: 1, cancelled: 1 })
  })

  test.for(['retry', 'promote', 'remove', 'cancel'] as const)('%s of an id that nobody has is 0', async (move) => {
    expect(await queue[move]('nobody')).toBe(0)
    expect(await queue[move]('~0zzzzzz000000')).toBe(0)
  })

  test('a job that is gone refreshes to null, and its moves are false', async () => {
    const { ready } = made.jobs
    expect(await ready.remove()).toBe(true)
    expect(await ready.refresh()).toBeNull()
    expect([await ready.remove(), await ready.retry(), await ready.promote(), await ready.cancel()]).toEqual([false, false, false, false])
    expect(await queue.getJob(ready.id)).toBeNull()
  })

  // Filters, pages and dry runs of these calls are not built yet: as long as they are not, they are refused
  // and not ignored.
  test.for(['retry', 'promote', 'remove'] as const)('%s refuses options that are not there yet, and moves nothing', async (move) => {
    const call = queue[move].bind(queue) as (id: unknown, options?: unknown) => Promise<number>
    const before = await queue.counts()
    for (const name of ['ready', 'scheduled', 'failed', 'cancelled'] as const)
      await expect(call(made.jobs[name].id, { dryRun: true })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'dryRun' })
    await expect(call({ state: 'failed' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION' })
    expect(await queue.counts()).toEqual(before)
  })
})
