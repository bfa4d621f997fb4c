import { encodeState, encodeTail, progressScript, type Shard } from '@ripen/queue/internal'
import type { Attempt } from './attempt.ts'

/** ms between two writes. */
const interval = 100
/** Jobs in one call. */
const batch = 500

/** Where progress goes: the last value of each job, however often it changes. */
interface ProgressSink {
  changed(attempt: Attempt): Promise<void>
  close(): void
}

/** Keeps progress in the job's state row; the final value travels with the settlement. */
export class ProgressWriter implements ProgressSink {
  readonly #shard: Shard
  readonly #onError: (error: unknown) => void
  #changed = new Set<Attempt>()
  #timer: NodeJS.Timeout | undefined
  #last = Number.NEGATIVE_INFINITY
  #written: Promise<void> = Promise.resolve()
  #resolve: (() => void) | undefined

  constructor(shard: Shard, onError: (error: unknown) => void) {
    this.#shard = shard
    this.#onError = onError
  }

  /** Resolves when the value, or a later one, has been stored or has become needless. */
  changed(attempt: Attempt): Promise<void> {
    this.#changed.add(attempt)
    if (this.#timer === undefined) {
      this.#written = new Promise((resolve) => (this.#resolve = resolve))
      this.#timer = setTimeout(() => void this.#write(), Math.max(0, this.#last + interval - performance.now()))
    }
    return this.#written
  }

  async #write(): Promise<void> {
    const attempts = [...this.#changed].filter((attempt) => !attempt.over)
    const resolve = this.#resolve
    this.#changed = new Set()
    this.#timer = undefined
    this.#last = performance.now()
    try {
      for (let start = 0; start < attempts.length; start += batch) {
        const rest = attempts.slice(start, start + batch).flatMap(({ held, state, progressText }) => {
          const tail = encodeTail({ error: state.error, progress: progressText })
          return [held.id, held.fence, encodeState(state.attempts, state.stalls, state.due, held.fence, tail)]
        })
        await this.#shard.script(progressScript, {}, rest)
      }
    } catch (error) {
      this.#onError(error)
    } finally {
      resolve?.()
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#resolve?.()
  }
}
