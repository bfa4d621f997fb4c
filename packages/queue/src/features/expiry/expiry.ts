import type { Duration } from '@ripen/store'
import { span } from '@ripen/store/internal'
import { isSpan } from '../../job/checks.ts'
import type { JobFeature } from '../job-feature.ts'

export interface ExpiryOption {
  /**
   * How long after it is due the job may still start, at least 1 ms: one that has not been taken by a worker
   * by then fails with an ExpiredError instead of running. Whatever makes it due anew (a retry, a snooze,
   * `retry`, `promote`) and the loss of a lease let the time begin again; a job that waits for another one of
   * its unique key, or in a paused queue, has no more time than others. Default: no limit.
   */
  readonly expiresIn?: Duration
}

/** In ms. */
export const expiry: JobFeature<number> = { name: 'expiry', rule: span(1), isStored: isSpan, encode: String }
