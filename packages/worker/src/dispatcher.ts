import type { Outcome } from './run/outcome.ts'
import { batchLimit } from './shard/settler.ts'
import { lookInterval, type Dealer, type ShardLoop } from './shard/shard-loop.ts'
import type { Slots, SlotsOptions } from './slots.ts'

/** How long others may take jobs first, in ms. */
const yieldTime = 200

/** Why nothing is taken. */
export type HoldReason = 'worker' | 'queue' | 'closing'

export interface DispatcherHost {
  /** Everything is done, and nothing more is there. */
  drained(): void
  /** Whether a wake token is of use. */
  idle(idle: boolean): void
}

export interface DispatcherParts {
  /** Makes the loops, one for each shard, in the order of their numbers. */
  readonly loops: (dealer: Dealer) => readonly ShardLoop[]
  readonly slots: Slots
  readonly host: DispatcherHost
  readonly options: SlotsOptions
  /** Ends everything at once: the bound of a close. */
  readonly signal: AbortSignal
}

/**
 * Deals the free slots of a worker to the loops of its shards, in rotation, and knows when the worker takes
 * nothing, and when all is done.
 */
export class Dispatcher implements Dealer {
  readonly #loops: readonly ShardLoop[]
  readonly #slots: Slots
  readonly #host: DispatcherHost
  readonly #options: SlotsOptions
  readonly #signal: AbortSignal
  readonly #holds = new Set<HoldReason>()
  #waiting: { readonly reason: HoldReason; readonly resolve: () => void }[] = []
  #yielding = false
  #started = false
  /** At rest it has to tell that it is drained: after jobs, and the first time. */
  #busy = true
  /** The loop whose turn is first. */
  #first = 0
  #stopSecond: (() => void) | undefined

  constructor({ loops, slots, host, options, signal }: DispatcherParts) {
    this.#slots = slots
    this.#host = host
    this.#options = options
    this.#signal = signal
    this.#loops = loops(this)
  }

  /** Nothing is taken before. */
  start(): void {
    this.#started = true
    this.#stopSecond = this.#options.clock.every(lookInterval, () => {
      for (const loop of this.#loops) loop.tidy()
      this.turn()
    })
    this.turn()
  }

  stop(): void {
    this.#stopSecond?.()
    for (const loop of this.#loops) loop.stop()
  }

  /** There may be something to do: a token, a timer, a slot more. */
  look(): void {
    for (const loop of this.#loops) loop.look()
    this.turn()
  }

  /** After a late heartbeat: compare leases with the server before anything else is taken. */
  reconcile(): void {
    for (const loop of this.#loops) loop.reconcile()
    this.turn()
  }

  /** Takes nothing, for one or several reasons, and hands back what has not started. */
  hold(reason: HoldReason, held: boolean): void {
    if (this.#holds.has(reason) === held) return
    if (held) this.#holds.add(reason)
    else this.#holds.delete(reason)
    if (!held) this.#resolveWaiting((waiting) => waiting.reason === reason)
    this.#slots.hold(this.#holds.size > 0)
    this.look()
  }

  pausedQueue(paused: boolean): void {
    this.hold('queue', paused)
  }

  taken(): void {
    this.#busy = true
  }

  idle(idle: boolean): void {
    this.#host.idle(idle)
  }

  /**
   * When the server last answered for the shard that has waited longest, on the clock; undefined before all
   * have answered. A loop that turns asks at least once a second.
   */
  get lastAnswer(): number | undefined {
    let oldest: number | undefined
    for (const { lastAnswer } of this.#loops) {
      if (lastAnswer === undefined) return undefined
      if (oldest === undefined || lastAnswer < oldest) oldest = lastAnswer
    }
    return oldest
  }

  get full(): number {
    const { concurrency, prefetch } = this.#options
    return concurrency + prefetch.target(concurrency)
  }

  room(full: number): number {
    return this.#holds.size > 0 || this.#yielding ? 0 : Math.min(batchLimit, this.#free(full))
  }

  #free(full: number): number {
    let free = full - this.#slots.count
    for (const { asked } of this.#loops) free -= asked
    return Math.max(0, free)
  }

  /** Everything is reported and nothing runs. */
  get #quiet(): boolean {
    return this.#slots.count === 0 && this.#loops.every((loop) => loop.quiet)
  }

  /** Resolves once all is quiet, or when this reason holds no longer. */
  whenQuiet(reason: HoldReason): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ reason, resolve })
      this.turn()
    })
  }

  #resolveWaiting(over: (waiting: { readonly reason: HoldReason }) => boolean): void {
    const ended = this.#waiting.filter(over)
    this.#waiting = this.#waiting.filter((waiting) => !ended.includes(waiting))
    for (const { resolve } of ended) resolve()
  }

  /** A job has left, with what is to be reported of it. */
  left(outcome: Outcome): void {
    this.#loops[outcome.held.shard]?.report(outcome)
    if (outcome.yielding === true) this.#letOthers()
    this.turn()
  }

  turn(): void {
    if (this.#signal.aborted) return
    if (this.#waiting.length > 0 && this.#quiet) this.#resolveWaiting(() => true)
    if (!this.#started) return
    let atRest = true
    for (let i = 0; i < this.#loops.length; i++) {
      const loop = this.#loops[(this.#first + i) % this.#loops.length]
      if (loop?.turn() === false) atRest = false
    }
    this.#first = (this.#first + 1) % this.#loops.length
    if (atRest) this.#rest()
  }

  /** Takes nothing for a moment, and does not answer to tokens. */
  #letOthers(): void {
    this.#yielding = true
    this.#host.idle(false)
    const over = (): void => {
      this.#yielding = false
      this.look()
    }
    this.#options.clock.after(yieldTime, over, 'unref')
  }

  /** Nothing to report, nothing to fetch. */
  #rest(): void {
    const free = this.#free(this.full) > 0
    // A token also tells that a paused queue goes on.
    this.#host.idle(free && !this.#yielding && !this.#holds.has('worker') && !this.#holds.has('closing'))
    if (!free || this.#holds.size > 0 || !this.#busy || this.#slots.count > 0 || this.#loops.some((loop) => !loop.still)) return
    this.#busy = false
    this.#host.drained()
  }
}
