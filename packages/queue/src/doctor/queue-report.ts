/**
 * What holds for the keys of a queue at every instant:
 *
 * - `known`: every id in a state has a row.
 * - `one-state`: a job that has a row is in exactly one state.
 * - `lease`: an active job has a lease, and no other has one.
 * - `score`: a ready job stands in the band of its priority; other scores are times.
 * - `row`: the rows of a job can be read.
 * - `leftover`: state rows, cancels, waiters and watchers belong to jobs that may have them.
 * - `expiry`: whatever is kept beyond the rule of the queue has an end, and whatever has an end exists.
 * - `unique`: the holder of a unique key has not ended, or holds it until a set time. A blocked job waits for
 *   another job of its key.
 * - `schedule`: a schedule can be read, and has a next run unless it is paused or over; nothing else has one.
 * - `deadline`: a job with an `expiresIn` that has not ended has a deadline, and no other job has one.
 * - `feature`: every feature that the queue uses is listed, so that every script knows of it.
 * - `counts`: there are as many rows as jobs in all states, and as many leases as active jobs.
 */
export type QueueInvariant =
  | 'known'
  | 'one-state'
  | 'lease'
  | 'score'
  | 'row'
  | 'leftover'
  | 'expiry'
  | 'unique'
  | 'schedule'
  | 'deadline'
  | 'feature'
  | 'counts'

export interface QueueFinding {
  readonly invariant: QueueInvariant
  /**
   * The id of the job or schedule, the name of the feature, a member of `expiry`, or a field of `unique`;
   * empty for counts.
   */
  readonly id: string
  readonly detail: string
  readonly repaired: boolean
}

export interface QueueReport {
  readonly queue: string
  /** True if everything that was found was repaired. */
  readonly ok: boolean
  /** How many entries were checked. */
  readonly checked: number
  /** How many findings there were; `findings` has the first 1,000. */
  readonly found: number
  /** How many of them were repaired. */
  readonly repaired: number
  readonly findings: readonly QueueFinding[]
}

/** How far the check of a queue is. */
export interface QueueProgress {
  readonly checked: number
  /** How many entries there were at the start. A queue at work changes meanwhile. */
  readonly total: number
  readonly found: number
}
