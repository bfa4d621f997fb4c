import { batchJobs, settleScript, workerLanes, type Session, type Shard } from '@ripen/queue/internal'
import { heldJobs, type HeldJob } from '../run/held-job.ts'
import type { Verdict } from '../run/verdict.ts'

/** Two calls at a time: more gain nothing. */
export const laneCount = workerLanes

/** Jobs in one call, reported or taken. */
export const batchLimit = batchJobs

export interface Settled {
  readonly taken: HeldJob[]
  /** By position in the batch: whose lease was lost. */
  readonly refused: ReadonlySet<number>
  /** By position: a cancel had been accepted before the verdict came. */
  readonly cancelled: ReadonlySet<number>
  readonly paused: boolean
  readonly stalled: readonly string[]
  /** Ids in a set without a row: set aside. */
  readonly bad: readonly string[]
  /** What features report, each by its name: a list that its handler reads. */
  readonly reports: ReadonlyMap<string, readonly string[]>
  /** By the server's clock. */
  readonly now: number
  /** ms until this worker should look by itself; undefined when another one keeps watch. */
  readonly next: number | undefined
  /**
   * The connection was cut, in this call or since the last: what an answer held may be lost, or undone, and
   * the leases have to be compared.
   */
  readonly doubtful: boolean
}

/** What each call carries. */
export interface SettleOptions {
  readonly lease: number
  /**
   * From how many stalls on a job is a suspect, whose lease counts as started only when it is marked; 0: none
   * is.
   */
  readonly suspectAt: number
}

/** What of an outcome the server is told. */
export interface Settlement {
  readonly held: Pick<HeldJob, 'id'>
  readonly verdict: Verdict
}

export interface SettlerParts {
  readonly shard: Shard
  /** The number of the shard. */
  readonly index: number
  readonly session: Session
  readonly options: SettleOptions
  /** Ends calls that wait for a server that does not come back. */
  readonly signal: AbortSignal
}

const none: ReadonlySet<number> = new Set()
const noReports: ReadonlyMap<string, readonly string[]> = new Map()

/**
 * The worker's calls of `settle`. Each lane has one call under way, and the shard remembers the last of each:
 * a call that is sent again is not applied twice.
 */
export class Settler {
  readonly #shard: Shard
  readonly #index: number
  readonly #session: Session
  readonly #options: SettleOptions
  readonly #signal: AbortSignal
  /** As the caller counts them: see {@link Caller.connections}. */
  #connections: number
  readonly #numbers = Array.from({ length: laneCount }, () => 0)
  /** How far the server's clock is before that of the store, in ms; not known before its first answer. */
  #ahead = 0

  constructor({ shard, index, session, options, signal }: SettlerParts) {
    this.#shard = shard
    this.#index = index
    this.#session = session
    this.#options = options
    this.#signal = signal
    this.#connections = shard.store.caller.connections
  }

  /** By the server's clock, in epoch ms, as of its last answer and the time since. */
  get now(): number {
    return Math.floor(this.#ahead + this.#shard.store.clock.now())
  }

  /**
   * Reports a batch of at most 500 and takes up to `want` jobs. Waits for the server for as long as it takes.
   *
   * @throws the signal's reason; a ConfigurationError or CommandError when the server refuses for good.
   */
  async settle(lane: number, finished: readonly Settlement[], want: number, tidy: boolean): Promise<Settled> {
    const number = (this.#numbers[lane] = (this.#numbers[lane] ?? 0) + 1)
    const rest: string[] = finished.length === 0 ? [] : [JSON.stringify(finished.map(({ held }) => held.id))]
    for (let index = 0; index < finished.length;) {
      const { verdict } = finished[index] as Settlement
      let end = index + 1
      while (end < finished.length && finished[end]?.verdict === verdict) end++
      rest.push(verdict, String(end - index))
      index = end
    }
    const { lease, suspectAt } = this.#options
    const { name: worker, order } = this.#session
    const values = {
      order,
      worker,
      lane: `${worker}:${lane}`,
      number,
      lease,
      want,
      suspectAt,
      channel: this.#shard.channels.news,
    }
    const bounds = { budget: Number.POSITIVE_INFINITY, signal: this.#signal }
    const [now, next, refused, paused, stalled, bad, reports, fence, segments, ids, rows, states] = await this.#shard.composed(
      settleScript,
      { values, rest, bounds, variant: tidy ? 'tidy' : undefined },
    )
    // This call may have been sent again, its first answer lost, or a failover may have taken back what an
    // earlier one was told.
    const { connections } = this.#shard.store.caller
    const doubtful = connections !== this.#connections
    this.#connections = connections
    const answered = this.#shard.store.clock.now()
    this.#ahead = Number(now) - answered
    return {
      taken: heldJobs({ fence, segments, ids, rows, states }, this.#index, answered),
      refused: positions(refused.split(';')[0]),
      cancelled: positions(refused.split(';')[1]),
      paused: paused === 1,
      stalled,
      bad,
      reports: reports.length === 0 ? noReports : reportsOf(reports),
      now: Number(now),
      next: next === '' ? undefined : Math.max(0, Number(next) - Number(now)),
      doubtful,
    }
  }
}

/** From names and lists in turn. */
function reportsOf(reply: readonly (string | readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const reports = new Map<string, readonly string[]>()
  for (let i = 0; i < reply.length; i += 2) reports.set(reply[i] as string, reply[i + 1] as readonly string[])
  return reports
}

/** From the script's list, which counts from 1. */
function positions(list: string | undefined): ReadonlySet<number> {
  return list === undefined || list === '' ? none : new Set(list.split(',').map((position) => Number(position) - 1))
}
