import { ClosingError, ConnectionError, DurabilityError, EnqueueTimeoutError, RipenError } from '@ripen/store'
import { describeError, isOutage, type Clock, type Replication } from '@ripen/store/internal'
import type { JobHome } from '../job/job-home.ts'
import type { StoredJob } from '../job/job.ts'
import type { ExistingJobs } from '../read/existing-jobs.ts'
import { addScript, openScript } from '../scripts.generated.ts'
import { Lanes, type Lane } from '../shard/lanes.ts'
import type { Session, Shard } from '../shard/shard.ts'
import { encodeBatch } from './encode-batch.ts'
import { GeneratedIds, singleId } from './generated-ids.ts'
import { PendingAdds, type PendingAdd } from './pending-adds.ts'
import type { PreparedJob } from './prepared-job.ts'
import { tellAdded } from './tell-added.ts'

/** What adders share. */
export interface AdderParts {
  readonly shard: Shard
  readonly home: JobHome
  readonly existing: ExistingJobs
}

/**
 * Turns adds into calls: what is added in one tick travels together, at most four batches are under way. Each
 * batch goes through a lane, so that a batch sent again is not applied twice. With a `durability` its jobs
 * are confirmed once replicas have them.
 */
export class Adder {
  readonly #parts: AdderParts
  readonly #shard: Shard
  readonly #clock: Clock
  readonly #timeout: number
  readonly #durability: Replication | undefined
  readonly #ids = new GeneratedIds()
  readonly #lanes: Lanes
  readonly #pending: PendingAdds
  #opening = false
  /** When the first add of this tick came; undefined: none has come. */
  #tick: number | undefined
  #closed = false

  constructor(parts: AdderParts, durability?: Replication) {
    const { clock, options } = parts.shard.store
    this.#parts = parts
    this.#shard = parts.shard
    this.#clock = clock
    this.#timeout = options.enqueueTimeout
    this.#durability = durability
    this.#lanes = new Lanes((budget) => this.#openSession(budget))
    this.#pending = new PendingAdds(options.enqueueTimeout / 10)
  }

  push(job: PreparedJob, resolve: (job: StoredJob) => void, reject: (error: RipenError) => void): void {
    if (this.#closed) return reject(new ClosingError('the queue'))
    if (this.#tick === undefined) {
      this.#tick = this.#clock.now()
      queueMicrotask(this.#flush)
    }
    this.#pending.push({ job, since: this.#tick, resolve, reject })
  }

  /** Refuses what comes, and fails what was not sent yet. */
  close(): void {
    this.#closed = true
    for (const { reject } of this.#pending.takeAll()) reject(new ClosingError('the queue'))
  }

  readonly #flush = (): void => {
    this.#tick = undefined
    while (this.#pending.first !== undefined) {
      const lane = this.#lanes.take()
      if (lane === undefined) return this.#lanes.isOpen ? undefined : this.#open(this.#pending.first)
      void this.#send(lane, this.#pending.takeBatch()).then(this.#flush)
    }
  }

  #open(first: PendingAdd): void {
    if (this.#opening) return
    this.#opening = true
    this.#lanes.open(this.#remaining(first)).then(
      () => this.#opened(),
      (error: unknown) => {
        for (const add of this.#pending.takeAll()) {
          // Each add waits for its own time.
          if (isOutage(error) && this.#remaining(add) > 1) this.#pending.push(add)
          else this.#fail(add, undefined, error)
        }
        this.#opened()
      },
    )
  }

  #opened(): void {
    this.#opening = false
    this.#flush()
  }

  async #openSession(budget: number): Promise<Session> {
    await this.#shard.require([openScript, addScript], [], { budget })
    const session = await this.#shard.openSession({ budget })
    this.#shard.checkScorer(session.order)
    return session
  }

  async #send(lane: Lane, adds: readonly PendingAdd[]): Promise<void> {
    const { ids, features, values: ofBatch, records } = encodeBatch(adds, lane.order, this.#ids.reserve(adds.length))
    // Only what a unique add replaces may be watched by somebody.
    const channel = features.has('unique') ? this.#shard.channels.news : ''
    const values = { ...ofBatch, ...lane.nextCall(this.#clock), channel }
    const bounds = { budget: this.#remaining(adds[0] as PendingAdd) }
    try {
      const answer = await this.#shard.composed(addScript, { values, rest: records, brings: features, bounds }, this.#durability)
      const reply = typeof answer === 'string' ? answer : answer.reply
      if (reply === '') return this.#takeBack(lane, adds)
      if (typeof answer === 'string' || answer.confirmed) tellAdded(this.#parts, adds, ids, reply)
      else this.#tellUnconfirmed(adds, ids, answer.cause)
      this.#lanes.release(lane)
    } catch (error) {
      // An unanswered call may still be applied, by a connection that is slow to die: its lane must not be
      // used again.
      if (isOutage(error)) this.#lanes.giveUp(lane)
      else {
        lane.forgetRenewal()
        this.#lanes.release(lane)
      }
      for (const [i, add] of adds.entries()) this.#fail(add, ids[i], error)
    }
  }

  /**
   * The queue has ended in a long rest, with its order and its retention, and the batch was not applied: it
   * goes again, through a new session, with ids of its own.
   */
  #takeBack(lane: Lane, adds: readonly PendingAdd[]): void {
    this.#lanes.giveUp(lane)
    if (!this.#closed) this.#pending.putBack(adds)
    else for (const { reject } of adds) reject(new ClosingError('the queue'))
  }

  /** The primary has them, and not enough replicas had them in time. */
  #tellUnconfirmed(adds: readonly PendingAdd[], ids: readonly string[], cause: unknown): void {
    const { replicas, timeout } = this.#durability as Replication
    for (const [i, { reject }] of adds.entries()) reject(new DurabilityError(ids[i] as string, replicas, timeout, cause))
  }

  /** ms until the add has waited for `enqueueTimeout`. */
  #remaining({ since }: PendingAdd): number {
    return Math.max(1, this.#timeout - (this.#clock.now() - since))
  }

  /**
   * @param sent the id that it had; undefined: it was never sent, so any id of the generated form will do to
   *   add it again.
   */
  #fail({ job, reject }: PendingAdd, sent: string | undefined, error: unknown): void {
    if (isOutage(error)) {
      const id = sent ?? (job.id === '' ? singleId() : job.id)
      reject(new EnqueueTimeoutError(id, this.#timeout, error))
    } else reject(error instanceof RipenError ? error : new ConnectionError(describeError(error).message, error))
  }
}
