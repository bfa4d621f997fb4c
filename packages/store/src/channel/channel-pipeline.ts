import { ConfigurationError } from '../errors/errors.ts'
import type { ChannelCalls } from './channel-calls.ts'
import type { ChannelMeta } from './channel-meta.ts'
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

/**
 * Operations of one pipeline, and characters of the values that they bring: they keep the server busy in one
 * step.
 */
const most = 10_000
const mostCharacters = 8_000_000

/**
 * Operations on a channel that are sent together and run in one atomic step, in order: nobody sees the
 * channel between them. They may be at most 10,000, with 8,000,000 characters of values. Together they may
 * read at most 8,000,000 bytes; a read beyond that yields a ConfigurationError. The methods are those of
 * {@link Channel}: they check their arguments at once and queue the operation. Made by
 * {@link Channel.pipeline}.
 */
export class ChannelPipeline {
  readonly #calls: ChannelCalls
  #queued: Operation<unknown>[] = []
  #characters = 0

  constructor(calls: ChannelCalls) {
    this.#calls = calls
  }

  /** How many operations wait for `exec`. */
  get length(): number {
    return this.#queued.length
  }

  ensure(value: unknown = null): this {
    return this.#add(ensuring(value))
  }

  get(path: string | JsonPath = '.'): this {
    return this.#add(simple('none', 'get', path))
  }

  set(value: unknown, path: string | JsonPath = '.', options?: SetOptions): this {
    return this.#add(setting(value, path, options))
  }

  type(path: string | JsonPath = '.'): this {
    return this.#add(simple('none', 'type', path))
  }

  isNull(path: string | JsonPath = '.'): this {
    return this.#add(isNull(path))
  }

  isInitialized(): this {
    return this.#add(isInitialized())
  }

  query(op: keyof QueryResults, path: string | JsonPath = '.', ...args: readonly unknown[]): this {
    return this.#add(querying(op, path, args))
  }

  reset(value: unknown): this {
    return this.#add(resetting(value))
  }

  meta(key?: keyof ChannelMeta): this {
    return this.#add(readingMeta(this.#calls.key, key))
  }

  data(): this {
    return this.#add(readingData(this.#calls.key))
  }

  #add(operation: Operation<unknown>): this {
    if (this.#queued.length >= most) throw new ConfigurationError('pipeline', `must have at most ${most} operations`)
    let characters = this.#characters
    for (const { values } of operation.requests) for (const value of values) characters += value.length
    if (characters > mostCharacters)
      throw new ConfigurationError('pipeline', `must carry at most ${mostCharacters} characters of values: call exec() before adding more`)
    this.#characters = characters
    this.#queued.push(operation)
    return this
  }

  /**
   * Sends the queued operations, and empties the queue. An operation that is refused does not undo the
   * others.
   *
   * @returns the results in order, each the value that the channel's own method resolves to, or the
   *   RipenError that it rejects with.
   * @throws ConnectionError if the server did not answer in time, or the answer was lost. Then either all of
   *   them were applied or none.
   */
  async exec(): Promise<unknown[]> {
    const operations = this.#queued
    this.#queued = []
    this.#characters = 0
    return operations.length === 0 ? [] : this.#calls.runAll(operations)
  }
}
