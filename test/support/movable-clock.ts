import type { Clock } from '@ripen/store/internal'
import { setImmediate as turn } from 'node:timers/promises'

interface Timer {
  due: number
  /** 0: it comes once. */
  readonly every: number
  readonly callback: () => void
}

/** A clock that a test moves. It stands still between two moves, unless it runs along with the real one. */
export class MovableClock implements Clock {
  /** In the order in which they were set, which decides between those due at the same time. */
  readonly #timers = new Set<Timer>()
  readonly #runs: boolean
  #moved = 0
  #wake: NodeJS.Timeout | undefined

  /**
   * @param options.runs for tests with a server, whose answers take their time: real time goes on, and a move
   *   comes on top. It keeps no process alive.
   */
  constructor({ runs = false }: { readonly runs?: boolean } = {}) {
    this.#runs = runs
  }

  now(): number {
    return this.#runs ? performance.now() + this.#moved : this.#moved
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.#set({ due: this.now() + Math.max(1, milliseconds), every: 0, callback })
  }

  every(milliseconds: number, callback: () => void): () => void {
    return this.#set({ due: this.now() + milliseconds, every: milliseconds, callback })
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve))
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /**
   * Moves on, and runs what comes due meanwhile, each at its time and in order; after each the event loop
   * turns once, so what a promise waits for goes on.
   */
  async advance(milliseconds: number): Promise<void> {
    const end = this.now() + milliseconds
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#moveTo(next.due)
      this.#run(next)
      await turn()
    }
    this.#moveTo(end)
    this.#arm()
  }

  /**
   * Moves on as if the event loop had stood still for so long: what came due meanwhile runs late, and once.
   */
  async stall(milliseconds: number): Promise<void> {
    this.#moveTo(this.now() + milliseconds)
    this.#runDue()
    await turn()
  }

  #moveTo(time: number): void {
    this.#moved += Math.max(0, time - this.now())
  }

  #set(timer: Timer): () => void {
    if (timer.due === Number.POSITIVE_INFINITY) return () => undefined
    this.#timers.add(timer)
    this.#arm()
    return () => {
      this.#timers.delete(timer)
      this.#arm()
    }
  }

  /** The first that is due by then. */
  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.due <= end && (next === undefined || timer.due < next.due)) next = timer
    return next
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer)
    if (timer.every > 0) {
      timer.due = this.now() + timer.every
      this.#timers.add(timer)
    }
    timer.callback()
  }

  /** What is due now; what that sets comes later, however short it is. */
  #runDue(): void {
    const due = [...this.#timers].filter((timer) => timer.due <= this.now()).toSorted((one, other) => one.due - other.due)
    for (const timer of due) if (this.#timers.has(timer)) this.#run(timer)
    this.#arm()
  }

  #arm(): void {
    if (!this.#runs) return
    clearTimeout(this.#wake)
    const next = this.#next(Number.MAX_VALUE)
    if (next !== undefined) this.#wake = setTimeout(() => this.#runDue(), Math.min(Math.max(0, next.due - this.now()), 2 ** 31 - 1)).unref()
  }
}
