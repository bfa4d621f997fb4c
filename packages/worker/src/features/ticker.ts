import { dueOf, tickScript, type Session, type Shard } from '@ripen/queue/internal'

/** Of so many schedules it is told that they cannot be read. */
const mostTold = 1_000

export interface TickerParts {
  readonly shard: Shard
  readonly order: Session['order']
  /** Ends calls that wait for a server that does not come back. */
  readonly signal: AbortSignal
  /**
   * Hears of each schedule that cannot be read here, once: others may tick it; and of each that has missed
   * more runs than are made up for.
   */
  readonly wrong: (error: Error) => void
}

/** Adds the runs of schedules that are due, and tells when they run next. */
export class Ticker {
  readonly #shard: Shard
  readonly #order: Session['order']
  readonly #signal: AbortSignal
  readonly #wrong: (error: Error) => void
  /** Schedules that were reported as unreadable: once each. */
  readonly #told = new Set<string>()
  #busy = false

  constructor({ shard, order, signal, wrong }: TickerParts) {
    this.#shard = shard
    this.#order = order
    this.#signal = signal
    this.#wrong = wrong
  }

  /**
   * While it is at work it takes on nothing more: what is due stays so until it has been done.
   *
   * @param due id, next run and row of each, as `settle` tells them.
   * @param now by the server's clock.
   * @returns whether it has ticked any of them.
   * @throws the signal's reason; a RipenError when the server refuses.
   */
  async tick(due: readonly string[], now: number): Promise<boolean> {
    if (this.#busy) return false
    this.#busy = true
    try {
      const { calls, failures, leftOut } = dueOf(due, now)
      for (const groups of calls)
        await this.#shard.script(tickScript, { order: this.#order, channel: this.#shard.channels.news }, groups, {
          budget: Number.POSITIVE_INFINITY,
          signal: this.#signal,
        })
      for (const error of leftOut) this.#wrong(error)
      for (const { id, error } of failures) {
        if (this.#told.has(id) || this.#told.size === mostTold) continue
        this.#told.add(id)
        this.#wrong(error)
      }
      return due.length > 3 * failures.length
    } finally {
      this.#busy = false
    }
  }
}
