import type { Job } from '@ripen/queue'
import * as fc from 'fast-check'
import { leasesOf } from '../../../packages/worker/src/shard/reconcile.ts'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import type { Model, ModelJob, State } from '../model.ts'

const states = ['scheduled', 'ready', 'active', 'blocked', 'completed', 'failed', 'cancelled'] as const

function seen({ id, state, attempt, stalls, progress, result, error, addedAt, dueAt, startedAt, finishedAt, options }: Job): object {
  const { priority = 0 } = options
  return { id, state, attempt, stalls, progress, result, error: error?.name, addedAt, dueAt, startedAt, finishedAt, priority }
}

function expected(job: ModelJob): object {
  const { id, state, attempts, stalls, progress, result, error, addedAt, score, priority, lease, fence = lease?.fence } = job
  const startedBy = lease?.fence ?? fence
  return {
    id,
    state,
    attempt: state === 'active' ? attempts + 1 : attempts,
    stalls,
    progress,
    result,
    error,
    addedAt,
    dueAt: state === 'scheduled' ? score : (job.due ?? job.dueAt),
    startedAt: startedBy === undefined ? undefined : Math.floor(startedBy / 1_000),
    finishedAt: state === 'completed' || state === 'failed' || state === 'cancelled' ? score : undefined,
    priority,
  }
}

function visibleIn(model: Model, state: State): ModelJob[] {
  const jobs = model.in(state).filter((job) => model.visible(job))
  // Those with a retention of their own come after the others.
  return [...jobs.filter(({ kept }) => kept === undefined), ...jobs.filter(({ kept }) => kept !== undefined)]
}

export const gettingJob: CommandKind = commandKind(3, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const id = model.pick(choice, ...states)
  if (id === undefined) return undefined
  return {
    text: `client ${client} gets ${id}`,
    act: async (run) => {
      const found = await clientOf(run, client).queue.getJob(id)
      const job = model.jobs.get(id)
      expectAnswer(found && seen(found), job !== undefined && model.visible(job) ? expected(job) : null)
    },
  }
})

export const gettingJobs: CommandKind = commandKind(
  1,
  fc.record({ client: aClient, state: fc.constantFrom(...states), limit: fc.integer({ min: 1, max: 3 }), reverse: fc.boolean() }),
  (model, { client, state, limit, reverse }) => ({
    text: `client ${client} gets pages of ${limit} ${state} jobs${reverse ? ', last first' : ''}`,
    act: async (run) => {
      const { queue } = clientOf(run, client)
      const found: Job[] = []
      let cursor: string | null | undefined
      while (cursor !== null) {
        const page = await queue.getJobs({ state }, { limit, reverse, ...(cursor === undefined ? {} : { cursor }) })
        found.push(...page.jobs)
        cursor = page.cursor
      }
      const jobs = visibleIn(model, state).map(expected)
      expectAnswer(found.map(seen), reverse ? jobs.toReversed() : jobs)
    },
  }),
)

export const counting: CommandKind = commandKind(1, aClient, (model, client) => ({
  text: `client ${client} counts`,
  act: async (run) => {
    const counts = Object.fromEntries(states.map((state) => [state, visibleIn(model, state).length]))
    expectAnswer(await clientOf(run, client).queue.counts(), counts)
  },
}))

export const reconciling: CommandKind = commandKind(1, aClient, (model, client) => {
  const worker = model.employed[client] ?? ''
  return {
    text: `worker ${worker} asks which leases it holds`,
    act: async (run) => {
      const found = await leasesOf(clientOf(run, client).shard, 0, { name: worker, order: model.rules.order }, new AbortController().signal)
      const held = model.in('active').filter(({ lease }) => lease?.worker === worker)
      expectAnswer(
        new Map([...found].map(([id, { fence }]) => [id, Number(fence)])),
        new Map(held.map(({ id, lease }) => [id, lease?.fence])),
      )
    },
  }
})
