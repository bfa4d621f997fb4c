import type { Shard } from '@ripen/queue/internal'
import { describeError, threadFile } from '@ripen/store/internal'
import { Worker as Thread } from 'node:worker_threads'
import { pulseIndex, pulseLength, type Beat, type BeatFailed, type StartBeating, type StopBeating } from './heartbeat-messages.ts'

/** ms between two signs of life of the event loop. */
const turnInterval = 250

export interface HeartbeatOptions {
  readonly worker: string
  readonly lease: number
  readonly maxBlocked: number
  readonly about: string
  /** The first time (see {@link monotonic}) at which a running job is past its timeout and grace; 0 for none. */
  deadline(): number
  beat(message: Beat): void
  failed(message: string): void
}

/** The clock that both threads read: ms that do not follow changes of the wall clock. */
export function monotonic(): number {
  return performance.timeOrigin + performance.now()
}

/** @throws ConfigurationError in a bundled program that lacks it. */
export function heartbeatFile(): URL {
  return threadFile('heartbeat-thread.js', () => [
    new URL('./heartbeat-thread.js', import.meta.url),
    new URL('../dist/heartbeat-thread.js', import.meta.url),
  ])
}

/** One thread serves all workers of the process; it ends with the last of them. */
let thread: Thread | undefined
const hearts = new Map<number, Pick<HeartbeatOptions, 'beat' | 'failed'>>()
let lastHeart = 0

function sharedThread(): Thread {
  if (thread !== undefined) return thread
  const started = new Thread(heartbeatFile(), { execArgv: [], name: 'ripen-heartbeat' })
  started.unref()
  started.on('message', (message: Beat | BeatFailed) => {
    const heart = hearts.get(message.heart)
    if (message.type === 'beat') heart?.beat(message)
    else heart?.failed(message.error)
  })
  const lost = (why: string): void => {
    if (thread !== started) return
    thread = undefined
    for (const heart of hearts.values()) heart.failed(`the heartbeat thread ended: ${why}`)
  }
  started.on('error', (error) => lost(describeError(error).message))
  started.on('exit', (code) => lost(`code ${code}`))
  return (thread = started)
}

/** Keeps the leases of one worker, from a thread, so that a handler that blocks the event loop keeps its job. */
export class Heartbeat {
  readonly #heart = ++lastHeart
  readonly #shard: Shard
  readonly #options: HeartbeatOptions
  readonly #pulse = new Float64Array(new SharedArrayBuffer(pulseLength * Float64Array.BYTES_PER_ELEMENT))
  #timer: NodeJS.Timeout | undefined
  #start: StartBeating | undefined
  #thread: Thread | undefined
  readonly #spoken: Promise<boolean>
  #resolveSpoken!: (spoken: boolean) => void

  constructor(shard: Shard, options: HeartbeatOptions) {
    this.#shard = shard
    this.#options = options
    this.#spoken = new Promise((resolve) => (this.#resolveSpoken = resolve))
  }

  /** Resolves to true once the thread has spoken for the worker: from then on its leases are kept. To false when it was stopped before. */
  async start(): Promise<boolean> {
    const { worker, lease, maxBlocked, about } = this.#options
    const { workers, worker: info, cancels, sessions, meta } = this.#shard.keys
    const target = await this.#shard.store.connections.portableTarget(this.#shard.store.databaseNumber)
    this.#start = {
      type: 'start',
      heart: this.#heart,
      worker,
      target,
      keys: { workers, worker: info, cancels, sessions, meta },
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
    this.#turn()
    this.#timer = setInterval(() => this.#turn(), turnInterval).unref()
    return this.#spoken
  }

  #turn(): void {
    this.#pulse[pulseIndex.turns] = (this.#pulse[pulseIndex.turns] ?? 0) + 1
    this.#pulse[pulseIndex.deadline] = this.#options.deadline()
    this.#pulse[pulseIndex.clockOffset] = this.#shard.store.clockOffset
    // Also after the thread was lost: a new one takes over.
    const current = sharedThread()
    if (this.#thread === current) return
    this.#thread = current
    current.postMessage(this.#start)
  }

  stop(): void {
    clearInterval(this.#timer)
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
