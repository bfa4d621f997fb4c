import type { ScheduleSpec } from '@ripen/queue'
import { jitterOf } from '../../packages/queue/src/schedule/jitter.ts'
import type { Model, ModelJob } from './model.ts'

/** With numbers for all times: the calendar has tests of its own. */
export interface ModelSpec extends Pick<ScheduleSpec, 'limit'> {
  readonly every: number
  readonly start?: number
  readonly catchUp: 'skip' | 'one' | 'all'
  readonly catchUpWindow?: number
  readonly overlap: 'skip' | 'one' | 'all'
  readonly jitter: number
}

export interface ModelSchedule {
  spec: ModelSpec
  revision: number
  readonly anchor: number
  paused: boolean
  next: number | undefined
  runs: number
  overlapped: number
  lastRun: number | undefined
  /** Of the last runs, those that may not have ended. */
  jobs: readonly string[]
}

/** What a worker was told of schedules that were due. */
export interface Told {
  readonly now: number
  readonly due: readonly { readonly id: string; readonly revision: number; readonly next: number }[]
}

/** Runs that are added in one step. */
const mostRuns = 100

export class ModelSchedules {
  readonly all = new Map<string, ModelSchedule>()
  /** By client, last first. */
  readonly told = new Map<number, Told[]>()

  due(now: number): Told['due'] {
    const due = [...this.all].flatMap(([id, { revision, next }]) => (next === undefined || next > now ? [] : [{ id, revision, next }]))
    return due.sort((a, b) => a.next - b.next || (a.id < b.id ? -1 : 1))
  }

  upsert(model: Model, id: string, spec: ModelSpec): void {
    const old = this.all.get(id)
    const made = { revision: model.now - 1, anchor: model.now, paused: false, runs: 0, overlapped: 0, lastRun: undefined, jobs: [] }
    const schedule: ModelSchedule = { ...(old ?? { ...made, next: undefined }), spec }
    const timesStay = old?.spec.every === spec.every && old.spec.start === spec.start
    if (schedule.runs >= (spec.limit ?? Infinity)) schedule.next = undefined
    else if (!timesStay || schedule.next === undefined) schedule.next = schedule.paused ? undefined : after(schedule, model.now)
    if (JSON.stringify(old) === JSON.stringify(schedule)) return
    this.#put(model, id, schedule)
  }

  setPaused(model: Model, id: string, paused: boolean): void {
    const schedule = this.all.get(id)
    if (schedule === undefined || schedule.paused === paused) return
    const isOver = schedule.runs >= (schedule.spec.limit ?? Infinity)
    this.#put(model, id, { ...schedule, paused, next: paused || isOver ? undefined : after(schedule, model.now) })
  }

  #put(model: Model, id: string, schedule: ModelSchedule): void {
    this.all.set(id, { ...schedule, revision: schedule.revision + 1 })
    model.resting = false
    const { armed = 0 } = model.keeper ?? {}
    if (schedule.next !== undefined && (armed < model.now || schedule.next < armed)) model.token = true
  }

  /** @param idOf what the job of a run is called. */
  tick(model: Model, { now, due }: Told, idOf: (schedule: string, at: number) => string): void {
    for (const { id, revision, next } of due) {
      const schedule = this.all.get(id)
      if (schedule?.revision === revision && schedule.next === next) addRuns(model, id, schedule, next, now, idOf)
    }
  }
}

function after({ spec: { every, start }, anchor }: ModelSchedule, time: number): number {
  let at = start ?? anchor + every
  while (at <= time) at += every
  return at
}

/** The runs from `due` until `now` that are made up for, and the next one. */
function missed(schedule: ModelSchedule, due: number, now: number): { runs: number[]; next: number } {
  const { catchUp, catchUpWindow = Infinity, limit = Infinity } = schedule.spec
  const all: number[] = []
  for (let at = after(schedule, due - 1); at <= now; at = after(schedule, at)) if (at >= now - catchUpWindow) all.push(at)
  if (catchUp !== 'all') return { runs: all.slice(-1), next: after(schedule, now) }
  const runs = all.slice(0, Math.min(mostRuns, limit - schedule.runs))
  return { runs, next: after(schedule, runs.length < all.length ? (runs.at(-1) ?? now) : now) }
}

function addRuns(
  model: Model,
  id: string,
  schedule: ModelSchedule,
  due: number,
  now: number,
  idOf: (schedule: string, at: number) => string,
): void {
  const { overlap, jitter, limit = Infinity } = schedule.spec
  const { runs, next } = missed(schedule, due, now)
  const stateOf = (job: string): ModelJob['state'] | undefined => model.jobs.get(job)?.state
  let open = schedule.jobs.filter((job) => ['active', 'ready', 'scheduled'].includes(stateOf(job) ?? ''))
  for (const at of runs) {
    const waits = open.some((job) => stateOf(job) !== 'active')
    if (overlap === 'all' || open.length === 0 || (overlap === 'one' && !waits)) {
      const job = jobOf(model, idOf(id, at), at + jitterOf(id, at, jitter))
      open = overlap === 'all' ? [job.id] : [...open, job.id]
      schedule.runs++
    } else schedule.overlapped++
  }
  schedule.lastRun = runs.at(-1) ?? schedule.lastRun
  schedule.jobs = open
  schedule.next = schedule.runs >= limit ? undefined : next
}

function jobOf(model: Model, id: string, dueAt: number): ModelJob {
  const job: ModelJob = { id, priority: 0, addedAt: model.now, retain: {}, dueAt, state: 'scheduled', score: dueAt, attempts: 0, stalls: 0 }
  model.jobs.set(id, job)
  const { armed = 0 } = model.keeper ?? {}
  if (dueAt <= model.now) model.becomeReady(job)
  // Somebody is to look, or to arm a timer that rings earlier.
  if (dueAt <= model.now || armed < model.now || dueAt < armed) model.token = true
  return job
}
