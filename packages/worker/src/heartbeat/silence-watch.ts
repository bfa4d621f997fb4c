import type { Clock } from '@ripen/store/internal'

/**
 * After this long without an answer of the server, in ms, a worker says that it takes nothing; and again
 * after each such time.
 */
const patience = 4_500
/** And after what the worker has told by itself, which it tells again: it rests for at most 10 s. */
const patienceAfterTold = 11_000
const interval = 250

export interface SilentWorker {
  /** When the server last answered a call of the loop, on the clock; undefined before the first answer. */
  lastAnswer(): number | undefined
  silent(): void
  /** It was silent, or told of trouble, and goes on. */
  recovered(): void
}

/**
 * Notices that a worker takes nothing, whatever the reason: a running one asks the server at least once a
 * second.
 */
export class SilenceWatch {
  readonly #worker: SilentWorker
  readonly #clock: Clock
  #stopLooking: (() => void) | undefined
  #since = 0
  #looked = 0
  #told = false
  #patience = patience

  constructor(clock: Clock, worker: SilentWorker) {
    this.#clock = clock
    this.#worker = worker
  }

  start(): void {
    this.stop()
    this.#since = this.#looked = this.#clock.now()
    this.#stopLooking = this.#clock.every(interval, () => this.#look(), 'unref')
  }

  /** The worker has told by itself of what keeps it. */
  told(): void {
    this.#told = true
    this.#since = this.#clock.now()
    this.#patience = patienceAfterTold
  }

  #look(): void {
    const now = this.#clock.now()
    // The event loop stood still: an answer that has come is still to be read.
    if (now - this.#looked > 4 * interval) this.#since = now
    this.#looked = now
    const answer = this.#worker.lastAnswer() ?? Number.NEGATIVE_INFINITY
    if (answer > this.#since) {
      this.#since = answer
      if (this.#told) this.#worker.recovered()
      this.#told = false
      this.#patience = patience
    } else if (now - this.#since >= this.#patience) {
      this.told()
      this.#patience = patience
      this.#worker.silent()
    }
  }

  stop(): void {
    this.#stopLooking?.()
  }
}
