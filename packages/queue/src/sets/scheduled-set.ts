import type { Store } from '@ripen/store'
import { internals, type RipenStore } from '@ripen/store/internal'
import { setAvailableScript, setPeekScript } from '../scripts.generated.ts'
import { readScore } from './score.ts'
import type { SortedSetOptions } from './sorted-set-options.ts'
import { TimeSortedSet } from './time-sorted-set.ts'

/**
 * A TimeSortedSet whose score is the time from which an item is due, in epoch ms. Only what is due is peeked,
 * popped and taken; the other methods and the iterator see every item.
 *
 * An item is due if its score is not after now, by the server's clock plus the store's `clockOffset`. Clocks
 * of clients do not matter.
 */
export class ScheduledSet<T = string> extends TimeSortedSet<T> {
  readonly #store: RipenStore

  constructor(store: Store, name: string, options?: SortedSetOptions<T>) {
    super(store, name, options)
    this.#store = internals(store)
  }

  protected override get dueOnly(): boolean {
    return true
  }

  /** How many items are due. */
  async available(): Promise<number> {
    return this.#store.caller.script(setAvailableScript, { keys: { set: this.name }, arguments: { offset: this.#store.clockOffset } })
  }

  /** When the first item is due, in epoch ms: in the past if it is due already. Null if the set is empty. */
  async nextDue(): Promise<number | null> {
    const [, score] = await this.#store.caller.script(setPeekScript, {
      keys: { set: this.name },
      arguments: { offset: 0, dueOnly: '', position: 0 },
    })
    return score === undefined ? null : readScore(score)
  }
}
