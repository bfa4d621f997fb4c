import { decodeRow } from '@ripen/queue/internal'
import { CancelledError } from '@ripen/store'
import { stateOf } from '../../packages/worker/src/run/held-job.ts'
import { again, cancel, complete, fail, handBack, type Verdict } from '../../packages/worker/src/run/verdict.ts'
import { describeError } from '@ripen/store/internal'
import type { Held } from './client.ts'
import type { EndState, Model, ModelJob, TakenLease } from './model.ts'
import { putBack } from './settle-steps.ts'

export type Ending = EndState | 'retried' | 'snoozed' | 'released'

/** How a handler ended, under which lease. */
export interface Judged {
  readonly ending: Ending
  /** ms until it is tried again. */
  readonly delay: number
  readonly result: string | undefined
  readonly lease: TakenLease
}

/** As a worker says it; a discarded job is a failed one. */
export function verdictOf({ ending, delay, result }: Judged, { job, progress }: Held): Verdict {
  const state = stateOf(job)
  const row = decodeRow(job.row)
  const attempts = state.attempts + 1
  const error = describeError(new Error('broken'))
  if (ending === 'released') return handBack(job)
  if (ending === 'retried') return again(job, state, attempts, delay, error, progress)
  if (ending === 'snoozed') return again(job, state, state.attempts, delay, undefined, progress)
  if (ending === 'failed') return fail(job, state, row, attempts, error, progress)
  if (ending === 'cancelled') return cancel(job, state, row, attempts, new CancelledError(job.id, ''), progress)
  return complete(job, state, row, result, progress, 1_000)
}

/** Answers, by position, whose lease was lost, and whom a cancel overruled. */
export function judge(model: Model, judged: readonly Judged[]): { refused: Set<number>; cancelled: Set<number> } {
  const refused = new Set<number>()
  const cancelled = new Set<number>()
  const ended = new Set<EndState>()
  for (const [i, { lease, ...outcome }] of judged.entries()) {
    const job = model.jobs.get(lease.id)
    if (job?.lease?.fence !== lease.fence) {
      refused.add(i)
      continue
    }
    if (outcome.ending !== 'snoozed' && outcome.ending !== 'released') job.attempts++
    let { ending } = outcome
    if (job.cancelled === true && ending !== 'cancelled') {
      cancelled.add(i)
      ending = 'cancelled'
      job.due = job.progress = undefined
    }
    if (ending === 'released') putBack(model, job, job.lease.back)
    else if (ending === 'retried' || ending === 'snoozed') postpone(model, job, lease.fence, { ...outcome, ending })
    else {
      job.fence = lease.fence
      job.error = { completed: undefined, failed: 'Error', cancelled: 'CancelledError' }[ending]
      if (ending === 'completed') job.result = outcome.result
      model.end(job, ending)
      if (model.jobs.has(job.id)) ended.add(ending)
    }
  }
  for (const state of ended) model.trim(state, 1_000)
  return { refused, cancelled }
}

function postpone(model: Model, job: ModelJob, fence: number, { ending, delay }: Pick<Judged, 'ending' | 'delay'>): void {
  if (ending === 'retried') job.error = 'Error'
  job.state = 'scheduled'
  job.score = job.due = model.now + delay
  model.due(job, job.due)
  job.fence = fence
  job.lease = undefined
  model.moved(job)
}
