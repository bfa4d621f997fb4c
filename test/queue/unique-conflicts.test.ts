import type { Job, JobState, Queue, UniqueOptions } from '@ripen/queue'
import { expect, onTestFinished, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'

type Rule = Required<Pick<UniqueOptions, 'during' | 'onConflict'>>

const rules: readonly Rule[] = (['waiting', 'unfinished', '10 minutes'] as const).flatMap((during) =>
  (['keep', 'replace', 'debounce'] as const).map((onConflict) => ({ during, onConflict })),
)

const hour = 3_600_000
const first = { priority: 2, delay: hour, attempts: 2, backoff: hour }

/** How the job that is there comes to be where it is; it is of the key, and not yet there. */
const standings: Readonly<Record<string, (queue: Queue, add: (options?: object) => Promise<Job>) => Promise<Job>>> = {
  scheduled: (_queue, add) => add(first),
  ready: (_queue, add) => add({ ...first, delay: 0 }),
  'scheduled, then promoted': async (_queue, add) => {
    const job = await add(first)
    await job.promote()
    return job
  },
  'between two attempts': (queue, add) =>
    worked(
      queue,
      () => add({ ...first, delay: 0 }),
      'scheduled',
      () => Promise.reject(new Error('broken')),
    ),
  active: async (queue, add) => {
    const gate = new Gate()
    await runningWorker(queue, () => gate.opened, { prefetch: 0 })
    // Before the worker is closed, which would wait for the job.
    onTestFinished(() => gate.open())
    const job = await add()
    await inState(job, 'active')
    return job
  },
  completed: (queue, add) =>
    worked(
      queue,
      () => add(),
      'completed',
      () => Promise.resolve(),
    ),
  failed: (queue, add) =>
    worked(
      queue,
      () => add(),
      'failed',
      () => Promise.reject(new Error('broken')),
    ),
  cancelled: async (_queue, add) => {
    const job = await add(first)
    await job.cancel()
    return job
  },
  removed: async (_queue, add) => {
    const job = await add()
    await job.remove()
    return job
  },
}

async function inState(job: Job, state: JobState): Promise<void> {
  await until(async () => (await job.refresh())?.state === state, 10_000, `the state ${state}`)
}

async function worked(queue: Queue, add: () => Promise<Job>, state: JobState, handler: () => Promise<unknown>): Promise<Job> {
  const worker = await runningWorker(queue, handler, { prefetch: 0 })
  const job = await add()
  await inState(job, state)
  await worker.close()
  return job
}

const waits = (state: string): boolean => /^scheduled|^ready|^between/.test(state)
const holds = ({ during }: Rule, state: string): boolean =>
  during === '10 minutes' || waits(state) || (state === 'active' && during === 'unfinished')

interface Tried {
  /** The job that was there, as `add` has answered it, and as it was just before. */
  readonly there: Job
  readonly before: Job | null
  /** What the second add has answered. */
  readonly job: Job
}

const added = { name: 'second', data: 2, attempt: 0, error: undefined, options: { attempts: 3 } }
/** In a place of its own. */
const own = { ...added, duplicate: false, options: { attempts: 3, priority: -1 } }

type Outcome = 'added' | 'blocked' | 'kept' | 'replaced' | 'moved'

const outcomes: Readonly<Record<Outcome, (tried: Tried) => Promise<void>>> = {
  added: async ({ there, before, job }) => {
    expect(job.id).not.toBe(there.id)
    expect(job).toMatchObject({ ...own, state: 'scheduled', dueAt: job.addedAt + 2 * hour })
    expect(await there.refresh()).toEqual(before)
  },
  blocked: async ({ there, before, job }) => {
    expect(job.id).not.toBe(there.id)
    expect(job).toMatchObject({ ...own, state: 'blocked', dueAt: job.addedAt + 2 * hour })
    expect(await job.refresh()).toEqual(job)
    expect(await there.refresh()).toEqual(before)
  },
  kept: async ({ there, before, job }) => {
    // Of one that has gone, what was given.
    expect(job).toEqual(before === null ? expect.objectContaining({ id: there.id, duplicate: true }) : { ...before, duplicate: true })
    expect(await there.refresh()).toEqual(before)
  },
  replaced: async ({ there, before, job }) => {
    const { state, addedAt, dueAt } = before as Job
    expect(job).toMatchObject({ ...added, id: there.id, duplicate: true, state, addedAt, dueAt, options: { priority: 2 } })
    expect(await there.refresh()).toEqual({ ...job, duplicate: false })
  },
  moved: async ({ there, before, job }) => {
    const { addedAt } = before as Job
    expect(job).toMatchObject({ ...added, id: there.id, duplicate: true, state: 'scheduled', addedAt, options: { priority: -1 } })
    // By the clock of the server, which the answer does not tell.
    expect(Math.abs(job.dueAt - Date.now() - 2 * hour)).toBeLessThan(10_000)
    expect(await there.refresh()).toEqual({ ...job, duplicate: false })
  },
}

function outcomeOf(rule: Rule, state: string): Outcome {
  if (!holds(rule, state)) return 'added'
  if (rule.onConflict === 'keep') return 'kept'
  if (state === 'active') return 'blocked'
  // Only the time of its key is left.
  if (!waits(state)) return 'added'
  return rule.onConflict === 'debounce' ? 'moved' : 'replaced'
}

onEachServer((_name, server) => {
  test.for(rules.flatMap((rule) => Object.keys(standings).map((state) => ({ ...rule, state, outcome: outcomeOf(rule, state) }))))(
    'a key held during $during, $onConflict, by a job that is $state: $outcome',
    async ({ state, outcome, ...rule }) => {
      const queue = testQueue(server)
      const unique = { key: 'the key', ...rule }
      const there = (await standings[state]?.(queue, (options) => queue.add('first', 1, { ...options, unique }))) as Job
      const before = await there.refresh()
      // A key of another text is another key.
      expect((await queue.add('other', 0, { unique: { ...unique, key: 'the ke' }, delay: hour })).duplicate).toBe(false)

      const job = await queue.add('second', 2, { unique, priority: -1, delay: 2 * hour, attempts: 3 })
      await outcomes[outcome]({ there, before, job })
      const blocked = outcome === 'blocked' ? [job.id] : []
      expect((await queue.counts()).blocked).toBe(blocked.length)
      expect((await queue.getJobs({ state: 'blocked' })).jobs.map(({ id }) => id)).toEqual(blocked)
    },
  )
})
