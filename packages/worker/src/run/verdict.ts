import { encodeState, encodeTail, serialize, type DecodedRow, type JobStateRow } from '@ripen/queue/internal'
import type { JobError } from '@ripen/queue'
import { CancelledError } from '@ripen/store'
import { describeError } from '@ripen/store/internal'
import type { HeldJob } from './held-job.ts'

/** What becomes of a leased job, as the `settle` script takes it: fence, letter, values. */
export type Verdict = string

/** The verdict that nearly all jobs of a batch get: one text for all, which also travels once. */
let plain = { fence: '', text: '' }

/** Back to its place, untouched. */
export function handBack(job: HeldJob): Verdict {
  return `${job.fence}b${job.score}`
}

/** Completed. @throws InvalidJobError for a result that cannot be stored. */
export function complete(
  job: HeldJob,
  state: JobStateRow,
  row: DecodedRow,
  result: unknown,
  progress: string | undefined,
  maxPayload: number,
): Verdict {
  const keep = retention(row.options.retain?.completed)
  if (result === undefined && progress === undefined && job.stateRow === '' && keep === '') {
    if (plain.fence !== job.fence) plain = { fence: job.fence, text: `${job.fence}c;` }
    return plain.text
  }
  const tail = encodeTail({
    result: serialize(`result of job ${row.name}`, result, maxPayload),
    progress: progress ?? storedProgress(state),
  })
  return `${job.fence}c${keep};${encodeState(state.attempts + 1, state.stalls, state.due, job.fence, tail)}`
}

/** Failed for good. `attempts` counts this one where it was one. */
export function fail(
  job: HeldJob,
  state: JobStateRow,
  row: DecodedRow | undefined,
  attempts: number,
  error: JobError,
  progress: string | undefined,
): Verdict {
  const tail = encodeTail({ error, progress: progress ?? storedProgress(state) })
  return `${job.fence}f${retention(row?.options.retain?.failed)};${encodeState(attempts, state.stalls, state.due, job.fence, tail)}`
}

/** Failed, whatever its rows say: they cannot be read, or not be written again. */
export function failUnread(job: HeldJob, { attempts, stalls }: Pick<JobStateRow, 'attempts' | 'stalls'>, error: JobError): Verdict {
  return fail(job, { attempts, stalls, due: undefined, fence: undefined }, undefined, attempts, error, '')
}

/** Cancelled. `attempts` counts this one where it has begun. */
export function cancel(
  job: HeldJob,
  state: JobStateRow,
  row: DecodedRow,
  attempts: number,
  error: CancelledError,
  progress: string | undefined,
): Verdict {
  const tail = encodeTail({ error: jobErrorOf(error), progress: progress ?? storedProgress(state) })
  return `${job.fence}x${retention(row.options.retain?.completed)};${encodeState(attempts, state.stalls, state.due, job.fence, tail)}`
}

/**
 * Again after a delay in ms; the script writes the due time into the row. `error` is that of a failed
 * attempt; a snooze keeps the one before.
 */
export function again(
  job: HeldJob,
  state: JobStateRow,
  attempts: number,
  delay: number,
  error: JobError | undefined,
  progress: string | undefined,
): Verdict {
  const tail = encodeTail({ error: error ?? state.error, progress: progress ?? storedProgress(state) })
  return `${job.fence}r${delay};${encodeState(attempts, state.stalls, undefined, job.fence, tail)}`
}

/** An error as the job keeps it. */
export function jobErrorOf(error: Error): JobError {
  return error instanceof CancelledError ? { ...describeError(error), reason: error.reason } : describeError(error)
}

function retention(own: number | false | undefined): string {
  return own === undefined ? '' : own === false ? '0' : String(own)
}

function storedProgress(state: JobStateRow): string | undefined {
  return state.progress === undefined ? undefined : JSON.stringify(state.progress)
}
