import { ConfigurationError, isRipenError, type Logger } from '@ripen/store'
import { because, cut, describeError, wellFormed } from '@ripen/store/internal'
import type { ParsedSortedSetOptions } from './sorted-set-options.ts'

/** How much of a bad item the log shows, in characters; `onBadItem` gets all of it. */
const logged = 500

/**
 * Items to stored text and back, for one set. Bad items are reported, never thrown: the good ones beside them
 * must not be lost.
 */
export class ItemCodec<T> {
  readonly #set: string
  readonly #options: ParsedSortedSetOptions<T>
  readonly #logger: Logger

  constructor(set: string, options: ParsedSortedSetOptions<T>, logger: Logger) {
    this.#set = set
    this.#options = options
    this.#logger = logger
  }

  /** @throws ConfigurationError for an item that has no stored form. */
  encode(item: T): string {
    let raw: unknown
    try {
      raw = this.#options.serialize(item)
    } catch (cause) {
      if (isRipenError(cause)) throw cause
      throw because(new ConfigurationError('item', `cannot be serialized: ${describeError(cause).message}`), cause)
    }
    if (typeof raw !== 'string') throw new ConfigurationError('item', 'must be serialized to a string', raw)
    // UTF-8 has no lone surrogates: two different texts would be stored as the same item.
    return wellFormed('item', raw)
  }

  /** The items of stored texts, without the bad ones; `fate` tells the log what has become of those. */
  async decode(raws: readonly string[], fate: 'removed' | 'kept'): Promise<T[]> {
    const items: T[] = []
    const bad: { raw: string; error: unknown }[] = []
    for (const raw of raws) {
      try {
        items.push(this.#options.deserialize(raw))
      } catch (error) {
        bad.push({ raw, error })
      }
    }
    for (const { raw, error } of bad) await this.#report(raw, error, fate)
    return items
  }

  async #report(raw: string, error: unknown, fate: 'removed' | 'kept'): Promise<void> {
    const fields = { set: this.#set, item: cut(raw, logged) }
    this.#logger.error({ ...fields, err: error }, `bad item ${fate}: it could not be deserialized`)
    try {
      await this.#options.onBadItem?.(raw, error)
    } catch (failure) {
      this.#logger.error({ ...fields, err: failure }, 'onBadItem failed')
    }
  }
}
