import { after, between, latest } from './occurrences.ts'
import type { ScheduleRow } from './schedule-row.ts'

/** Runs that are added in one step; what is left of those missed follows in the next. */
const mostRuns = 100

/** What is due of a schedule. */
export interface DueRuns {
  /** Times of the runs to add, in epoch ms. */
  readonly runs: readonly number[]
  /** When the schedule has its next run; undefined when it has none any more. */
  readonly next: number | undefined
}

/**
 * The runs from `due` until `now` that a schedule wants made up for, and the one after them: of the clock and the schedule alone.
 *
 * @param due the run that was told to be due.
 * @param now by the server's clock.
 */
export function dueRuns(
  { spec, timing, anchor, runs: before }: Pick<ScheduleRow, 'spec' | 'timing' | 'anchor' | 'runs'>,
  due: number,
  now: number,
): DueRuns {
  const { catchUp, catchUpWindow, limit = Number.POSITIVE_INFINITY } = spec
  if (before >= limit) return { runs: [], next: undefined }
  const from = catchUpWindow === undefined ? due : Math.max(due, now - catchUpWindow)
  if (catchUp === 'all') {
    const most = Math.min(mostRuns, limit - before)
    const runs = between(timing, anchor, from, now, most)
    return { runs, next: after(timing, anchor, runs.length === most ? (runs.at(-1) as number) : now) }
  }
  const run = latest(timing, anchor, from, now)
  return { runs: run === undefined ? [] : [run], next: after(timing, anchor, now) }
}
