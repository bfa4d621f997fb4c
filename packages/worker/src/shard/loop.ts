import { ClosingError, CommandError, InvalidJobError, LeaseLostError } from '@ripen/store'
import type { Session, Shard } from '@ripen/queue/internal'
import type { HeldJob } from '../run/held-job.ts'
import { leasesOf } from './reconcile.ts'
import { Refusals } from './refusals.ts'
import type { Outcome } from '../run/runner.ts'
import { batchLimit, laneCount, type Settled, type Settler } from './settler.ts'
import type { Slots, SlotsOptions } from '../slots.ts'

/** A worker looks by itself this often, in ms, whatever it was or was not told. */
const lookInterval = 1_000
/** How long others are let go first, in ms. */
const shyTime = 200

/** Why nothing is taken. */
export type HoldReason = 'worker' | 'queue' | 'closing'

export interface LoopHost {
  /** The server has accepted the outcome. */
  settled(outcome: Outcome): void
  stalled(ids: readonly string[]): void
  drained(): void
  error(error: unknown): void
  /** The server refuses everything: nothing is sent for a while, and the error that follows says why. */
  resting(): void
  /** The store was closed while the worker runs. */
  storeClosed(): void
  /** Features have something to tell: see {@link Settled.reports}. @param now by the server's clock. */
  reported(reports: Settled['reports'], now: number): void
  /** Whether a wake token is of use. */
  idle(idle: boolean): void
}

export interface LoopParts {
  readonly shard: Shard
  readonly session: Session
  readonly settler: Settler
  readonly slots: Slots
  readonly host: LoopHost
  readonly options: SlotsOptions
  /** Ends everything at once: the bound of a close. */
  readonly signal: AbortSignal
}

/** Decides what to report and when to ask for more. */
export class Loop {
  lastAnswer: number | undefined // of the server, on the clock; a loop that turns asks at least once a second
  readonly #shard: Shard
  readonly #session: Session
  readonly #settler: Settler
  readonly #slots: Slots
  readonly #host: LoopHost
  readonly #options: SlotsOptions
  readonly #signal: AbortSignal
  readonly #lanes = Array.from({ length: laneCount }, (_value, lane) => lane)
  readonly #holds = new Set<HoldReason>()
  readonly #refusals: Refusals
  #finished: Outcome[] = []
  #waiting: { readonly reason: HoldReason; readonly resolve: () => void }[] = []
  #asked = 0
  /** The last take got less than it asked for: wait for a token, a timer or the second. */
  #dry = false
  #look = true
  /** The next call also recovers leases and applies retention: every second, and when a timer fires. */
  #tidy = true
  #doubt = false
  #shy = false
  #started = false
  #scheduled = false
  /** At rest it has to tell that it is drained: after jobs, and the first time. */
  #busy = true
  #stopAlarm: (() => void) | undefined
  #stopSecond: (() => void) | undefined

  constructor({ shard, session, settler, slots, host, options, signal }: LoopParts) {
    this.#shard = shard
    this.#refusals = new Refusals(options.clock)
    this.#session = session
    this.#settler = settler
    this.#slots = slots
    this.#host = host
    this.#options = options
    this.#signal = signal
  }

  /** Before it nothing is taken, whatever looks. */
  start(): void {
    this.#started = true
    this.#stopSecond = this.#options.clock.every(lookInterval, () => {
      this.#tidy = true
      this.look()
    })
    this.#pump()
  }

  stop(): void {
    this.#stopAlarm?.()
    this.#stopSecond?.()
    this.#refusals.stop()
  }

  /** There may be something to do: a token, a timer, a second gone by. */
  look(): void {
    this.#dry = false
    this.#look = true
    this.#pump()
  }

  /** After an outage or a late heartbeat: compare leases with the server before anything else is taken. */
  doubt(): void {
    this.#doubt = true
    this.#pump()
  }

  /** Takes nothing, for one or several reasons, and hands back what has not started. */
  hold(reason: HoldReason, held: boolean): void {
    if (this.#holds.has(reason) === held) return
    if (held) this.#holds.add(reason)
    else this.#holds.delete(reason)
    if (!held) this.#resolveWaiting((waiting) => waiting.reason === reason)
    this.#slots.held = this.#holds.size > 0
    this.#slots.fill()
    this.look()
  }

  /** Everything is reported and nothing runs. */
  get quiet(): boolean {
    return this.#slots.count === 0 && this.#finished.length === 0 && this.#lanes.length === laneCount
  }

  /** Resolves once {@link quiet}, or when this reason holds no longer. */
  whenQuiet(reason: HoldReason): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ reason, resolve })
      this.#pump()
    })
  }

  #resolveWaiting(over: (waiting: { readonly reason: HoldReason }) => boolean): void {
    const ended = this.#waiting.filter(over)
    this.#waiting = this.#waiting.filter((waiting) => !ended.includes(waiting))
    for (const { resolve } of ended) resolve()
  }

  /** A job has left, with what is to be reported of it, or a slot has become free. */
  ended(outcome: Outcome | undefined): void {
    if (outcome !== undefined) this.#finished.push(outcome)
    if (outcome?.shy === true) this.#letOthers()
    this.#pump()
  }

  #pump(): void {
    if (this.#signal.aborted) return
    if (this.#waiting.length > 0 && this.quiet) this.#resolveWaiting(() => true)
    if (!this.#started || this.#refusals.resting) return
    if (this.#doubt) return void this.#reconcile()
    if (this.#lanes.length === 0) return
    const { concurrency, prefetch } = this.#options
    const full = concurrency + prefetch.target(concurrency)
    const room = Math.max(0, Math.min(batchLimit, full - this.#slots.count - this.#asked))
    const want = this.#holds.size > 0 || this.#shy ? 0 : room
    const wanted = want > 0 && !this.#dry
    if (!this.#look && this.#finished.length === 0 && !wanted) return this.#rest(room > 0)
    const half = Math.max(1, Math.min(batchLimit, full) >> 1)
    if (this.#look || this.#finished.length >= half || (wanted && want >= half)) return void this.#settle(want)
    // Nothing presses: what ends in this turn of the event loop travels together, unless a call is under way and will take it along.
    if (this.#lanes.length < laneCount || this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#lanes.length < laneCount) return
      this.#look = true
      this.#pump()
    })
  }

  /** Takes nothing for a moment, and does not answer to tokens. */
  #letOthers(): void {
    this.#shy = true
    this.#host.idle(false)
    const over = (): void => {
      this.#shy = false
      this.look()
    }
    this.#options.clock.after(shyTime, over, 'unref')
  }

  /** Nothing to report, nothing to fetch. */
  #rest(free: boolean): void {
    // A token also tells that a paused queue goes on.
    this.#host.idle(free && !this.#shy && !this.#holds.has('worker') && !this.#holds.has('closing'))
    if (!free || this.#holds.size > 0 || !this.#busy || this.#slots.count > 0 || this.#lanes.length < laneCount) return
    this.#busy = false
    this.#host.drained()
  }

  async #settle(want: number): Promise<void> {
    // With calls on both lanes all the time it would never come to rest, and pop the token again and again that its own calls pass on.
    if (want === 0) this.#host.idle(false)
    const lane = this.#lanes.pop() as number
    const batch = this.#finished.splice(0, this.#refusals.most)
    this.#look = false
    this.#asked += want
    const [start, tidy] = [this.#options.clock.now(), this.#tidy]
    this.#tidy = false
    let settled: Settled
    try {
      settled = await this.#settler.settle(lane, batch, want, tidy)
    } catch (error) {
      this.#asked -= want
      this.#lanes.push(lane)
      if (this.#signal.aborted) return void this.#finished.unshift(...batch)
      // An earlier try may have been applied, and have taken jobs.
      this.#doubt = true
      this.#dry = true
      return this.#refuse(error, batch)
    }
    this.#asked -= want
    this.#lanes.push(lane)
    this.#options.prefetch.callTook((this.lastAnswer = this.#options.clock.now()) - start)
    this.#refusals.accepted()
    this.#apply(settled, batch, want)
    this.#pump()
  }

  /** The server refuses a call for good: one outcome of it, which is set aside, or everything. */
  #refuse(error: unknown, batch: readonly Outcome[]): void {
    const refused = this.#refusals.refused(error, batch)
    if (refused === undefined || refused === 'again') this.#finished.unshift(...batch)
    else {
      this.#host.error(
        new CommandError(`the server refused to record that job ${refused.id} was ${refused.event}, so the job is set aside`, error),
      )
      this.#slots.settled(batch)
    }
    if (refused !== undefined) return this.look()
    const closed = error instanceof ClosingError
    if (!closed) this.#host.resting()
    this.#host.error(error)
    if (closed) this.#host.storeClosed()
    else this.#refusals.rest(() => this.look())
  }

  #apply(settled: Settled, batch: readonly Outcome[], want: number): void {
    this.#doubt ||= settled.doubtful
    this.#dry = settled.taken.length < want
    this.#arm(settled.next)
    if (settled.taken.length > 0) this.#busy = true
    for (const [position, outcome] of batch.entries()) {
      if (settled.refused.has(position)) this.#host.error(new LeaseLostError(outcome.id))
      else if (settled.cancelled.has(position)) this.#host.settled(this.#slots.overruled(outcome))
      else this.#host.settled(outcome)
    }
    this.#slots.settled(batch)
    if (settled.reports.size > 0) this.#host.reported(settled.reports, settled.now)
    if (settled.stalled.length > 0) this.#host.stalled(settled.stalled)
    for (const id of settled.bad) this.#host.error(new InvalidJobError(`job ${id}`, [{ message: 'had no row, and was set aside' }]))
    this.#slots.receive(settled.taken)
    this.hold('queue', settled.paused)
  }

  /** Never early: the server decides what is due, and says when to look again. */
  #arm(next: number | undefined): void {
    this.#stopAlarm?.()
    if (next === undefined) return
    this.#stopAlarm = this.#options.clock.after(Math.min(next, lookInterval), () => {
      this.#tidy = true
      this.look()
    })
  }

  /** With nothing under way, compares what the server holds in this worker's name with what is here: adopts what an answer lost had taken, gives up what was lost. */
  async #reconcile(): Promise<void> {
    if (this.#lanes.length < laneCount) return
    const lanes = this.#lanes.splice(0)
    this.#doubt = false
    try {
      const held = await leasesOf(this.#shard, this.#session, this.#signal)
      this.#slots.keep((job) => held.get(job.id)?.fence === job.fence)
      // By its lease: an outcome of a lease that was lost must not hide that the job was taken again.
      const reported = new Set(this.#finished.map(({ id, verdict }) => `${verdict.slice(0, 16)} ${id}`))
      const known = (job: HeldJob): boolean => this.#slots.holds(job) || reported.has(`${job.fence} ${job.id}`)
      this.#slots.receive(this.#refusals.withoutAside(held.values()).filter((job) => !known(job)))
    } catch (error) {
      this.#doubt = true
      return this.#signal.aborted ? undefined : this.#refuse(error, [])
    } finally {
      this.#lanes.push(...lanes)
    }
    this.look()
  }
}
