import { ConfigurationError, EmptySetError, type Store } from '@ripen/store'
import { integer, internals, oneOf, optional, parseOptions, text, type RipenStore } from '@ripen/store/internal'
import { pageScript, setAddScript, setPeekScript, setTakeScript } from '../scripts.generated.ts'
import { entryBatches, type Entry } from './entry-batches.ts'
import { ItemCodec } from './item-codec.ts'
import { readScore, scoreText } from './score.ts'
import type { Scorer } from './scorer.ts'
import { parseSortedSetOptions, type SortedSetOptions } from './sorted-set-options.ts'

/**
 * When `add` writes: `nx` only for a new item, `xx` only for a known one, `lt` only a lower score, `gt` only
 * a higher one. `lt` and `gt` also add new items.
 */
export type AddMode = 'nx' | 'xx' | 'lt' | 'gt'

/** The most items that one `take` removes. */
const mostTaken = 10_000

/** How many items the iterator reads at a time. */
const pageSize = 500

/**
 * Items ordered by score, lowest first; equal scores by the bytes of the serialized items. It is one sorted
 * set of the server, at the key `name`.
 *
 * Each item is in the set once: adding it again changes its score. The set uses the store's connections, so
 * there is nothing to close.
 * Every method except `addMany` and the iterator is one atomic step. A call that is cut off by an outage is
 * sent again, so `discard` and `clear` may then return false for what they did themselves.
 */
export class SortedSet<T = string> implements AsyncIterable<T> {
  /** The key, exactly as given. It has no prefix, so it must differ from all other keys of the database. */
  readonly name: string
  readonly #store: RipenStore
  readonly #scorer: Scorer<T> | undefined
  readonly #codec: ItemCodec<T>

  /**
   * No I/O.
   *
   * @throws ConfigurationError for an empty name or an option that breaks its rule.
   */
  constructor(store: Store, name: string, options?: SortedSetOptions<T>) {
    this.name = text('name', name)
    this.#store = internals(store)
    const parsed = parseSortedSetOptions(this.constructor.name, options)
    this.#scorer = parsed.scorer
    this.#codec = new ItemCodec(name, parsed, this.#store.logger)
  }

  /** The score of an item that came without one when there is no scorer; `''` is the server's time. */
  protected get defaultScore(): string {
    return '0'
  }

  /** Whether `peek`, `pop` and `take` leave alone what has a score after now. */
  protected get dueOnly(): boolean {
    return false
  }

  /**
   * Adds an item, or changes its score.
   *
   * @param score a finite number, or a Date for its epoch ms. Default: the result of the scorer.
   * @returns the score of the item afterwards; with mode `xx`, null if the item is not there.
   * @throws ConfigurationError for a NaN or infinite score and for an item that cannot be serialized; nothing
   *   is written.
   */
  async add(item: T, score?: number | Date, options?: { readonly mode?: Exclude<AddMode, 'xx'> }): Promise<number>
  async add(item: T, score: number | Date | undefined, options: { readonly mode?: AddMode }): Promise<number | null>
  async add(item: T, score?: number | Date, options?: { readonly mode?: AddMode }): Promise<number | null> {
    const { mode } = parseOptions('add options', options, { mode: optional(oneOf('nx', 'xx', 'lt', 'gt'), '') })
    const [result = null] = await this.#write([this.#entry(item, score)], mode)
    return result
  }

  /**
   * Adds items in batches of at most 500 and about 1 MiB, each of them atomic. A failing batch ends the call;
   * earlier batches stay.
   *
   * @param items each an item or a pair of item and score. An array of two whose second is a number or a Date
   *   is always read as such a pair: items that look like one must be given with their score.
   * @returns the score of each item after its batch.
   * @throws ConfigurationError as {@link add}, before anything is written.
   */
  async addMany(items: readonly (T | readonly [item: T, score: number | Date])[]): Promise<number[]> {
    if (!Array.isArray(items)) throw new ConfigurationError('items', 'must be an array', items)
    const entries = items.map((given: T | readonly [T, number | Date]) => (isScored(given) ? this.#entry(...given) : this.#entry(given)))
    const scores: number[] = []
    // Without a mode every item is there afterwards, so no score is null.
    for (const batch of entryBatches(entries)) scores.push(...((await this.#write(batch, '')) as number[]))
    return scores
  }

  #entry(item: T, score?: number | Date): Entry {
    return { score: this.#score(item, score), item: this.#codec.encode(item) }
  }

  #score(item: T, score: number | Date | undefined): string {
    if (score !== undefined) return scoreText('score', score)
    return this.#scorer === undefined ? this.defaultScore : scoreText('scorer', this.#scorer(item))
  }

  async #write(entries: readonly Entry[], mode: string): Promise<(number | null)[]> {
    const rest = entries.flatMap(({ score, item }) => [score, item])
    const scores = await this.#store.caller.script(setAddScript, {
      keys: { set: this.name },
      arguments: { offset: this.#store.clockOffset, mode: mode.toUpperCase() },
      rest,
    })
    return scores.map((score) => (score === null ? null : readScore(score)))
  }

  /** How many items there are, due or not. */
  async size(): Promise<number> {
    return this.#store.caller.call((client) => client.zcard(this.name))
  }

  /** Whether the item is there, due or not. */
  async has(item: T): Promise<boolean> {
    return (await this.score(item)) !== null
  }

  /** The score of an item, due or not. Null if it is not there. */
  async score(item: T): Promise<number | null> {
    const raw = this.#codec.encode(item)
    const score = await this.#store.caller.call((client) => client.zscore(this.name, raw))
    return score === null ? null : readScore(score)
  }

  /**
   * Returns the item `position` places behind the next one, without removing it. An item that cannot be
   * deserialized is reported, stays, and gives null.
   *
   * @throws EmptySetError if there is none; ConfigurationError for a position that is not a whole number
   *   from 0.
   */
  async peek(position = 0): Promise<T | null> {
    const [raw] = await this.#peek(integer(0, Number.MAX_SAFE_INTEGER)('position', position))
    if (raw === undefined) throw new EmptySetError(this.name)
    const [item = null] = await this.#codec.decode([raw], 'kept')
    return item
  }

  /** The score of the next item. Null if there is none. */
  async peekScore(): Promise<number | null> {
    const [, score] = await this.#peek(0)
    return score === undefined ? null : readScore(score)
  }

  #peek(position: number): Promise<[item?: string, score?: string]> {
    return this.#store.caller.script(setPeekScript, { keys: { set: this.name }, arguments: { ...this.#due(), position } })
  }

  /**
   * Removes and returns the next item. Delivers at most once, like {@link take}.
   *
   * @returns null for an item that cannot be deserialized: it is removed, logged and passed to `onBadItem`.
   * @throws EmptySetError only if there was none.
   */
  async pop(): Promise<T | null> {
    const [raw] = await this.#take(1)
    if (raw === undefined) throw new EmptySetError(this.name)
    const [item = null] = await this.#codec.decode([raw], 'removed')
    return item
  }

  /**
   * Removes and returns the next `n` items, or as many as there are, in one script. However many processes
   * take at once, each item goes to one of them.
   * One call takes at most 8 MiB, but at least one item, so that it does not hold up the server.
   * Items that cannot be deserialized are removed, logged, passed to `onBadItem` and left out, so there may
   * be fewer than `n` items although the set has more.
   *
   * Delivers at most once. Items are lost if the process ends before it is done with them, or if the
   * connection is cut after the server removed them and before the answer came; the call is then sent again
   * and takes the next ones. For work that must not be lost, use a Queue.
   *
   * @param n at most 10,000, truncated to a whole number. Below 1 takes nothing.
   * @throws ConfigurationError for more than 10,000, or for something that is not a number.
   */
  async take(n: number): Promise<T[]> {
    const count = typeof n === 'number' ? Math.trunc(n) : Number.NaN
    if (!(count <= mostTaken)) throw new ConfigurationError('n', `must be a number up to ${mostTaken}`, n)
    return count < 1 ? [] : this.#codec.decode(await this.#take(count), 'removed')
  }

  #take(count: number): Promise<string[]> {
    return this.#store.caller.script(setTakeScript, { keys: { set: this.name }, arguments: { ...this.#due(), count } })
  }

  #due(): { offset: number; dueOnly: string } {
    return { offset: this.#store.clockOffset, dueOnly: this.dueOnly ? '1' : '' }
  }

  /** Removes an item, due or not. Returns false if it was not there. */
  async discard(item: T): Promise<boolean> {
    const raw = this.#codec.encode(item)
    return (await this.#store.caller.call((client) => client.zrem(this.name, raw))) === 1
  }

  /**
   * Removes everything. Returns false if the set was empty. The server frees the memory in the background.
   */
  async clear(): Promise<boolean> {
    return (await this.#store.caller.call((client) => client.unlink(this.name))) === 1
  }

  /**
   * Yields all items in order, due or not, read 500 at a time, or fewer if they are large. An item that keeps
   * its score comes exactly once, even if others are removed, also by the loop itself. An item that is added,
   * moved or removed meanwhile may come or not. Items that cannot be deserialized are reported, stay, and are
   * left out.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let page: string[]
    let [item, score] = ['', '']
    do {
      page = await this.#store.caller.script(pageScript, {
        keys: { set: this.name },
        arguments: { reverse: 0, limit: pageSize, score, member: item },
      })
      ;[item = '', score = ''] = page.slice(-2)
      const raws = page.filter((_value, index) => index % 2 === 0)
      for (const raw of raws) yield* await this.#codec.decode([raw], 'kept')
    } while (page.length > 0)
  }

  /** For messages; no I/O, so without the size. */
  toString(): string {
    return `<${this.constructor.name} ${this.name}>`
  }
}

function isScored<T>(given: T | readonly [item: T, score: number | Date]): given is readonly [item: T, score: number | Date] {
  return Array.isArray(given) && given.length === 2 && (typeof given[1] === 'number' || given[1] instanceof Date)
}
