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
  /** How long after the last change by this object the channel is deleted, at least 1 ms. Default: never. */
  readonly expire?: Duration | undefined
}

/**
 * A JSON document that processes share, with a revision that rises with every change. It is one hash on the
 * server, at {@link redisKey}. The document is stored as the text made by JSON.stringify and changed on the
 * server without decoding, so whatever a change does not touch keeps every byte.
 *
 * A path is `'.'` for the whole document, or of the form `'a.b[0]["c d"]'` ({@link JsonPath}). The value may
 * have 4 MiB of JSON. To find a path the server reads through the text, about 5 ms for 100 kB, so keep
 * documents small that change often. A channel uses the store's connections, so there is nothing to close.
 *
 * Every method is one atomic step. A change that is cut off by an outage is sent again, and recognised if it
 * was the last one applied. It is not recognised if others have changed the channel since, or if the same
 * object had several changes under way. Then `set`, `ensure`, `reset`, `clear` and `del` of a key are done
 * again. Everything else, and a `set` whose `ifRev` no longer fits, rejects with a ConnectionError that says
 * it may have been applied.
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
   * @returns true if it was already initialised; its value is then unchanged.
   * @throws ConfigurationError for a value without a JSON form or above 4 MiB, as all methods that take one;
   *   StoreFullError.
   */
  ensure(value: T | null = null): Promise<boolean> {
    return this.#run(() => ensuring(value))
  }

  /** The value at a path. Null if there is none, or if it is null. */
  get(): Promise<T | null>
  get(path: string | JsonPath): Promise<any>
  get(path: string | JsonPath = '.'): Promise<unknown> {
    return this.#run(() => simple('none', 'get', path))
  }

  /**
   * Replaces the value at a path, or adds a member to an object. With `'.'` it creates the channel, at `rev`
   * 0, if it is not initialised.
   *
   * @returns the new revision.
   * @throws PathError if the parent is missing; RevisionError if `ifRev` does not fit. Nothing is written
   *   then.
   */
  set(value: T, path?: '.', options?: SetOptions): Promise<Revision>
  set(value: unknown, path: string | JsonPath, options?: SetOptions): Promise<Revision>
  set(value: unknown, path: string | JsonPath = '.', options?: SetOptions): Promise<Revision> {
    return this.#run(() => setting(value, path, options))
  }

  /**
   * `'integer'`, `'number'`, `'string'`, `'boolean'`, `'object'`, `'array'` or `'null'`; null if there is
   * nothing.
   */
  type(path: string | JsonPath = '.'): Promise<string | null> {
    return this.#run(() => simple('none', 'type', path))
  }

  /** Whether the value is null. Returns null if there is nothing. */
  isNull(path: string | JsonPath = '.'): Promise<boolean | null> {
    return this.#run(() => isNull(path))
  }

  isInitialized(): Promise<boolean> {
    return this.#run(() => isInitialized())
  }

  /**
   * Runs an operation of RedisJSON: see {@link QueryResults} for names, arguments and results. An operation
   * that changes nothing does not raise `rev`: a `del` of something that is not there, an `arrpop` of an
   * empty array, a `clear` of something that is clear.
   *
   * @throws ConfigurationError for an unknown operation or bad arguments; PathError if an operation that
   *   writes finds nothing; WrongTypeError for a value of another type, or for a result that is not a finite
   *   number.
   */
  query<Name extends keyof QueryResults>(
    op: Name,
    path: string | JsonPath = '.',
    ...args: readonly unknown[]
  ): Promise<QueryResults[Name]> {
    return this.#run(() => querying(op, path, args))
  }

  /** Replaces the value, or creates the channel, with a new epoch and `rev` 0. Both times are set to now. */
  reset(value: T): Promise<Revision> {
    return this.#run(() => resetting(value))
  }

  /** Key, revision and times, or one of them. Null if the channel is not initialised. */
  meta(): Promise<ChannelMeta | null>
  meta<Key extends keyof ChannelMeta>(key: Key): Promise<ChannelMeta[Key] | null>
  meta(key?: keyof ChannelMeta): Promise<unknown> {
    return this.#run(() => readingMeta(this.redisKey, key))
  }

  /** The value and its meta, read at one moment. Null if the channel is not initialised. */
  data(): Promise<{ _ipc_obj: T; _ipc_meta: ChannelMeta } | null> {
    return this.#run(() => readingData(this.redisKey)) as Promise<{ _ipc_obj: T; _ipc_meta: ChannelMeta } | null>
  }

  /**
   * The value and its revision, unless the channel is still at `since` (for example an earlier answer) or is
   * not initialised.
   *
   * @throws ConfigurationError for a `since` that is not a revision.
   */
  async getIfUpdated(since?: Revision): Promise<ChannelChange<T>> {
    const state = await this.#calls.look(optional(revision, undefined)('since', since))
    return state === undefined ? { changed: false } : { changed: true, ...(state as ChannelState<T>) }
  }

  /** Starts a list of operations that are sent together and run in one step. */
  pipeline(): ChannelPipeline {
    return new ChannelPipeline(this.#calls)
  }

  /**
   * Deletes the channel: it is then not initialised. Returns false if it was not initialised, or if a first
   * try of this call was cut off by an outage and did it.
   */
  delete(): Promise<boolean> {
    return this.#calls.delete()
  }

  /**
   * Yields the current state of the channel, then each newer one. A slow reader skips to the newest. While
   * the channel is not initialised, the iteration waits. It never yields a state older than the last,
   * survives outages, and ends without an error when the signal aborts.
   *
   * @throws ClosingError if the store closes.
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
