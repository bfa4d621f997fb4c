import type { Duration } from '@ripen/store'
import { acrossCopies, milliseconds } from '@ripen/store/internal'

interface Cause {
  readonly cause?: unknown
}

/** Thrown by a handler: the job is failed at once, whatever attempts are left. */
export class Discard extends Error {
  static {
    acrossCopies(this)
  }

  constructor(reason = 'discarded by its handler', options?: Cause) {
    super(reason, options)
    this.name = 'Discard'
  }
}

/** Thrown by a handler: the job comes again later, and uses no attempt. */
export class Snooze extends Error {
  static {
    acrossCopies(this)
  }

  /** ms */
  readonly delay: number

  /** @throws ConfigurationError for a bad duration. */
  constructor(duration: Duration, options?: Cause) {
    super(`snoozed for ${duration}`, options)
    this.name = 'Snooze'
    this.delay = milliseconds('duration', duration)
  }
}

/** Thrown by a handler: the attempt failed, and the next one comes after a delay of its own. The last attempt fails all the same. */
export class RetryIn extends Error {
  static {
    acrossCopies(this)
  }

  /** ms */
  readonly delay: number

  /** @throws ConfigurationError for a bad duration. */
  constructor(duration: Duration, options?: Cause) {
    super(`to be tried again in ${duration}`, options)
    this.name = 'RetryIn'
    this.delay = milliseconds('duration', duration)
  }
}
