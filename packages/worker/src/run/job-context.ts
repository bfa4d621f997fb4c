/** The second argument of a handler. Its members may be destructured. */
export interface JobContext {
  /** Aborts with a TimedOutError, CancelledError, LeaseLostError or ClosingError as its reason. */
  readonly signal: AbortSignal
  /** A number that grows with every lease of the job, across all retries. Pass it on with what you write elsewhere, so that a write of a stale worker can be refused. */
  readonly fence: number
  /** How many attempts have begun, including this one: 1 in the first. A snooze, a hand-back or a stall does not count. */
  readonly attempt: number
  /**
   * Publishes how far the job is. Any process can read it as `job.progress`. It may be called thousands of times a second: the latest value is stored every 100 ms, and when the job ends.
   *
   * @throws InvalidJobError for a value that JSON cannot hold.
   */
  readonly progress: (value: unknown) => Promise<void>
}
