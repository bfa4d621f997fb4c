import type { Clock } from '@ripen/store/internal'

/** How far back it looks, and how often a sample is taken, in ms. */
const span = 10_000
const step = 1_000

interface Sample {
  readonly at: number
  readonly total: number
}

/**
 * Jobs settled per second: those of the last 10 to 11 s, divided by that time; in the first seconds by the
 * time since the start, but at least 1 s. Counting costs an addition, the clock is read once a second.
 */
export class SettledRate {
  #total = 0
  #samples: Sample[] = []
  readonly #clock: Clock
  #stopSampling: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(): void {
    this.#sample()
    this.#stopSampling = this.#clock.every(step, () => this.#sample(), 'unref')
  }

  /** One more was settled. */
  count(): void {
    this.#total++
  }

  get perSecond(): number {
    const [oldest] = this.#samples
    if (oldest === undefined) return 0
    return ((this.#total - oldest.total) * 1_000) / Math.max(step, this.#clock.now() - oldest.at)
  }

  #sample(): void {
    const now = this.#clock.now()
    this.#samples.push({ at: now, total: this.#total })
    // The oldest that is kept is the youngest from before the span: a blocked event loop leaves out samples,
    // and the rate stays right.
    while (this.#samples[1] !== undefined && this.#samples[1].at <= now - span) this.#samples.shift()
  }

  stop(): void {
    this.#stopSampling?.()
    this.#samples = []
  }
}
