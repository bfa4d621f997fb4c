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
  /** For {@link MessageQueue.receive}. Default: messages are taken for good only. */
  readonly reliable?: {
    /** How long a received message is spared from being delivered again. Default 30 s, at least 100 ms. */
    readonly lease?: Duration
  }
}

/** How long to wait for a message. */
export interface GetOptions {
  /** 0 does not wait. Default: for ever. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

const getRules = { timeout: optional(span(), undefined), signal: optional(signal, undefined) }

/**
 * Messages between processes, first in, first out: a list of the server without bound, at the key `{<prefix>::messages:<name>}:list`.
 *
 * `get` delivers at most once: a message is gone from the server before the caller has it, and lost when the process dies then. What only a connection loses is not lost: a `put` or
 * a `get` that is sent again is applied once, and a message whose caller has gone (abort, timeout, close) goes back to the head. `receive`, with the option `reliable`, delivers at
 * least once: the message stays on the server under a lease until it is acknowledged.
 *
 * The gets of one MessageQueue that wait share one blocking connection, kept until `close`, and are served in their order.
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
   * Appends a message; the empty text is one as well. Never waits for room.
   *
   * @returns how many messages the list has then.
   * @param message at most 1 MiB.
   * @throws ConfigurationError for what is no well-formed text, or longer; ConnectionError after `enqueueTimeout`: the message may have been put; StoreFullError.
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
   * @throws TimedOutError when nothing came within `timeout`; the signal's reason; ClosingError when the queue or the store closes; ConnectionError with timeout 0 when no answer
   * came within `enqueueTimeout`, and when all blocking connections of the store are in use. Without timeout it waits for the end of an outage.
   */
  async get(options?: GetOptions): Promise<string> {
    const { message } = await this.#next(undefined, parseOptions('get options', options, getRules))
    return message
  }

  /**
   * Takes the next message under a lease: at least once. It must be acknowledged before the lease lapses.
   *
   * @throws ConfigurationError on a queue without the option `reliable`; else as {@link get}.
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

  /** How many messages wait. Those under a lease do not, until it lapses. */
  size(): Promise<number> {
    return this.#list.size()
  }

  /**
   * Deletes all messages, those under a lease too.
   *
   * @returns how many. A call that an outage cuts off is sent again, and may then answer 0 for what it deleted itself.
   */
  purge(): Promise<number> {
    return this.#list.purge()
  }

  /** Ends gets that wait with a ClosingError and closes their connection. The messages stay, and what was received can still be settled. Idempotent; at most about 1 s. */
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
