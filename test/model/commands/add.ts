import type { JobOptions } from '@ripen/queue'
import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'
import type { Model, ModelJob } from '../model.ts'
import type { ModelUnique } from '../unique-keys.ts'

/** As the caller gives them, but `runIn`, which is `runAt` counted from now. */
export type Given = Pick<JobOptions, 'id' | 'priority'> & {
  readonly expiresIn?: number
  readonly unique?: ModelUnique
  readonly retain?: ModelJob['retain']
  readonly delay?: number
  readonly runIn?: number
}

const aRetention = fc.constantFrom<number | false>(false, 1_500, 30_000)
export const settings = {
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  priority: fc.constantFrom(1, -1, 1_023, -1_024),
  retain: fc.record({ completed: aRetention, failed: aRetention }, { requiredKeys: [] }),
}
export const anItem: fc.Arbitrary<Given> = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record(settings, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record({ ...settings, delay: fc.constantFrom(0, 1, 1_000, 5_000) }, { requiredKeys: ['delay'] }) },
  { weight: 1, arbitrary: fc.record({ ...settings, runIn: fc.constantFrom(-1_000, 0, 1_000, 5_000) }, { requiredKeys: ['runIn'] }) },
)

/**
 * Ids that were not given are those that the queue made. Answers which job each is, and whether it was there.
 */
function addToModel(model: Model, client: number, items: readonly Given[], ids: readonly string[]): object[] {
  numberedCall(model, model.adders, client)
  const placed: ModelJob[] = []
  const answers = items.map((item, i) => {
    const id = item.id ?? ids[i] ?? ''
    const there = item.id === undefined ? undefined : model.jobs.get(id)
    if (there !== undefined && model.visible(there)) return { id, duplicate: true }
    // A record whose time is over makes room, also when another job of the key then stays instead.
    if (there !== undefined) model.jobs.delete(id)
    const job = jobOf(model, id, item)
    const other = item.unique === undefined ? undefined : addUnique(model, job, item.unique, placed)
    if (other !== undefined) return { id: other, duplicate: true }
    model.jobs.set(id, job)
    place(model, job, placed)
    return { id, duplicate: false }
  })
  // No job is added and gone at once.
  if (model.jobs.size > 0) model.resting = false
  const { armed = 0 } = model.keeper ?? {}
  const earliest = Math.min(...placed.map(({ state, score }) => (state === 'ready' ? 0 : score)))
  // Somebody is to look, or to arm a timer that rings earlier.
  if (placed.length > 0 && (armed < model.now || earliest < armed)) model.token = true
  return answers
}

/** Where it is to be, of those that are taken by time. */
function place(model: Model, job: ModelJob, placed: ModelJob[]): void {
  if (job.state === 'blocked') return
  if (job.state === 'ready') model.becomeReady(job)
  placed.push({ ...job })
}

/** Who waits with the key, and has not started in time, has failed, though no worker has looked since. */
function failLate(model: Model, key: string, holder: string, placed: ModelJob[]): boolean {
  const { behind, keys } = model.unique
  const late = [holder, behind.get(key)]
    .flatMap((id) => (id !== undefined && keys.get(id) === key ? (model.jobs.get(id) ?? []) : []))
    .find((job) => model.late(job))
  if (late === undefined) return false
  model.expire(late)
  if (model.jobs.has(late.id)) model.trim('failed', 1_000)
  // Somebody is to look, whatever comes of it.
  placed.push({ ...late, state: 'ready' })
  return true
}

/** Answers the id of the job that stays in its stead. */
function addUnique(model: Model, job: ModelJob, unique: ModelUnique, placed: ModelJob[]): string | undefined {
  const { behind, keys } = model.unique
  let holder = model.unique.holder(model, unique.key)
  while (holder !== undefined && failLate(model, unique.key, holder.id, placed)) holder = model.unique.holder(model, unique.key)
  if (unique.onConflict === 'keep' && holder !== undefined) return holder.id
  const its = keys.get(holder?.id ?? '') === unique.key ? model.jobs.get(holder?.id ?? '')?.state : undefined
  if (holder === undefined || !(its === 'scheduled' || its === 'ready' || its === 'active')) {
    model.unique.hold(model, unique, job.id)
    return undefined
  }
  const waits = behind.get(unique.key) ?? holder.id
  const waiting = keys.get(waits) === unique.key ? model.jobs.get(waits) : undefined
  if (waiting?.state === 'scheduled' || waiting?.state === 'ready' || waiting?.state === 'blocked') {
    supersede(model, waiting, job, unique.onConflict === 'debounce', placed)
    if (waiting.id === holder.id) model.unique.hold(model, unique, holder.id)
    return waiting.id
  }
  model.unique.block(unique.key, holder.id, job.id)
  job.state = 'blocked'
  return undefined
}

/** The job that waits becomes the one that was added, in its place or in the place of that one. */
function supersede(model: Model, job: ModelJob, by: ModelJob, moves: boolean, placed: ModelJob[]): void {
  const { state, score, due, dueAt } = job
  const { retain, unique, priority, expiresIn } = by
  Object.assign(job, { retain, unique, expiresIn, attempts: 0, stalls: 0, due: state === 'ready' ? (due ?? dueAt) : score })
  job.fence = job.error = job.progress = job.cancelled = undefined
  if (moves) {
    Object.assign(job, { priority, due: by.dueAt, score: by.dueAt, state: state === 'blocked' ? state : by.state })
    model.due(job, by.dueAt)
    place(model, job, placed)
  } else model.due(job, job.due as number)
  // Its row says another delay now; unique jobs have no `runIn` here.
  job.dueAt = by.dueAt - by.addedAt + job.addedAt
  model.moved(job)
}

function jobOf({ now }: Model, id: string, { priority = 0, retain = {}, delay = 0, runIn, unique, expiresIn }: Given): ModelJob {
  const dueAt = now + (runIn ?? delay)
  const state = runIn === undefined && delay === 0 ? 'ready' : 'scheduled'
  const startBy = expiresIn === undefined ? undefined : dueAt + expiresIn
  return { id, priority, addedAt: now, retain, unique, dueAt, state, score: dueAt, attempts: 0, stalls: 0, expiresIn, startBy }
}

/** @param item one of a batch. */
export function adds(weight: number, item: fc.Arbitrary<Given>): CommandKind {
  return commandKind(
    weight,
    fc.record({ client: aClient, items: fc.array(item, { minLength: 1, maxLength: 4 }) }),
    (model, { client, items }) => ({
      text: `client ${client} adds ${items.map((each) => JSON.stringify(each)).join(', ')}`,
      hurried: items.flatMap(({ unique }) => model.unique.holds.get(unique?.key ?? '')?.id ?? []),
      act: async (run) => {
        const bulk = items.map(({ runIn, ...options }) => ({
          name: 'job',
          options: runIn === undefined ? options : { ...options, runAt: model.now + runIn },
        }))
        const jobs = await clientOf(run, client).queue.addBulk(bulk)
        const expected = addToModel(
          model,
          client,
          items,
          jobs.map(({ id }) => id),
        )
        expectAnswer(
          jobs.map(({ id, duplicate }) => ({ id, duplicate })),
          expected,
        )
      },
    }),
  )
}

export const adding: CommandKind = adds(10, anItem)
