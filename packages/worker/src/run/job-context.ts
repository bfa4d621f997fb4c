import type { Logger } from '@ripen/store'

/** The second argument of a handler. Its members may be destructured. */
export interface JobContext {
  /** Aborts with a TimedOutError, CancelledError, LeaseLostError or ClosingError as its reason. */
  readonly signal: AbortSignal
  /**
   * A number that grows with every lease of the job, across all retries. Pass it on with what you write
   * elsewhere, so that a write of a stale worker can be refused.
   */
  readonly fence: number
  /**
   * How many attempts have begun, including this one: 1 in the first. A snooze, a hand-back or a stall does
   * not count.
   */
  readonly attempt: number
  /**
   * Publishes how far the job is. Any process can read it as `job.progress`. It may be called thousands of
   * times a second: the latest value is stored every 100 ms, and when the job ends.
   *
   * @throws InvalidJobError for a value that JSON cannot hold.
   */
  readonly progress: (value: unknown) => Promise<void>
  /**
   * Writes a line that is kept with the job, for `job.logs()`, and goes with it. Others see it within a
   * second, and at the latest when the attempt has ended. May be called thousands of times a second. A job
   * keeps its last 1,000 lines, and of these the last 64 kB. A line has at most 2 kB: what is longer is cut,
   * with a `…`. Never throws: fields that JSON cannot hold are described. Lines that are logged after the
   * attempt has ended, or its lease is lost, are not kept. Each time lines are stored, ten times a second at
   * most, the server writes all that the job keeps anew: log what an operator needs.
   */
  readonly log: (message: string, fields?: object) => void
  /**
   * The worker's logger, with `queue`, `job` (its id), `jobName` and `attempt` in each line. Fields of yours
   * with these names stand under `given`, and an error in place of fields stands under `err`. Its lines go
   * where the process logs, and are not kept with the job.
   */
  readonly logger: Logger
}
