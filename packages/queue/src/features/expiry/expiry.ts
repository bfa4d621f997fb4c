import type { Duration } from '@ripen/store'
import { span } from '@ripen/store/internal'
import { isSpan } from '../../job/checks.ts'
import type { JobFeature } from '../job-feature.ts'

export interface ExpiryOption {
  /**
   * How long after being due the job may still start, at least 1 ms. A job that no worker has taken by then
   * fails with an ExpiredError and does not run. The time starts again when the job becomes due again (a
   * retry, a snooze, `retry`, `promote`) or loses its lease. It goes on while the job waits for its unique
   * key or in a paused queue. Default: no limit.
   */
  readonly expiresIn?: Duration
}

/** In ms. */
export const expiry: JobFeature<number> = { name: 'expiry', varies: false, rule: span(1), isStored: isSpan, encode: String }
