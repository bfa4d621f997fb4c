import { ClosingError, CommandError, InvalidJobError, LeaseLostError } from '@ripen/store'
import type { Clock } from '@ripen/store/internal'
import type { Session, Shard } from '@ripen/queue/internal'
import type { OpenFeatures } from '../features/open-features.ts'
import type { HeldJob } from '../run/held-job.ts'
import { leaseOf, type Outcome } from '../run/outcome.ts'
import type { Prefetch } from '../prefetch.ts'
import type { Slots } from '../slots.ts'
import { leasesOf } from './reconcile.ts'
import { Refusals } from './refusals.ts'
import { batchLimit, laneCount, type Settled, type Settler } from './settler.ts'

/** A worker looks by itself this often, in ms, whatever it was or was not told. */
export const lookInterval = 1_000

/** What a loop tells its worker. */
export interface ShardLoopEvents {
  /** The server has accepted the outcome. */
  settled(outcome: Outcome): void
  stalled(ids: readonly string[]): void
  error(error: unknown): void
  /** The server refuses everything: nothing is sent for a while, and the error that follows says why. */
  resting(): void
  /** The store was closed while the worker runs. */
  storeClosed(): void
}

/** The part of the dispatcher that a loop uses. */
export interface Dealer {
  /** How many jobs the worker holds at most, those that run among them. */
  readonly full: number
  /** How many jobs a loop may ask for now. @param full as {@link full} is. */
  room(full: number): number
  /** Something has changed: room, outcomes, or a call that has ended. */
  turn(): void
  /** Whether wake tokens are of use. */
  idle(idle: boolean): void
  /** The queue is paused, or it is not. */
  pausedQueue(paused: boolean): void
  /** Jobs have come. */
  taken(): void
}

export interface ShardLoopParts {
  readonly shard: Shard
  /** The number of the shard. */
  readonly index: number
  readonly session: Session
  readonly settler: Settler
  readonly slots: Slots
  readonly prefetch: Prefetch
  readonly features: Pick<OpenFeatures, 'beforeSettling' | 'report'>
  readonly events: ShardLoopEvents
  readonly dealer: Dealer
  /** Ends everything at once: the bound of a close. */
  readonly signal: AbortSignal
}

/** Decides what to report to one shard, and when to ask it for more. */
export class ShardLoop {
  readonly #parts: ShardLoopParts
  readonly #clock: Clock
  readonly #lanes = Array.from({ length: laneCount }, (_value, lane) => lane)
  readonly #refusals: Refusals
  #finished: Outcome[] = []
  #asked = 0
  /** The last take got less than it asked for: wait for a token, a timer or the second. */
  #dry = false
  #look = true
  /** The next call also recovers leases and applies retention. */
  #tidy = true
  /** Leases are to be compared with the server before anything else is taken. */
  #mustReconcile = false
  #scheduled = false
  #lastAnswer: number | undefined
  #stopAlarm: (() => void) | undefined

  constructor(parts: ShardLoopParts) {
    this.#parts = parts
    this.#clock = parts.shard.store.clock
    this.#refusals = new Refusals(this.#clock)
  }

  /** When the server last answered, on the clock. */
  get lastAnswer(): number | undefined {
    return this.#lastAnswer
  }

  /** How many jobs are asked for, in calls that are under way. */
  get asked(): number {
    return this.#asked
  }

  /** Whether no call is under way. */
  get still(): boolean {
    return this.#lanes.length === laneCount
  }

  /** Whether everything is reported. */
  get quiet(): boolean {
    return this.#finished.length === 0 && this.still
  }

  /** Asks at the next turn, whatever the last answer was. */
  look(): void {
    this.#dry = false
    this.#look = true
  }

  /** Looks, and also recovers leases and applies retention. */
  tidy(): void {
    this.#tidy = true
    this.look()
  }

  /** After an outage or a late heartbeat. */
  reconcile(): void {
    this.#mustReconcile = true
  }

  report(outcome: Outcome): void {
    this.#finished.push(outcome)
  }

  stop(): void {
    this.#stopAlarm?.()
    this.#refusals.stop()
  }

  /**
   * Calls the shard when there is reason to. @returns whether there is nothing to report and nothing to ask
   * for.
   */
  turn(): boolean {
    if (this.#refusals.resting) return false
    if (this.#mustReconcile) {
      if (this.still) void this.#reconcile()
      return false
    }
    if (this.#lanes.length === 0) return false
    const { dealer } = this.#parts
    const { full } = dealer
    const want = dealer.room(full)
    const wanted = want > 0 && !this.#dry
    if (!this.#look && this.#finished.length === 0 && !wanted) return true
    const half = Math.max(1, Math.min(batchLimit, full) >> 1)
    if (this.#look || this.#finished.length >= half || (wanted && want >= half)) void this.#settle(want)
    // Nothing presses: what ends in this turn of the event loop travels together, unless a call under way
    // will take it along.
    else if (this.still && !this.#scheduled) this.#schedule()
    return false
  }

  #schedule(): void {
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (!this.still) return
      this.#look = true
      this.#parts.dealer.turn()
    })
  }

  #lookNow(): void {
    this.look()
    this.#parts.dealer.turn()
  }

  async #settle(want: number): Promise<void> {
    const { settler, dealer, features, prefetch, signal } = this.#parts
    // With calls on both lanes all the time it would never come to rest, and pop the token again and again
    // that its own calls pass on.
    if (want === 0) dealer.idle(false)
    const lane = this.#lanes.pop() as number
    const batch = this.#finished.splice(0, this.#refusals.most)
    this.#look = false
    this.#asked += want
    const [start, tidy] = [this.#clock.now(), this.#tidy]
    this.#tidy = false
    let settled: Settled
    try {
      const storing = features.beforeSettling(batch)
      if (storing !== undefined) await storing
      settled = await settler.settle(lane, batch, want, tidy)
    } catch (error) {
      this.#asked -= want
      this.#lanes.push(lane)
      if (signal.aborted) return void this.#finished.unshift(...batch)
      // An earlier try may have been applied, and have taken jobs.
      this.#mustReconcile = true
      this.#dry = true
      return this.#refuse(error, batch)
    }
    this.#asked -= want
    this.#lanes.push(lane)
    prefetch.callTook((this.#lastAnswer = this.#clock.now()) - start)
    this.#refusals.accepted()
    this.#apply(settled, batch, want)
    dealer.turn()
  }

  #apply(settled: Settled, batch: readonly Outcome[], want: number): void {
    const { slots, features, events, dealer } = this.#parts
    this.#mustReconcile ||= settled.doubtful
    this.#dry = settled.taken.length < want
    this.#arm(settled.next)
    if (settled.taken.length > 0) dealer.taken()
    for (const [position, outcome] of batch.entries()) {
      if (settled.refused.has(position)) events.error(new LeaseLostError(outcome.held.id))
      else if (settled.cancelled.has(position)) events.settled(slots.overruled(outcome))
      else events.settled(outcome)
    }
    slots.settled(batch)
    if (settled.reports.size > 0) features.report(settled.reports, settled.now)
    if (settled.stalled.length > 0) events.stalled(settled.stalled)
    for (const id of settled.bad) events.error(new InvalidJobError(`job ${id}`, [{ message: 'had no row, and was set aside' }]))
    slots.receive(settled.taken)
    dealer.pausedQueue(settled.paused)
  }

  /** The server refuses a call for good: one outcome of it, which is set aside, or everything. */
  #refuse(error: unknown, batch: readonly Outcome[]): void {
    const { slots, events } = this.#parts
    const refused = this.#refusals.refused(error, batch)
    if (refused === undefined || refused === 'again') this.#finished.unshift(...batch)
    else {
      const { held, event } = refused
      const became = event === 'handedBack' ? 'handed back' : event
      events.error(new CommandError(`the server refuses that job ${held.id} was ${became}: it is set aside`, error))
      slots.settled(batch)
    }
    if (refused !== undefined) return this.#lookNow()
    const closed = error instanceof ClosingError
    if (!closed) events.resting()
    events.error(error)
    if (closed) events.storeClosed()
    else this.#refusals.rest(() => this.#lookNow())
  }

  /** Never early: the server decides what is due, and says when to look again. */
  #arm(next: number | undefined): void {
    this.#stopAlarm?.()
    if (next === undefined) return
    this.#stopAlarm = this.#clock.after(Math.min(next, lookInterval), () => {
      this.tidy()
      this.#parts.dealer.turn()
    })
  }

  /**
   * Compares what the server holds in this worker's name with what is here: adopts what a lost answer had
   * taken, and gives up what was lost. No call is under way meanwhile.
   */
  async #reconcile(): Promise<void> {
    const { shard, index, session, slots, signal } = this.#parts
    const lanes = this.#lanes.splice(0)
    this.#mustReconcile = false
    try {
      const held = await leasesOf(shard, index, session, signal)
      slots.keep(index, (job) => held.get(job.id)?.fence === job.fence)
      // By its lease: an outcome of a lease that was lost must not hide that the job was taken again.
      const reported = new Set(this.#finished.map((outcome) => leaseOf(outcome.held)))
      const known = (job: HeldJob): boolean => slots.holds(job) || reported.has(leaseOf(job))
      slots.receive(this.#refusals.withoutAside(held.values()).filter((job) => !known(job)))
    } catch (error) {
      this.#mustReconcile = true
      return signal.aborted ? undefined : this.#refuse(error, [])
    } finally {
      this.#lanes.push(...lanes)
    }
    this.#lookNow()
  }
}
