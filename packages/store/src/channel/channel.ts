import type { Duration } from '../options/duration.ts'
import { name, optional, parseOptions, signal as signalRule, span } from '../options/options.ts'
import { internals, type Store } from '../store.ts'
import { ChannelCalls } from './channel-calls.ts'
import type { ChannelMeta } from './channel-meta.ts'
import { ChannelPipeline } from './channel-pipeline.ts'
import type { JsonPath } from './json-path.ts'
import {
  ensuring,
  isInitialized,
  isNull,
  readingData,
  readingMeta,
  resetting,
  setting,
  simple,
  type Operation,
  type SetOptions,
} from './operation.ts'
import { querying, type QueryResults } from './query.ts'
import { revision, type ChannelChange, type ChannelState, type Revision } from './revision.ts'
import { watchChannel } from './watch-channel.ts'

export interface ChannelOptions {
  /** Time after the last change by this object at which the channel ends, at least 1 ms. Default: never. */
  readonly expire?: Duration | undefined
}

/**
 * A JSON document that processes share, with a revision that rises with every change. It is one hash of the server, at {@link redisKey}; the document is stored as the text that
 * JSON.stringify makes, and changed inside the server without being decoded, so what a change does not touch stays as it is to the byte.
 *
 * Paths are `'.'` for the whole document or as in `'a.b[0]["c d"]'` ({@link JsonPath}). The value may have 4 MiB of JSON; the server reads through the text to find a path, about
 * 5 ms for 100 kB, so keep documents that change often small. It uses the store's connections, so there is nothing to close.
 *
 * Every method is one atomic step. A change that an outage cuts off is sent again and recognised when it was the last one applied. If others have changed the channel since, or the
 * same object had several changes under way, then `set`, `ensure`, `reset`, `clear` and `del` of a key are done again; all else, and a `set` with `ifRev` that no longer fits, rejects
 * with a ConnectionError that says it may have been applied.
 */
export class Channel<T = any> {
  readonly label: string
  readonly #calls: ChannelCalls

  /**
   * No I/O.
   *
   * @param label 1 to 128 characters of `A-Z a-z 0-9 _ . : -`.
   * @throws ConfigurationError for a label or an option that breaks its rule.
   */
  constructor(store: Store, label: string, options?: ChannelOptions) {
    this.label = name('label', label)
    const { expire } = parseOptions('Channel options', options, { expire: optional(span(1), undefined) })
    this.#calls = new ChannelCalls(internals(store), this.label, expire)
  }

  /** The key of the server. */
  get redisKey(): string {
    return this.#calls.key
  }

  /**
   * Creates the channel, at `rev` 0 of a new epoch, if it is not initialised.
   *
   * @returns true when it already was; its value is then left alone.
   * @throws ConfigurationError for a value without a JSON form or above 4 MiB, as all methods that take one; StoreFullError.
   */
  ensure(value: T | null = null): Promise<boolean> {
    return this.#run(() => ensuring(value))
  }

  /** The value at a path; null where there is none, and where it is null. */
  get(): Promise<T | null>
  get(path: string | JsonPath): Promise<any>
  get(path: string | JsonPath = '.'): Promise<unknown> {
    return this.#run(() => simple('none', 'get', path))
  }

  /**
   * Replaces the value at a path, or adds a member to an object. With `'.'` it creates the channel, at `rev` 0, if it is not initialised.
   *
   * @returns the revision that this change made.
   * @throws PathError where the parent is missing; RevisionError for `ifRev`. Nothing is written then.
   */
  set(value: T, path?: '.', options?: SetOptions): Promise<Revision>
  set(value: unknown, path: string | JsonPath, options?: SetOptions): Promise<Revision>
  set(value: unknown, path: string | JsonPath = '.', options?: SetOptions): Promise<Revision> {
    return this.#run(() => setting(value, path, options))
  }

  /** `'integer'`, `'number'`, `'string'`, `'boolean'`, `'object'`, `'array'` or `'null'`; null where there is nothing. */
  type(path: string | JsonPath = '.'): Promise<string | null> {
    return this.#run(() => simple('none', 'type', path))
  }

  /** Whether a stored null is there; null where there is nothing. */
  isNull(path: string | JsonPath = '.'): Promise<boolean | null> {
    return this.#run(() => isNull(path))
  }

  isInitialized(): Promise<boolean> {
    return this.#run(() => isInitialized())
  }

  /**
   * An operation of RedisJSON: see {@link QueryResults} for their names, arguments and results. What changes nothing (a `del` of what is not there, an `arrpop` of nothing, a `clear`
   * of what is clear) does not raise `rev`.
   *
   * @throws ConfigurationError for an unknown operation or bad arguments; PathError where an operation that writes finds nothing; WrongTypeError for a value of another type,
   * and for a result that is no finite number.
   */
  query<Name extends keyof QueryResults>(
    op: Name,
    path: string | JsonPath = '.',
    ...args: readonly unknown[]
  ): Promise<QueryResults[Name]> {
    return this.#run(() => querying(op, path, args))
  }

  /** Replaces the value, or creates the channel: a new epoch, `rev` 0, and both times are now. */
  reset(value: T): Promise<Revision> {
    return this.#run(() => resetting(value))
  }

  /** Key, revision and times, or one of them; null when the channel is not initialised. */
  meta(): Promise<ChannelMeta | null>
  meta<Key extends keyof ChannelMeta>(key: Key): Promise<ChannelMeta[Key] | null>
  meta(key?: keyof ChannelMeta): Promise<unknown> {
    return this.#run(() => readingMeta(this.redisKey, key))
  }

  /** The value and its meta, of one moment; null when the channel is not initialised. */
  data(): Promise<{ _ipc_obj: T; _ipc_meta: ChannelMeta } | null> {
    return this.#run(() => readingData(this.redisKey)) as Promise<{ _ipc_obj: T; _ipc_meta: ChannelMeta } | null>
  }

  /**
   * The value and its revision, unless the channel is still at `since` (such as an earlier answer) or is not initialised.
   *
   * @throws ConfigurationError for a `since` that is no revision.
   */
  async getIfUpdated(since?: Revision): Promise<ChannelChange<T>> {
    const state = await this.#calls.look(optional(revision, undefined)('since', since))
    return state === undefined ? { changed: false } : { changed: true, ...(state as ChannelState<T>) }
  }

  /** Operations that are sent together and run in one step. */
  pipeline(): ChannelPipeline {
    return new ChannelPipeline(this.#calls)
  }

  /** Removes the channel: it is then not initialised. False when it was not; also when a first try of this call, cut off by an outage, did it. */
  delete(): Promise<boolean> {
    return this.#calls.delete()
  }

  /**
   * The state of the channel, then each newer one; a slow reader skips to the newest. While the channel is not initialised it waits. It never gives a state that is older than
   * one before, lives through outages, and ends quietly when the signal aborts.
   *
   * @throws ClosingError when the store closes.
   */
  watch(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<ChannelState<T>> {
    const { signal } = parseOptions('watch options', options, { signal: optional(signalRule, undefined) })
    return watchChannel<T>(this.#calls, signal)
  }

  /** Bad input rejects, as all else does. */
  async #run<Result>(build: () => Operation<Result>): Promise<Result> {
    return this.#calls.run(build())
  }
}
