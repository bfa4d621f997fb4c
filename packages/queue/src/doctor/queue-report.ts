/**
 * What holds for the keys of a queue at every instant:
 *
 * - `known`: what is in a state has a row.
 * - `one-state`: a job that has a row is in exactly one state.
 * - `lease`: an active job has a lease, and no other has one.
 * - `score`: a ready job stands in the band of its priority; other scores are times.
 * - `row`: the rows of a job can be read.
 * - `leftover`: state rows, cancels, waiters and watchers belong to jobs that may have them.
 * - `expiry`: what is kept beyond the rule of the queue ends some day, and what ends is there.
 * - `unique`: who holds a unique key has not ended, or the time for which it is held ends; a blocked job waits for another one of its key.
 * - `schedule`: a schedule can be read, and has a next run unless it is paused or over; nothing else has one.
 * - `deadline`: a job with an `expiresIn` that has not ended has a time until which it may start, and no other job has one.
 * - `feature`: what the queue uses is named among its features, so that every script knows of it.
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
  /** Of the job, schedule or feature; a member of `expiry` or a field of `unique` as it stands there; empty for counts. */
  readonly id: string
  readonly detail: string
  readonly repaired: boolean
}

export interface QueueReport {
  readonly queue: string
  /** Whether nothing was found that was not repaired. */
  readonly ok: boolean
  /** How many entries were looked at. */
  readonly checked: number
  /** How many findings there were; `findings` has the first 1,000. */
  readonly found: number
  /** How many of them were repaired. */
  readonly repaired: number
  readonly findings: readonly QueueFinding[]
}

/** How far a look at a queue has come. */
export interface QueueProgress {
  readonly checked: number
  /** How many entries there were when it began; a queue at work changes meanwhile. */
  readonly total: number
  readonly found: number
}
