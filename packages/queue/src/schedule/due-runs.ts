import { after, between, latest } from './occurrences.ts'
import type { ScheduleRow } from './schedule-row.ts'
import type { ParsedTiming } from './timing.ts'

/** Runs that are added in one step; what is left of those missed follows in the next. */
const mostRuns = 100
/** The most characters of rows that one step adds. */
const mostCharacters = 4_000_000
/** Runs that `catchUp: 'all'` makes up for: of more that were missed the oldest are left out. */
export const mostMissed = 10_000

/** The due runs of a schedule. */
export interface DueRuns {
  /** Times of the runs to add, in epoch ms. */
  readonly runs: readonly number[]
  /** When the schedule has its next run; undefined when it has none any more. */
  readonly next: number | undefined
  /** More were missed than are made up for: those before this time are left out. */
  readonly leftOutBefore?: number
}

/**
 * The runs from `due` until `now` that a schedule wants made up for, and the one after them: of the clock and
 * the schedule alone.
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
    const first = firstMadeUp(timing, anchor, from, now)
    // Each run is a row of its own.
    const most = Math.min(mostRuns, limit - before, Math.max(1, Math.floor(mostCharacters / spec.row.length)))
    const runs = between(timing, anchor, first, now, most)
    const next = after(timing, anchor, runs.length === most ? (runs.at(-1) as number) : now)
    return { runs, next, ...(first > from ? { leftOutBefore: first } : {}) }
  }
  const run = latest(timing, anchor, from, now)
  return { runs: run === undefined ? [] : [run], next: after(timing, anchor, now) }
}

/**
 * From when on runs are made up for: `from`, unless more than {@link mostMissed} were missed since; then
 * about so many of the last are left, found by halving.
 */
function firstMadeUp(timing: ParsedTiming, anchor: number, from: number, now: number): number {
  const tooMany = (since: number): boolean => between(timing, anchor, since, now, mostMissed + 1).length > mostMissed
  // At most one run in each period: a look at the clock is enough for most.
  const shortest = 'every' in timing ? timing.every : timing.cron.shortestPeriod
  if ((now - from) / shortest < mostMissed || !tooMany(from)) return from
  let [many, few] = [from, now]
  while (few - many > Math.max(1, (now - few) / 100)) {
    const middle = Math.floor((many + few) / 2)
    if (tooMany(middle)) many = middle
    else few = middle
  }
  return few
}
