import type { StoredJob } from '@ripen/queue/internal'
import type { Outcome } from './outcome.ts'
import { jobErrorOf } from './verdict.ts'

interface Told {
  readonly event: Exclude<Outcome['event'], 'snoozed' | 'handedBack'>
  readonly value: unknown
  readonly error: Error | undefined
}

/** The job that listeners get with an event, as it is then. */
export function toldJob(job: StoredJob, { event, value, error }: Told): StoredJob {
  return job.with({ state: event === 'retrying' ? 'scheduled' : event, result: value, error: error && jobErrorOf(error) })
}
