import type { Shard } from '@ripen/queue/internal'
import type { Client, RipenStore } from '@ripen/store/internal'
// It tells of the event loop that it turns, which no clock of a test changes.
// oxlint-disable-next-line eslint/no-restricted-imports
import { describeError, realClock, threadFile } from '@ripen/store/internal'
import { Worker as Thread } from 'node:worker_threads'
import { Heart } from './heart.ts'
import { pulseIndex, pulseLength, type Beat, type BeatFailed, type StartBeating, type StopBeating } from './heartbeat-messages.ts'

/** ms between two signs of life of the event loop. */
const turnInterval = 250

export interface HeartbeatOptions {
  readonly worker: string
  readonly lease: number
  readonly maxBlocked: number
  readonly about: string
  /** The first time (`monotonic`) at which a running job is past its timeout and grace; 0 for none. */
  deadline(): number
  beat(message: Beat): void
  failed(message: string): void
}

/** @throws ConfigurationError in a bundled program that lacks it. */
export function heartbeatFile(): URL {
  return threadFile('heartbeat-thread.js', () => [
    new URL('./heartbeat-thread.js', import.meta.url),
    new URL('../../dist/heartbeat/heartbeat-thread.js', import.meta.url),
  ])
}

/** One thread serves all workers of the process; it ends with the last of them. */
let thread: Thread | undefined
const hearts = new Map<number, Pick<HeartbeatOptions, 'beat' | 'failed'>>()
let lastHeart = 0
/** Stores whose user was told that heartbeats come from the main thread. */
const warned = new WeakSet<RipenStore>()

function dispatch(message: Beat | BeatFailed): void {
  const heart = hearts.get(message.heart)
  if (message.type === 'beat') heart?.beat(message)
  else heart?.failed(message.error)
}

function sharedThread(): Thread {
  if (thread !== undefined) return thread
  const started = new Thread(heartbeatFile(), { execArgv: [], name: 'ripen-heartbeat' })
  started.unref()
  started.on('message', dispatch)
  const lost = (why: string): void => {
    if (thread !== started) return
    thread = undefined
    for (const heart of hearts.values()) heart.failed(`the heartbeat thread ended: ${why}`)
  }
  started.on('error', (error) => lost(describeError(error).message))
  started.on('exit', (code) => lost(`code ${code}`))
  return (thread = started)
}

/**
 * Keeps the leases of one worker, from a thread, so that a handler that blocks the event loop keeps its job.
 */
export class Heartbeat {
  readonly #heart = ++lastHeart
  readonly #shard: Shard
  readonly #options: HeartbeatOptions
  readonly #pulse = new Float64Array(new SharedArrayBuffer(pulseLength * Float64Array.BYTES_PER_ELEMENT))
  #stopTurning: (() => void) | undefined
  #start: StartBeating | undefined
  #thread: Thread | undefined
  /** In the main thread, where the other one cannot connect as the user asked for. */
  #local: { readonly heart: Heart; readonly client: Client } | undefined
  readonly #unportable: readonly string[]
  #stopped = false
  readonly #spoken: Promise<boolean>
  #resolveSpoken!: (spoken: boolean) => void

  constructor(shard: Shard, options: HeartbeatOptions) {
    this.#shard = shard
    this.#options = options
    this.#unportable = shard.store.connections.unportable
    this.#spoken = new Promise((resolve) => (this.#resolveSpoken = resolve))
  }

  /**
   * Resolves to true once the thread has spoken for the worker: from then on its leases are kept. To false
   * when it was stopped before.
   */
  async start(): Promise<boolean> {
    const { worker, lease, maxBlocked, about } = this.#options
    const { workers, worker: info, cancels, sessions, expiry, readded, unique, leases, meta } = this.#shard.keys
    const target = await this.#shard.store.connections.portableTarget(this.#shard.store.databaseNumber)
    if (this.#stopped) return false
    this.#start = {
      type: 'start',
      heart: this.#heart,
      worker,
      target,
      keys: { workers, worker: info, cancels, sessions, expiry, readded, unique, leases, meta },
      lease,
      maxBlocked,
      about,
      pulse: this.#pulse,
    }
    hearts.set(this.#heart, {
      failed: (message) => this.#options.failed(message),
      beat: (message) => {
        this.#resolveSpoken(true)
        this.#options.beat(message)
      },
    })
    if (this.#unportable.length > 0) void this.#beatHere(this.#start)
    this.#turn()
    this.#stopTurning = realClock.every(turnInterval, () => this.#turn(), 'unref')
    return this.#spoken
  }

  #turn(): void {
    this.#pulse[pulseIndex.turns] = (this.#pulse[pulseIndex.turns] ?? 0) + 1
    this.#pulse[pulseIndex.deadline] = this.#options.deadline()
    this.#pulse[pulseIndex.clockOffset] = this.#shard.store.clockOffset
    if (this.#unportable.length > 0) return
    // Also after the thread was lost: a new one takes over.
    const current = sharedThread()
    if (this.#thread === current) return
    this.#thread = current
    current.postMessage(this.#start)
  }

  /**
   * Less than from a thread, but never over a connection that checks less than the user asked for, or leads
   * elsewhere.
   */
  async #beatHere(start: StartBeating): Promise<void> {
    const { store } = this.#shard
    if (!warned.has(store)) {
      const what = `cannot cross into the heartbeat thread, so heartbeats come from the main one: a handler that blocks the event loop for longer than the lease loses its jobs`
      store.logger.warn({ options: this.#unportable }, `${this.#unportable.join(', ')} ${what}`)
    }
    warned.add(store)
    try {
      const client = await store.connections.open('calls', store.databaseNumber)
      if (this.#stopped) client.disconnect()
      else this.#local = { client, heart: new Heart(start, client, dispatch) }
    } catch (error) {
      this.#options.failed(describeError(error).message)
    }
  }

  stop(): void {
    this.#stopped = true
    this.#stopTurning?.()
    this.#local?.heart.stop()
    this.#local?.client.disconnect()
    this.#resolveSpoken(false)
    hearts.delete(this.#heart)
    const message: StopBeating = { type: 'stop', heart: this.#heart }
    this.#thread?.postMessage(message)
    if (hearts.size > 0 || thread === undefined) return
    const ended = thread
    thread = undefined
    void ended.terminate()
  }
}
