import { dueOf, tickScript, type Session, type Shard } from '@ripen/queue/internal'

/** Adds the runs of schedules that are due, and tells when they run next. */
export class Ticker {
  readonly #shard: Shard
  readonly #order: Session['order']
  readonly #signal: AbortSignal
  #busy = false

  /** @param signal ends calls that wait for a server that does not come back. */
  constructor(shard: Shard, order: Session['order'], signal: AbortSignal) {
    this.#shard = shard
    this.#order = order
    this.#signal = signal
  }

  /**
   * While it is at work it takes on nothing more: what is due stays so until it has been done.
   *
   * @param due id, next run and row of each, as `settle` tells them.
   * @param now by the server's clock.
   * @returns whether it has taken this on.
   * @throws the signal's reason; a RipenError when the server refuses; the error of a schedule that can not be read here, once the others are done.
   */
  async tick(due: readonly string[], now: number): Promise<boolean> {
    if (this.#busy) return false
    this.#busy = true
    try {
      const { calls, failures } = dueOf(due, now)
      for (const groups of calls)
        await this.#shard.script(tickScript, { order: this.#order, channel: this.#shard.channels.news }, groups, {
          budget: Number.POSITIVE_INFINITY,
          signal: this.#signal,
        })
      const [failure] = failures
      if (failure !== undefined) throw failures.length === 1 ? failure : new AggregateError(failures, 'schedules can not be read here')
      return true
    } finally {
      this.#busy = false
    }
  }
}
