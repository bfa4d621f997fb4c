import type { Job } from '@ripen/queue'

/**
 * The events of a worker, with the arguments of their listeners. An outcome is emitted once the server has
 * accepted it.
 */
export interface WorkerEvents<J> {
  completed: [job: Job<J>, result: unknown]
  /**
   * The job failed for good: no attempt is left or wanted. Or it did not start in time (ExpiredError), and
   * this worker was the first to notice.
   */
  failed: [job: Job<J>, error: Error]
  /** An attempt failed. The next one comes after `delay` ms. */
  retrying: [job: Job<J>, error: Error, delay: number]
  /** This worker took the lease of a job from a worker that had fallen silent. */
  stalled: [id: string]
  cancelled: [job: Job<J>, error: Error]
  progress: [job: Job<J>, value: unknown]
  /**
   * Nothing runs, and there was nothing to take: after the last job, or when a new worker finds nothing to
   * do.
   */
  drained: []
  /**
   * Something other than a job failed, including listeners of other events. Without a listener the error is
   * logged, as are errors that its own listeners throw.
   */
  error: [error: Error]
  /** The worker takes jobs again, after an `error` that said it could not. */
  recovered: []
  closed: []
}
