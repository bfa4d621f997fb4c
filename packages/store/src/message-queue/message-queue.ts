import type { Duration } from '../options/duration.ts'
import { ClosingError, ConfigurationError } from '../errors/errors.ts'
import { name as nameRule, optional, parseOptions, signal, span, wellFormed } from '../options/options.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { MessageList } from './message-list.ts'
import { MessageWaits, type MessageBounds } from './message-waits.ts'
import { ReceivedMessage } from './received-message.ts'

/** The longest that `close` waits for messages on their way back, in ms. */
const closeTimeout = 1_000

/** Bytes of a message. */
const mostBytes = 1_048_576

export interface MessageQueueOptions {
  /** Required for {@link MessageQueue.receive}. Default: only `get` can be used. */
  readonly reliable?: {
    /**
     * How long after it was received a message is delivered again unless it is acknowledged, at least 100 ms.
     * Default 30 s.
     */
    readonly lease?: Duration
  }
}

/** How long to wait for a message. */
export interface GetOptions {
  /** 0 does not wait. Default: waits for ever. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

const getRules = { timeout: optional(span(), undefined), signal: optional(signal, undefined) }

/**
 * Messages between processes, first in, first out. It is an unbounded list on the server, at the key
 * `{<prefix>::messages:<name>}:list`.
 *
 * `get` delivers at most once: a message leaves the server before the caller has it, and is lost if the
 * process dies then. A lost connection loses nothing: a `put` or a `get` that is sent again is applied once,
 * and a message whose caller has gone (abort, timeout, close) returns to the head. `receive`, with the option
 * `reliable`, delivers at least once: the message stays on the server under a lease until it is acknowledged.
 *
 * Waiting gets of one MessageQueue share one blocking connection, which is kept until `close`, and are served
 * in order.
 */
export class MessageQueue implements AsyncDisposable {
  readonly name: string
  readonly #store: RipenStore
  readonly #list: MessageList
  readonly #waits: MessageWaits
  readonly #lease: number | undefined
  readonly #pending = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  /**
   * No I/O.
   *
   * @param name 1 to 128 characters of `A-Z a-z 0-9 _ . : -`.
   * @throws ConfigurationError for a name or an option that breaks its rule.
   */
  constructor(store: Store, name: string, options?: MessageQueueOptions) {
    const { reliable } = parseOptions('MessageQueue options', options, { reliable: optional(reliableRule, undefined) })
    this.name = nameRule('name', name)
    this.#lease = reliable?.lease
    this.#store = internals(store)
    this.#list = new MessageList(this.#store, name)
    this.#waits = new MessageWaits(this.#store, this.#list, name)
  }

  /**
   * Appends a message, which may be empty. Never waits for room.
   *
   * @returns how many messages the list then has.
   * @param message at most 1 MiB.
   * @throws ConfigurationError for a message that is not well-formed text, or is longer; ConnectionError
   *   after `enqueueTimeout`, when the message may have been put; StoreFullError.
   */
  async put(message: string): Promise<number> {
    if (typeof message !== 'string') throw new ConfigurationError('message', 'must be a string', message)
    wellFormed('message', message)
    if (Buffer.byteLength(message) > mostBytes) throw new ConfigurationError('message', `must be at most ${mostBytes} bytes`)
    if (this.#closing !== undefined) throw new ClosingError('the message queue')
    return this.#list.put(message)
  }

  /**
   * Takes the next message for good, at most once.
   *
   * @throws TimedOutError if no message came within `timeout`; the reason of the signal; ClosingError if the
   *   queue or the store closes; ConnectionError if, with timeout 0, no answer came within `enqueueTimeout`,
   *   or if all blocking connections of the store are in use. Without a timeout it waits for the end of an
   *   outage.
   */
  async get(options?: GetOptions): Promise<string> {
    const { message } = await this.#next(undefined, parseOptions('get options', options, getRules))
    return message
  }

  /**
   * Takes the next message under a lease, and delivers it at least once: acknowledge it before the lease
   * ends.
   *
   * @throws ConfigurationError without the option `reliable`; otherwise as {@link get}.
   */
  async receive(options?: GetOptions): Promise<ReceivedMessage> {
    if (this.#lease === undefined) throw new ConfigurationError('reliable', 'must be set on the MessageQueue to use receive()')
    const { message, fence = '' } = await this.#next(this.#lease, parseOptions('receive options', options, getRules))
    return new ReceivedMessage(this.#list, message, fence)
  }

  async #next(lease: number | undefined, bounds: MessageBounds): ReturnType<MessageWaits['next']> {
    const next = this.#waits.next(lease, bounds)
    this.#pending.add(next)
    try {
      return await next
    } finally {
      this.#pending.delete(next)
    }
  }

  /** How many messages wait. Those under a lease do not count until it ends. */
  size(): Promise<number> {
    return this.#list.size()
  }

  /**
   * Deletes all messages, including those under a lease.
   *
   * @returns how many. A call that is cut off by an outage is sent again, and may then return 0 for what it
   *   deleted itself.
   */
  purge(): Promise<number> {
    return this.#list.purge()
  }

  /**
   * Rejects waiting gets with a ClosingError and closes their connection. The messages stay, and received
   * ones can still be acknowledged. Takes about 1 s at most. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#waits.close()
    await Promise.allSettled(this.#pending)
    await this.#list
      .recover({ budget: closeTimeout })
      .catch((error: unknown) => this.#store.logger.debug({ err: error }, 'a message may not have come back to its queue'))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function reliableRule(option: string, value: unknown): { readonly lease: number } {
  return parseOptions('MessageQueue options', value, { lease: optional(span(100), 30_000) }, option)
}
