/** What a handler gets beside the job. Its members may be taken apart. */
export interface JobContext {
  /** Aborts with a TimedOutError, CancelledError, LeaseLostError or ClosingError as its reason. */
  readonly signal: AbortSignal
  /** Grows with every lease, over all retries: hand it on with what you write elsewhere, so that a stale worker's write can be refused. */
  readonly fence: number
  /** How many attempts have begun, this one among them: 1 in the first. A snooze, a hand-back and a stall are none. */
  readonly attempt: number
  /**
   * Publishes how far the job is; any process sees it as `job.progress`. May be called thousands of times a second: the last value is stored every 100 ms, and at the end.
   *
   * @throws InvalidJobError for what JSON cannot hold.
   */
  readonly progress: (value: unknown) => Promise<void>
}
