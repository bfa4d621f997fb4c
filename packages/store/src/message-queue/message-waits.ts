import type { Redis } from 'ioredis'
import { ClosingError, TimedOutError } from '../errors/errors.ts'
import { plainCause } from '../foreign/plain-cause.ts'
import type { RipenStore } from '../store.ts'
import type { MessageList, TakenMessage } from './message-list.ts'

/**
 * The server answers the blocking pop after this long, in seconds. Tokens are hints and may be lost, so a
 * waiter then looks for itself.
 */
const look = 1
/** A blocking pop that is not answered after this long, in ms, is on a connection that has died unnoticed. */
const silence = 3_000
/** After a failed pop, in ms. */
const failurePause = 100

/** When a wait ends without a message; `timeout` in ms. */
export interface MessageBounds {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
}

interface Wait {
  /** The order in which they came. */
  readonly place: number
  readonly lease: number | undefined
  readonly signal: AbortSignal
  /** A take is under way for it, and its outcome is that of the wait. */
  offered: boolean
  resolve(taken: TakenMessage): void
  reject(error: unknown): void
}

/**
 * Those who wait for a message of one queue, in the order in which they came. They share one blocking
 * connection, which waits for a token only; messages are taken by a script, so that none is lost with an
 * answer.
 */
export class MessageWaits {
  readonly #store: RipenStore
  readonly #list: MessageList
  readonly #name: string
  /** By place. */
  readonly #waiting: Wait[] = []
  readonly #ends = new Set<(error: unknown) => void>()
  #client: Redis | undefined
  #places = 0
  #serving = false
  #closed = false

  constructor(store: RipenStore, list: MessageList, name: string) {
    this.#store = store
    this.#list = list
    this.#name = name
  }

  /**
   * @throws TimedOutError; the signal's reason; ClosingError; ConnectionError when there is no blocking
   *   connection left, or with timeout 0 no answer.
   */
  async next(lease: number | undefined, { timeout = Number.POSITIVE_INFINITY, signal }: MessageBounds): Promise<TakenMessage> {
    signal?.throwIfAborted()
    if (this.#closed) throw new ClosingError('the message queue')
    const ending = new AbortController()
    const end = (reason: unknown): void => ending.abort(reason)
    const abort = (): void => end(signal?.reason)
    const timedOut = (): TimedOutError =>
      new TimedOutError(timeout === 0 ? `there is no message in ${this.#name}` : `no message came to ${this.#name} within ${timeout} ms`)
    signal?.addEventListener('abort', abort, { once: true })
    // After a blocked event loop the timer comes before the message that has long arrived: let that be read
    // first.
    const callOff = timeout === 0 ? undefined : this.#store.clock.after(timeout, () => setImmediate(() => end(timedOut())))
    this.#ends.add(end)
    const place = this.#places++
    try {
      if (timeout === 0 || this.#waiting.length === 0) {
        const taken = await this.#take(lease, ending.signal, timeout === 0 ? undefined : Number.POSITIVE_INFINITY)
        if (taken !== undefined) return taken
        if (timeout === 0) throw timedOut()
      }
      return await this.#wait(place, lease, ending.signal)
    } finally {
      callOff?.()
      signal?.removeEventListener('abort', abort)
      this.#ends.delete(end)
    }
  }

  #take(lease: number | undefined, signal: AbortSignal, budget: number | undefined): Promise<TakenMessage | undefined> {
    return this.#list.take(lease, budget === undefined ? { signal } : { signal, budget })
  }

  async #wait(place: number, lease: number | undefined, signal: AbortSignal): Promise<TakenMessage> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const wait: Wait = { place, lease, signal, offered: false, resolve, reject }
      // One that came earlier may have looked for longer.
      const before = this.#waiting.findLastIndex((other) => other.place < place)
      this.#waiting.splice(before + 1, 0, wait)
      signal.addEventListener('abort', () => this.#giveUp(wait), { once: true })
      if (!this.#serving) void this.#serve()
    })
  }

  #giveUp(wait: Wait): void {
    if (wait.offered) return
    this.#leave(wait)
    wait.reject(wait.signal.reason)
  }

  #leave(wait: Wait): void {
    const index = this.#waiting.indexOf(wait)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  async #serve(): Promise<void> {
    this.#serving = true
    try {
      while (this.#waiting.length > 0) {
        await this.#hint()
        let more = true
        for (let first = this.#waiting[0]; first !== undefined && more; first = this.#waiting[0]) more = await this.#offer(first)
      }
    } catch (error) {
      for (const wait of this.#waiting.splice(0)) wait.reject(error)
    } finally {
      this.#serving = false
    }
  }

  /** Whether there may be more messages. */
  async #offer(wait: Wait): Promise<boolean> {
    wait.offered = true
    try {
      const taken = await this.#take(wait.lease, wait.signal, Number.POSITIVE_INFINITY)
      wait.offered = false
      if (taken === undefined) {
        if (wait.signal.aborted) this.#giveUp(wait)
        return false
      }
      wait.resolve(taken)
    } catch (error) {
      wait.reject(error)
    }
    this.#leave(wait)
    return true
  }

  /** Resolves when there may be a message. */
  async #hint(): Promise<void> {
    const client = (this.#client ??= await this.#open())
    const callOff = this.#store.clock.after(silence, () => client.disconnect(true))
    try {
      await client.blpop(this.#list.keys.wake, look)
    } catch (error) {
      this.#store.logger.debug({ err: plainCause(error) }, 'the wait for messages was interrupted, trying again')
      if (client.status === 'end') this.#client = undefined
      await this.#store.clock.pause(failurePause)
    } finally {
      callOff()
    }
  }

  async #open(): Promise<Redis> {
    const client = await this.#store.blocking()
    if (!this.#closed) return client
    client.disconnect()
    throw new ClosingError('the message queue')
  }

  close(): void {
    this.#closed = true
    for (const end of this.#ends) end(new ClosingError('the message queue'))
    this.#client?.disconnect()
  }
}
