import type { StoredJob } from '@ripen/queue/internal'
import type { HeldJob } from './held-job.ts'
import type { Verdict } from './verdict.ts'

/** How a job left this worker, and what to tell of it once the server has accepted the verdict. */
export interface Outcome {
  readonly held: HeldJob
  readonly verdict: Verdict
  readonly event: 'completed' | 'failed' | 'retrying' | 'cancelled' | 'snoozed' | 'handedBack'
  /** Undefined for a job that was not read here, or cannot be. */
  readonly job: StoredJob | undefined
  readonly value?: unknown
  readonly error?: Error
  readonly delay?: number
  /** Whether this worker lets others take jobs first for a moment. */
  readonly yielding?: true
}

/** The lease that an outcome ends: a job that was lost and taken again has another. */
export function leaseOf({ id, fence }: HeldJob): string {
  return `${fence} ${id}`
}
