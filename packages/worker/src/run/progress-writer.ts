import { encodeState, encodeTail, type Shard } from '@ripen/queue/internal'
import type { Execution } from './execution.ts'

/** ms between two writes. */
const interval = 100
/** Jobs whose progress is under way at the same time. */
const batch = 500

/**
 * Writes the last progress of each job, however often it changes; the final value travels with the
 * settlement.
 */
export class ProgressWriter {
  readonly #shard: Shard
  readonly #onError: (error: unknown) => void
  #changed = new Set<Execution>()
  /** Calls off the next write. */
  #callOff: (() => void) | undefined
  #last = Number.NEGATIVE_INFINITY
  #written: Promise<void> = Promise.resolve()
  #resolve: (() => void) | undefined

  constructor(shard: Shard, onError: (error: unknown) => void) {
    this.#shard = shard
    this.#onError = onError
  }

  /** Resolves when the value, or a later one, has been stored or has become needless. */
  changed(execution: Execution): Promise<void> {
    this.#changed.add(execution)
    if (this.#callOff === undefined) {
      this.#written = new Promise((resolve) => (this.#resolve = resolve))
      const { clock } = this.#shard.store
      this.#callOff = clock.after(this.#last + interval - clock.now(), () => void this.#write())
    }
    return this.#written
  }

  async #write(): Promise<void> {
    const executions = [...this.#changed].filter((execution) => !execution.over)
    const resolve = this.#resolve
    this.#changed = new Set()
    this.#callOff = undefined
    this.#last = this.#shard.store.clock.now()
    for (let start = 0; start < executions.length; start += batch) {
      const written = await Promise.allSettled(executions.slice(start, start + batch).map((execution) => this.#store(execution)))
      for (const result of written) if (result.status === 'rejected') this.#onError(result.reason)
    }
    resolve?.()
  }

  #store({ held, state, progressText = '' }: Execution): Promise<void> {
    const tail = encodeTail({ error: state.error, progress: progressText })
    return this.#shard.storeProgress(
      held.id,
      held.fence,
      encodeState(state.attempts, state.stalls, state.due, held.fence, tail),
      progressText,
    )
  }

  close(): void {
    this.#callOff?.()
    this.#resolve?.()
  }
}
