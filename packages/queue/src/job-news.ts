import type { CallBounds } from '@ripen/store/internal'
import { waitScript } from './scripts.generated.ts'
import type { Shard } from './shard.ts'

/** Messages can be lost with a connection: who listens asks this often, in ms, which also renews what the server knows of him. */
export const askEvery = 5_000
/** How long retention spares a result for somebody who was there when last heard of, in ms. */
const spared = 60_000

/** What the server tells of a job that somebody waits for or watches: how it ended, with its state row; or that it has moved, which only those hear who watch. */
export interface JobMessage {
  readonly kind: 'completed' | 'failed' | 'cancelled' | 'gone' | 'moved'
  readonly row: string
}

/** `undefined`: some may have been missed. */
type Listener = (message: JobMessage | undefined) => void

const kinds: Readonly<Record<string, JobMessage['kind']>> = { c: 'completed', f: 'failed', x: 'cancelled', g: 'gone', m: 'moved' }

/** News of a queue's jobs. All who listen share the store's subscribing connection and one channel. */
export class JobNews {
  readonly #shard: Shard
  readonly #listeners = new Map<string, Set<Listener>>()
  #subscription: Promise<() => void> | undefined

  constructor(shard: Shard) {
    this.#shard = shard
  }

  /** The returned function ends it. What happens before {@link holds} resolves may be missed. */
  listen(id: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(id)
    if (listeners === undefined) this.#listeners.set(id, (listeners = new Set()))
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id)
    }
  }

  /** Resolves when the subscription holds. @throws ConnectionError, ClosingError. */
  async holds(): Promise<void> {
    this.#subscription ??= this.#subscribe()
    await this.#subscription
  }

  async #subscribe(): Promise<() => void> {
    try {
      return await this.#shard.store.subscriber.listen(this.#shard.channels.news, (message) => this.#hear(message))
    } catch (error) {
      this.#subscription = undefined
      throw error
    }
  }

  /**
   * Asks to be told when the job ends, and, to watch it, also when it moves; to be repeated every few seconds.
   *
   * @returns how it has ended; undefined when it has not.
   */
  async ask(id: string, watches: boolean, bounds?: CallBounds): Promise<JobMessage | undefined> {
    const [kind, row] = await this.#shard.script(waitScript, { id, duration: spared, watches: watches ? '1' : '' }, [], bounds)
    return kind === 'waiting' ? undefined : { kind: kind as JobMessage['kind'], row }
  }

  #hear(message: string | undefined): void {
    if (message === undefined) {
      for (const listeners of this.#listeners.values()) for (const listener of listeners) listener(undefined)
      return
    }
    const split = message.indexOf('\n')
    const kind = kinds[message.charAt(0)]
    if (kind === undefined) return
    for (const listener of this.#listeners.get(message.slice(1, split)) ?? []) listener({ kind, row: message.slice(split + 1) })
  }

  close(): void {
    this.#subscription?.then(
      (stop) => stop(),
      () => undefined, // it was heard by whoever began to listen
    )
  }
}
