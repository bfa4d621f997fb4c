import type { RipenError } from '@ripen/store'
import { batchJobs } from '../constants.ts'
import type { StoredJob } from '../job/job.ts'
import type { PreparedJob } from './prepared-job.ts'

/**
 * A job between `add` and the answer of the server, and whoever waits for it. Its id is that of the batch in
 * which it is sent.
 */
export interface PendingAdd {
  readonly job: PreparedJob
  /** When it came, on the clock of the store. */
  readonly since: number
  readonly resolve: (job: StoredJob) => void
  readonly reject: (error: RipenError) => void
}

/** A batch has at most this many characters of rows, and `batchJobs`. */
const batchCharacters = 2 ** 20
/**
 * More than twice this many jobs go in two calls, so that the server works on one while the other is written.
 */
const halfBatch = 125

/** Adds that are not under way, in the order in which they came. */
export class PendingAdds {
  readonly #spread: number
  #adds: PendingAdd[] = []

  /**
   * @param spread in ms: the adds of a batch came within it. In an outage adds of many moments gather, and a
   *   batch has one deadline.
   */
  constructor(spread: number) {
    this.#spread = spread
  }

  /** The one that has waited longest. */
  get first(): PendingAdd | undefined {
    return this.#adds[0]
  }

  push(add: PendingAdd): void {
    this.#adds.push(add)
  }

  /** What was taken and not added comes before the others. */
  putBack(adds: readonly PendingAdd[]): void {
    this.#adds = [...adds, ...this.#adds]
  }

  takeAll(): readonly PendingAdd[] {
    const all = this.#adds
    this.#adds = []
    return all
  }

  /** Those that travel together. */
  takeBatch(): readonly PendingAdd[] {
    const adds = this.#adds
    const until = (adds[0]?.since ?? 0) + this.#spread
    const most = adds.length > 2 * halfBatch ? Math.min(batchJobs, Math.ceil(adds.length / 2)) : batchJobs
    let characters = 0
    let count = 0
    while (count < adds.length && count < most) {
      const { job, since } = adds[count] as PendingAdd
      characters += job.row.length
      if (count > 0 && (characters > batchCharacters || since > until)) break
      count++
    }
    return count === adds.length ? this.takeAll() : adds.splice(0, count)
  }
}
