import type { CallBounds } from '@ripen/store/internal'
import { randomBytes } from 'node:crypto'
import { batchJobs } from '../constants.ts'
import { giveBackScript, waitScript } from '../scripts.generated.ts'
import type { Shard } from '../shard/shard.ts'

/**
 * Messages can be lost with a connection, so a listener asks this often, in ms. This also renews its entry on
 * the server.
 */
export const askEvery = 5_000
/** How long retention spares a result for somebody who was there when last heard of, in ms. */
const spared = 60_000

/**
 * What the server tells of a job that somebody waits for or watches: how it ended, with its state row; or
 * that it has moved, which only those hear who watch.
 */
export interface JobMessage {
  readonly kind: 'completed' | 'failed' | 'cancelled' | 'gone' | 'moved'
  readonly row: string
}

/** `undefined`: some may have been missed. */
type Listener = (message: JobMessage | undefined) => void

const kinds: Readonly<Record<string, JobMessage['kind']>> = { c: 'completed', f: 'failed', x: 'cancelled', g: 'gone', m: 'moved' }

/** A job that is listened for. */
interface Topic {
  readonly listeners: Set<Listener>
  /** The server may know that this client waits for it. */
  claimed: boolean
  /** It has ended, as was heard or answered. */
  ended: boolean
}

/** News of a queue's jobs. All who listen share the store's subscribing connection and one channel. */
export class JobNews {
  readonly #shard: Shard
  readonly #topics = new Map<string, Topic>()
  /** What the server calls this client among those who wait. */
  readonly #name = randomBytes(9).toString('base64url')
  #heard: string[] = []
  #givingBack = false
  #subscription: Promise<() => void> | undefined

  constructor(shard: Shard) {
    this.#shard = shard
  }

  /** The returned function ends it. What happens before {@link holds} resolves may be missed. */
  listen(id: string, listener: Listener): () => void {
    let topic = this.#topics.get(id)
    if (topic === undefined) this.#topics.set(id, (topic = { listeners: new Set(), claimed: false, ended: false }))
    const { listeners } = topic
    listeners.add(listener)
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return
      this.#topics.delete(id)
      if (topic.claimed && topic.ended) this.#giveBack(id)
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
   * Asks to be told when the job ends, and, to watch it, also when it moves; to be repeated every few
   * seconds.
   *
   * @returns how it has ended; undefined when it has not.
   */
  async ask(id: string, watches: boolean, bounds?: CallBounds): Promise<JobMessage | undefined> {
    const topic = this.#topics.get(id)
    const claimed = topic?.claimed ?? false
    if (topic !== undefined) topic.claimed = true
    const values = { id, duration: spared, watches: watches ? '1' : '', name: this.#name }
    const [kind, row] = await this.#shard.script(waitScript, values, [], bounds)
    if (kind === 'waiting') return undefined
    if (topic !== undefined) Object.assign(topic, { claimed, ended: kind !== 'gone' })
    return { kind: kind as JobMessage['kind'], row }
  }

  /**
   * Nobody here waits for the job any more, and it has ended: retention need not spare it. What is given back
   * meanwhile goes with the next call.
   */
  #giveBack(id: string): void {
    this.#heard.push(id)
    if (!this.#givingBack) void this.#giveAllBack()
  }

  async #giveAllBack(): Promise<void> {
    this.#givingBack = true
    await Promise.resolve()
    while (this.#heard.length > 0) {
      try {
        await this.#shard.script(giveBackScript, { name: this.#name }, this.#heard.splice(0, batchJobs))
      } catch (error) {
        // They fall under the rule of the queue when the longest wait would have ended.
        this.#shard.store.logger.debug({ err: error }, 'results of ended waits could not be released to retention')
      }
    }
    this.#givingBack = false
  }

  #hear(message: string | undefined): void {
    if (message === undefined) {
      for (const { listeners } of this.#topics.values()) for (const listener of listeners) listener(undefined)
      return
    }
    const split = message.indexOf('\n')
    const kind = kinds[message.charAt(0)]
    if (kind === undefined) return
    const topic = this.#topics.get(message.slice(1, split))
    if (topic === undefined) return
    topic.ended ||= kind !== 'moved' && kind !== 'gone'
    for (const listener of topic.listeners) listener({ kind, row: message.slice(split + 1) })
  }

  close(): void {
    this.#subscription?.then(
      (stop) => stop(),
      () => undefined, // it was heard by whoever began to listen
    )
  }
}
