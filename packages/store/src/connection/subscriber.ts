import type { Client } from '../call/caller.ts'
import type { Clock } from '../clock/clock.ts'
import { AccessError, ClosingError } from '../errors/errors.ts'
import type { Logger } from '../logger.ts'
import { isCluster } from './own-redis.ts'
import { quietRejections } from './quiet-rejections.ts'
import { classifyFailure } from '../call/reply-error.ts'
import { SubscriberView, type Listening } from './subscriber-view.ts'

/** Between two tries, in ms. */
const refusalPause = 100

/**
 * Called with a message, or with `undefined` after a reconnect, when messages may have been missed. It throws
 * for a message that it cannot read, which any client may have sent.
 */
export type Listener = (message: string | undefined) => void

/**
 * One subscribing connection for all waits of a store, opened by the first of them. Messages are hints: they
 * may be lost with the connection, so listeners hear of a reconnect and look for themselves.
 */
export class Subscriber {
  readonly #open: () => Promise<Client>
  readonly #logger: Logger
  readonly clock: Clock
  readonly #listeners = new Map<string, Set<Listener>>()
  /** Those of whose channel it was told that a message could not be read: once for each channel. */
  readonly #told = new WeakSet<ReadonlySet<Listener>>()
  #client: Promise<Client> | undefined
  #closed = false

  constructor(open: () => Promise<Client>, logger: Logger, clock: Clock) {
    this.#open = open
    this.#logger = logger
    this.clock = clock
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Listens over the same connection, and can be closed by itself. */
  view(): Listening {
    return new SubscriberView(this)
  }

  /**
   * Listens to a channel; the subscription holds when the promise resolves. The returned function ends it.
   */
  async listen(channel: string, listener: Listener): Promise<() => void> {
    if (this.#closed) throw new ClosingError('the store')
    let listeners = this.#listeners.get(channel)
    if (listeners === undefined) this.#listeners.set(channel, (listeners = new Set()))
    listeners.add(listener)
    this.#client ??= this.#connect(channel).catch((error: unknown) => {
      this.#client = undefined
      throw error
    })
    let client!: Client
    try {
      client = await this.#client
      await this.#onceThereIsRoom(() => client.subscribe(channel))
    } catch (error) {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(channel) === listeners) this.#listeners.delete(channel)
      if (this.#closed) throw new ClosingError('the store')
      const failure = classifyFailure(error).error
      throw failure instanceof AccessError && failure.missing === 'a channel'
        ? new AccessError(`channel ${channel}`, failure.cause)
        : failure
    }
    return () => {
      listeners.delete(listener)
      if (listeners.size > 0 || this.#listeners.get(channel) !== listeners || this.#closed) return
      this.#listeners.delete(channel)
      // A failed unsubscribe means a lost connection, and that ended the subscription as well.
      client.unsubscribe(channel).catch(() => undefined)
    }
  }

  async #connect(channel: string): Promise<Client> {
    const client = await this.#open()
    if (!isCluster(client)) quietRejections(client, 'subscribe')
    client.on('message', (channel: string, message: string) => {
      const listeners = this.#listeners.get(channel)
      if (listeners !== undefined) this.#tell(channel, listeners, message)
    })
    client.on('ready', () => {
      for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(undefined)
    })
    if (this.#closed) client.disconnect()
    try {
      // Every listener will unsubscribe later: one without that right is told now.
      await this.#onceThereIsRoom(() => client.unsubscribe(channel))
    } catch (error) {
      client.disconnect()
      throw error
    }
    return client
  }

  #tell(channel: string, listeners: ReadonlySet<Listener>, message: string): void {
    for (const listener of listeners) {
      try {
        listener(message)
      } catch {
        // Neither the message nor what JSON.parse says of it is told: it may be the data of somebody.
        if (this.#told.has(listeners)) continue
        this.#told.add(listeners)
        this.#logger.warn(
          { channel },
          'a message on a channel of Ripen cannot be read and is left out; further ones are left out in silence',
        )
      }
    }
  }

  /** Listeners look once more, and find that the store is closed. */
  close(): void {
    this.#closed = true
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(undefined)
    this.#listeners.clear()
    this.#client?.then(
      (client) => client.disconnect(),
      () => undefined,
    )
  }

  /** A connection that the server had no place for was not refused for good: ioredis makes another. */
  async #onceThereIsRoom(send: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await send()
        return
      } catch (error) {
        if (classifyFailure(error).kind !== 'refused') throw error
        await this.clock.pause(refusalPause, 'unref')
      }
    }
  }
}
