import type { Replication } from '@ripen/store/internal'
import { Adder, type AdderParts } from './adder.ts'

/** The adders of a queue: one for each durability, and one for jobs without. */
export class Adders {
  readonly #parts: AdderParts
  readonly #plain: Adder
  readonly #durable = new Map<string, Adder>()
  #closed = false

  constructor(parts: AdderParts) {
    this.#parts = parts
    this.#plain = new Adder(parts)
  }

  of(durability: Replication | undefined): Adder {
    // Any adder of a closed queue rejects with a ClosingError.
    if (durability === undefined || this.#closed) return this.#plain
    const key = JSON.stringify(durability)
    let adder = this.#durable.get(key)
    if (adder === undefined) this.#durable.set(key, (adder = new Adder(this.#parts, durability)))
    return adder
  }

  /** Fails what was not sent yet with a ClosingError, and refuses what comes. */
  close(): void {
    this.#closed = true
    for (const adder of [this.#plain, ...this.#durable.values()]) adder.close()
  }
}
