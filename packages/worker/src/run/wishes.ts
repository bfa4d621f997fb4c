import type { Duration } from '@ripen/store'
import { acrossCopies, describeError, longestDuration, milliseconds, read } from '@ripen/store/internal'

interface Cause {
  readonly cause?: unknown
}

/** Throw it in a handler to fail the job for good, even if attempts are left. */
export class Discard extends Error {
  static {
    acrossCopies(this, ['Discard'])
  }

  constructor(reason = 'discarded by its handler', options?: Cause) {
    super(reason, options)
    this.name = 'Discard'
  }
}

/**
 * Throw it in a handler to run the job again later without using an attempt. With a cause, `job.error` shows
 * it until then.
 */
export class Snooze extends Error {
  static {
    acrossCopies(this, ['Snooze'])
  }

  /** ms */
  readonly delay: number

  /** @throws ConfigurationError for a bad duration. */
  constructor(duration: Duration, options?: Cause) {
    const delay = milliseconds('duration', duration)
    super(`snoozed for ${duration}${because(options)}`, options)
    this.name = 'Snooze'
    this.delay = delay
  }
}

/**
 * Throw it in a handler to fail the attempt and set the delay before the next one. The last attempt still
 * fails the job for good.
 */
export class RetryIn extends Error {
  static {
    acrossCopies(this, ['RetryIn'])
  }

  /** ms */
  readonly delay: number

  /** @throws ConfigurationError for a bad duration. */
  constructor(duration: Duration, options?: Cause) {
    const delay = milliseconds('duration', duration)
    super(`to be tried again in ${duration}${because(options)}`, options)
    this.name = 'RetryIn'
    this.delay = delay
  }
}

/** What the message tells of the cause. */
function because(options: Cause | undefined): string {
  const cause = read(options, 'cause')
  return cause === undefined || cause === null ? '' : `: ${describeError(cause).message}`
}

/** What was asked for by throwing this, if anything. Never throws. */
export function wishOf(thrown: unknown): 'discard' | 'snooze' | 'retry' | undefined {
  if (thrown instanceof Discard) return 'discard'
  if (delayOf(thrown) === undefined) return undefined
  return thrown instanceof Snooze ? 'snooze' : thrown instanceof RetryIn ? 'retry' : undefined
}

/** ms of a Snooze or a RetryIn. */
export function delayOf(thrown: unknown): number | undefined {
  const delay = read(thrown, 'delay')
  return typeof delay === 'number' && delay >= 0 && delay <= longestDuration ? Math.round(delay) : undefined
}
