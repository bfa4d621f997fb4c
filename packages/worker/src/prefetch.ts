import { batchJobs } from '@ripen/queue/internal'
import type { Clock } from '@ripen/store/internal'

/** A call's share of waiting that prefetched jobs should cover, in ms, at most. */
const longestCover = 20
/** After jobs waited in vain, none are prefetched for so long, in ms: others may have free hands. */
const rest = 1_000
/** Weight of a new sample in the moving means. */
const weight = 0.2

/**
 * How many jobs to hold beyond those that run: as many as the handlers finish while two calls go to the
 * server and back, `concurrency · min(2r, 20 ms) / h` with r and h the mean times of a call and of a handler.
 * None while nothing is known, and none when handlers take long.
 */
export class Prefetch {
  readonly #fixed: number | undefined
  readonly #clock: Clock
  #handler: number | undefined
  #call = 1
  #restUntil = 0

  constructor(setting: 'auto' | number, clock: Clock) {
    this.#clock = clock
    this.#fixed = setting === 'auto' ? undefined : setting
  }

  /** @param milliseconds that a handler took; one in sixteen is sampled. */
  handlerTook(milliseconds: number): void {
    this.#handler = this.#handler === undefined ? milliseconds : this.#handler + weight * (milliseconds - this.#handler)
  }

  callTook(milliseconds: number): void {
    this.#call += weight * (milliseconds - this.#call)
  }

  /** Prefetched jobs waited so long that they were handed back: handlers take longer than was known. */
  waitedInVain(): void {
    this.#handler = Math.max(this.#handler ?? 0, 1_000)
    this.#restUntil = this.#clock.now() + rest
  }

  target(concurrency: number): number {
    if (this.#restUntil > this.#clock.now()) return 0
    if (this.#fixed !== undefined) return this.#fixed
    if (this.#handler === undefined) return 0
    const jobs = (concurrency * Math.min(2 * this.#call, longestCover)) / Math.max(this.#handler, 0.001)
    return jobs < 0.5 ? 0 : Math.min(batchJobs, Math.ceil(jobs))
  }
}
