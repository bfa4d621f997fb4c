import { ModelSchedules } from './schedules.ts'
import { UniqueKeys, type ModelUnique } from './unique-keys.ts'
import { epoch } from './wire.ts'

export type EndState = 'completed' | 'failed' | 'cancelled'
export type State = 'scheduled' | 'ready' | 'active' | 'blocked' | EndState

export interface ModelJob {
  readonly id: string
  priority: number
  readonly addedAt: number
  /** ms; by the queue's rule where absent. */
  retain: { readonly completed?: number | false; readonly failed?: number | false }
  unique?: ModelUnique | undefined
  /** As its row says. */
  dueAt: number
  state: State
  /** Due time, place in the order, end of the lease, or time of the end. */
  score: number
  /** Of a job that has ended: when, in µs. */
  endedAt?: number | undefined
  attempts: number
  stalls: number
  /** After a retry or a snooze. */
  due?: number | undefined
  /** Of the lease that last left its mark. */
  fence?: number | undefined
  error?: string | undefined
  result?: string | undefined
  progress?: number | undefined
  lease?: Lease | undefined
  /** A cancel that its worker is to hear of. */
  cancelled?: boolean | undefined
  /** ms */
  expiresIn?: number | undefined
  /** Until when it may start, or might have. */
  startBy?: number | undefined
  /** A retention of its own, or a result that is spared for who waits. */
  kept?: { readonly mark: 'j' | 'w'; readonly until: number } | undefined
  waitedUntil?: number | undefined
  watchedUntil?: number | undefined
}

interface Lease {
  readonly worker: string
  readonly fence: number
  /** Where it goes when it is handed back, and when the lease is lost. */
  readonly back: number
  readonly place: number
  /** From how many stalls on its worker runs it as a suspect; 0: it has started. */
  suspectFrom: number
}

/** Which job was given to whom, under which fence. */
export interface TakenLease {
  readonly id: string
  readonly worker: string
  readonly fence: number
}

export interface QueueRules {
  readonly order: 'fifo' | 'lifo' | 'deadline'
  readonly completed: { readonly age: number; readonly count: number }
  readonly failed: { readonly age: number; readonly count: number }
}

/** Priorities are so far apart in the order. */
const band: number = 2 ** 42
/** Jobs that may start at any time come after those with a deadline. */
const noDeadline: number = band - 2 ** 40

/** What the queue must be like. The features that change it are in `commands`. */
export class Model {
  readonly rules: QueueRules
  /** The server's clock, in epoch ms. */
  now: number = epoch
  readonly jobs = new Map<string, ModelJob>()
  /** Worker → until when its heartbeat holds. */
  readonly workers = new Map<string, number>()
  /** The worker of each client. */
  readonly employed: string[] = []
  /** The sessions of each client: for its adds, and for what it moves by hand. */
  readonly adders = new Map<number, string>()
  readonly steering = new Map<number, string>()
  /** Every lease there was, last first. */
  readonly leases: TakenLease[] = []
  /** Lane → how many calls were sent on it, and the number of the last that the server remembers. */
  readonly calls = new Map<string, number>()
  readonly lanes = new Map<string, number>()
  /** Session of a producer → when it is forgotten. */
  readonly sessions = new Map<string, number>()
  readonly unique = new UniqueKeys()
  readonly schedules = new ModelSchedules()
  sequence = 0
  fence = 0
  /** When the last job has ended that was kept, in µs: no two end at one time. */
  ended = 0
  paused = false
  /** It is empty, and what it has left ends by itself. */
  resting = false
  /** A token lies in `wake`. */
  token = false
  keeper: { worker: string; until: number; armed: number } | undefined
  /** When leases were last looked at, and from when on they are judged. */
  tidied = 0
  spared = 0

  constructor(rules: QueueRules) {
    this.rules = rules
  }

  /** A call on a lane, which the server applies. */
  call(lane: string): void {
    const number = (this.calls.get(lane) ?? 0) + 1
    this.calls.set(lane, number)
    this.lanes.set(lane, number)
  }

  /**
   * Something was taken away, or the queue was opened: with nothing in it and nobody to work on it, it comes
   * to rest.
   */
  rest(): void {
    const living = [...this.workers.values()].some((until) => until > this.now)
    if (this.jobs.size > 0 || this.schedules.all.size > 0 || living || this.paused) return
    this.resting = true
    this.token = false
    this.sequence = 0
    for (const worker of this.workers.keys()) this.forgetWorker(worker)
  }

  forgetWorker(worker: string): void {
    this.workers.delete(worker)
    for (const lane of this.lanes.keys()) if (lane.startsWith(`${worker}:`)) this.lanes.delete(lane)
  }

  /** In the order of their set; equal scores by id. */
  in(...states: readonly State[]): ModelJob[] {
    const jobs = [...this.jobs.values()].filter(({ state }) => states.includes(state))
    return jobs.sort((a, b) => a.score - b.score || endOf(a) - endOf(b) || (a.id < b.id ? -1 : 1))
  }

  becomeReady(job: ModelJob): void {
    this.sequence++
    job.state = 'ready'
    const tags = { fifo: this.sequence, lifo: band - 1 - this.sequence, deadline: job.startBy ?? noDeadline + this.sequence }
    job.score = job.priority * band + tags[this.rules.order]
  }

  /** The job is due, and has its time from then on. */
  due(job: ModelJob, at: number): void {
    job.startBy = job.expiresIn === undefined ? undefined : at + job.expiresIn
  }

  /** Whether its time to start is over. */
  late({ state, startBy }: ModelJob): boolean {
    return startBy !== undefined && startBy <= this.now && (state === 'scheduled' || state === 'ready' || state === 'blocked')
  }

  expire(job: ModelJob): void {
    job.error = 'ExpiredError'
    job.progress = undefined
    this.end(job, 'failed')
  }

  /** By the job's own retention, or the queue's rule. */
  end(job: ModelJob, state: EndState): void {
    const keep = state === 'failed' ? job.retain.failed : job.retain.completed
    const waited = (job.waitedUntil ?? 0) - this.now
    const spared = waited > 0 && !keep
    const byRule = keep === undefined && this.rule(state).count > 0
    job.lease = job.cancelled = job.kept = job.watchedUntil = job.startBy = undefined
    if (!spared) job.waitedUntil = undefined
    job.state = state
    job.score = this.now
    this.unique.release(this, job.id)
    if (spared) job.kept = { mark: byRule ? 'w' : 'j', until: this.now + waited }
    else if (keep) job.kept = { mark: 'j', until: this.now + keep }
    else if (!byRule) return void this.jobs.delete(job.id)
    this.ended = Math.max(this.now * 1_000, this.ended + 1)
    job.endedAt = this.ended
    job.score = Math.floor(this.ended / 1_000)
  }

  rule(state: EndState): QueueRules['completed'] {
    return state === 'failed' ? this.rules.failed : this.rules.completed
  }

  /** The queue's rule: what there are too many of goes, or else what is too old. */
  trim(state: EndState, limit: number): void {
    const { age, count } = this.rule(state)
    const ruled = this.in(state).filter(({ kept }) => kept === undefined)
    const excess = ruled.length - count
    const old = excess > 0 ? ruled.slice(0, excess) : ruled.filter(({ score }) => score <= this.now - age)
    for (const { id } of old.slice(0, limit)) this.jobs.delete(id)
  }

  /** Whether readers see it: what is past its time is gone for them although no sweep has come by. */
  visible({ state, score, kept }: ModelJob): boolean {
    if (state === 'scheduled' || state === 'ready' || state === 'active' || state === 'blocked') return true
    if (kept !== undefined && (kept.mark === 'j' || kept.until > this.now)) return kept.until > this.now
    return score > this.now - this.rule(state).age
  }

  /** It has moved: who has stopped watching is not told any more. */
  moved(job: ModelJob): void {
    if (job.watchedUntil !== undefined && job.watchedUntil <= this.now) job.watchedUntil = undefined
  }

  /**
   * A lease of a worker: one that it holds, or, now and then, one that it has held before, if it can be of a
   * job that is leased again.
   */
  pickLease(choice: number, worker: string): TakenLease | undefined {
    const all = this.leases.filter((lease) => lease.worker === worker)
    const held = all.filter(({ id, fence }) => this.jobs.get(id)?.lease?.fence === fence)
    const lost = all.filter((lease) => !held.includes(lease))
    const retaken = lost.filter(({ id }) => this.jobs.get(id)?.lease !== undefined)
    const from = choice % 5 !== 1 ? held : retaken.length > 0 ? retaken : lost
    return from[(choice >> 3) % from.length]
  }

  /** The id of a job in one of these states, if there is one; now and then of any job, or of none. */
  pick(choice: number, ...preferred: readonly State[]): string | undefined {
    const ids = choice % 8 === 1 ? [...this.jobs.keys(), 'unknown'] : this.in(...preferred).map(({ id }) => id)
    return ids[(choice >> 3) % ids.length]
  }
}

/** Within a millisecond; 0 for a job that has not ended. */
function endOf({ state, endedAt = 0 }: ModelJob): number {
  return state === 'completed' || state === 'failed' || state === 'cancelled' ? endedAt : 0
}
