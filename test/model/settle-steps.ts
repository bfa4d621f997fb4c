import type { Model, ModelJob } from './model.ts'

/** What a worker says with each of its calls. */
export interface WorkerTerms {
  /** ms */
  readonly lease: number
  /** From how many stalls on a job is a suspect; 0: none is. */
  readonly suspectAt: number
}

export function promoteDue(model: Model, limit: number): void {
  const due = model.in('scheduled').filter(({ score }) => score <= model.now)
  for (const job of due.slice(0, limit)) {
    model.becomeReady(job)
    model.moved(job)
  }
}

/** Those that had not started in time, oldest first. Answers whether there may be more. */
export function expireLate(model: Model, limit: number): { expired: string[]; left: boolean } {
  const late = [...model.jobs.values()].filter((job) => model.late(job))
  late.sort((a, b) => (a.startBy ?? 0) - (b.startBy ?? 0) || (a.id < b.id ? -1 : 1))
  const expired = late.slice(0, limit)
  // They leave their places together: none goes on in place of another.
  for (const job of expired) job.state = 'failed'
  for (const job of expired) model.expire(job)
  if (expired.some(({ id }) => model.jobs.has(id))) model.trim('failed', 1_000)
  return { expired: expired.map(({ id }) => id), left: expired.length === limit }
}

/**
 * Leases that have expired move on with their worker's heartbeat, or their jobs go back. Answers the ids that
 * stalled, and the time before which nothing is judged.
 */
export function recover(model: Model): { stalled: string[]; judgedFrom: number } {
  const { now } = model
  // Nobody looked for a while: workers may have been unheard.
  model.spared = now - model.tidied > 3_000 ? now + 1_500 : Math.min(model.spared, now + 1_500)
  model.tidied = now
  const stalled: string[] = []
  if (now < model.spared) return { stalled, judgedFrom: model.spared }
  for (const job of model.in('active').filter(({ score }) => score <= now)) {
    const { lease } = job
    if (lease === undefined) throw new Error(`${job.id} is active without a lease`)
    const holds = model.workers.get(lease.worker) ?? 0
    if (holds > now) {
      job.score = holds
      continue
    }
    if (lease.suspectFrom === 0 || job.stalls < lease.suspectFrom) {
      job.stalls++
      stalled.push(job.id)
    }
    model.due(job, now)
    putBack(model, job, lease.place)
  }
  return { stalled, judgedFrom: 0 }
}

export function putBack(model: Model, job: ModelJob, score: number): void {
  job.state = 'ready'
  job.score = score
  job.lease = undefined
  model.moved(job)
}

/** Retention, and sessions that nobody has used for long. */
export function sweep(model: Model): void {
  for (const state of ['completed', 'cancelled', 'failed'] as const) model.trim(state, 100)
  for (const job of model.in('completed', 'failed', 'cancelled')) {
    if (job.kept === undefined || job.kept.until > model.now) continue
    if (job.kept.mark === 'j') model.jobs.delete(job.id)
    else job.kept = job.waitedUntil = undefined
  }
  model.unique.sweep(model.now)
  for (const [session, until] of model.sessions) {
    if (until > model.now) continue
    model.sessions.delete(session)
    for (const lane of model.lanes.keys()) if (lane.startsWith(session)) model.lanes.delete(lane)
  }
}

export function take(model: Model, worker: string, { lease, suspectAt }: WorkerTerms, want: number): ModelJob[] {
  const taken = model.paused ? [] : model.in('ready').slice(0, want)
  if (taken.length === 0) return taken
  model.fence = Math.max(model.now * 1_000, model.fence + 1)
  // Jobs of one priority leave together, and go back to where their first one stood: counted on from there
  // when they are handed back, all to one place when their leases are lost.
  let priority: number | undefined
  let place = 0
  let position = 0
  for (const job of taken) {
    if (job.priority !== priority || model.rules.order === 'deadline') {
      priority = job.priority
      place = job.score
      position = 0
    }
    job.lease = { worker, fence: model.fence, back: place + position++, place, suspectFrom: suspectAt }
    job.state = 'active'
    job.score = model.now + lease
    model.leases.unshift({ id: job.id, worker, fence: model.fence })
    model.moved(job)
  }
  return taken
}

/**
 * One worker with free hands, the keeper, is told when something happens by itself; a full worker passes a
 * token on when work remains, or a time before which nobody wakes. Answers when to look again, if at all.
 */
export function watch(model: Model, worker: string, want: number, took: number, judgedFrom: number, told: number): number | undefined {
  const { now, keeper } = model
  const full = took >= want
  const keeps = keeper?.worker === worker
  const times = [
    ...model.in('scheduled').map(({ score }) => score),
    ...model.in('active').map(({ score }) => Math.max(score, judgedFrom)),
    ...[...model.jobs.values()].flatMap(({ kept }) => (kept === undefined ? [] : [kept.until])),
    ...model.sessions.values(),
    ...model.unique.ends().map(([, until]) => until),
    // Who was told of runs looks again when it has added them.
    ...(told > 0 ? [] : [...model.schedules.all.values()].flatMap(({ next }) => next ?? [])),
    ...[...model.jobs.values()].flatMap(({ state, startBy }) => (startBy === undefined || state === 'active' ? [] : [startBy])),
  ]
  const next = Math.max(times.length === 0 ? now + 1_000 : Math.min(...times), now)
  const covered = keeper !== undefined && keeper.armed > now && keeper.armed <= next
  if (full && !model.paused && (model.in('ready').length > 0 || (times.length > 0 && !keeps && !covered))) model.token = true
  if (full && keeps && covered) return keeper.armed
  if (!keeps && (full || (covered && keeper.until >= now))) return undefined
  model.keeper = { worker, until: now + 1_500, armed: next }
  return next
}
