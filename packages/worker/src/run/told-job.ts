import type { StoredJob } from '@ripen/queue/internal'
import type { Outcome } from './runner.ts'
import { jobErrorOf } from './verdict.ts'

/** How a job left its worker. */
type Told = Pick<Outcome, 'event' | 'value'> & { readonly error: Error | undefined }

/** The job that listeners get with an event, as it is then. */
export function toldJob(job: StoredJob, { event, value, error }: Told): StoredJob {
  const state = event === 'retrying' || event === 'released' ? 'scheduled' : event
  return job.with({ state, result: value, error: error && jobErrorOf(error) })
}
