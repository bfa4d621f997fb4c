import type { Job } from '@ripen/queue'

/** What a worker tells, by event: the arguments of its listeners. Each is told once the server has accepted it. */
export interface WorkerEvents<J> {
  completed: [job: Job<J>, result: unknown]
  /** For good: no attempt is left, or none is to be made; or it had not started in time (ExpiredError), and this worker was the first to see it. */
  failed: [job: Job<J>, error: Error]
  /** An attempt failed; the next one comes after `delay` ms. */
  retrying: [job: Job<J>, error: Error, delay: number]
  /** Leases of workers that fell silent were taken from them by this one. */
  stalled: [id: string]
  cancelled: [job: Job<J>, error: Error]
  progress: [job: Job<J>, value: unknown]
  /** Nothing runs and nothing was there to take: after jobs, and when a worker that starts finds nothing to do. */
  drained: []
  /** Something went wrong that is no job's failure: also what a listener of another event threw or rejected with. Without a listener it goes to the logger, as does what its listeners throw. */
  error: [error: Error]
  /** It takes jobs again, after an `error` had told that the server does not answer. */
  recovered: []
  closed: []
}
