import { isRipenError } from '@ripen/store'
import type { Clock } from '@ripen/store/internal'
import type { HeldJob } from '../run/held-job.ts'
import { leaseOf, type Outcome } from '../run/outcome.ts'
import { batchLimit } from './settler.ts'

/** ms before the next call when the server refuses everything: twice as long each time, up to the last. */
const firstRest = 1_000
const longestRest = 10_000

/**
 * What becomes of outcomes when the server refuses a call of `settle` for good. One that is refused must not
 * hold up the others: when a call without any is accepted, batches of half the size find it, and it is set
 * aside once it was refused twice with a call in between that was accepted. When that call is refused too it
 * is none of them, and the worker rests.
 */
export class Refusals {
  /** How many outcomes the next call may carry. */
  most = batchLimit
  /** Nothing is sent for a while. */
  resting = false
  /** Of the batch that was refused last. */
  #size = 0
  /** In a row. */
  #rests = 0
  readonly #clock: Clock
  /** Calls off the end of a rest. */
  #callOff: (() => void) | undefined
  #stopped = false
  /** The lease whose outcome was refused alone. */
  #suspected: string | undefined
  /** Leases whose outcomes were set aside. */
  #aside = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  accepted(): void {
    this.#rests = 0
    if (this.most < batchLimit) this.most = this.most === 0 ? Math.max(1, this.#size >> 1) : Math.min(batchLimit, 2 * this.most)
  }

  /**
   * @returns the outcome that the server refuses; `'again'` to send them in smaller batches, at once;
   *   undefined when it is none of them.
   */
  refused(error: unknown, batch: readonly Outcome[]): Outcome | 'again' | undefined {
    const [only] = batch
    if (only === undefined || !isRipenError(error, 'RIPEN_COMMAND')) return undefined
    const alone = this.most === 1
    this.#size = batch.length
    this.most = 0
    const lease = leaseOf(only.held)
    // Each time it was sent alone, after a call without any had been accepted.
    if (alone && this.#suspected === lease) {
      this.#aside.add(lease)
      return only
    }
    this.#suspected = alone ? lease : undefined
    return 'again'
  }

  rest(then: () => void): void {
    if (this.resting || this.#stopped) return
    this.resting = true
    this.#callOff = this.#clock.after(Math.min(longestRest, firstRest * 2 ** this.#rests++), () => {
      this.resting = false
      then()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#callOff?.()
  }

  /**
   * Whether the outcome of this lease was set aside: it is not to be run again here. @param held all that the
   * server holds in this worker's name.
   */
  withoutAside(held: Iterable<HeldJob>): HeldJob[] {
    if (this.#aside.size === 0) return [...held]
    const all = [...held]
    const known = this.#aside
    this.#aside = new Set(all.map(leaseOf).filter((lease) => known.has(lease)))
    return all.filter((job) => !known.has(leaseOf(job)))
  }
}
