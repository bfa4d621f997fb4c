import { after } from './occurrences.ts'
import type { ScheduleRow } from './schedule-row.ts'

/**
 * When a schedule has its next run, paused or not; undefined when it is over.
 *
 * @param now by the server's clock.
 * @param kept the next run so far, where it stays.
 */
export function nextRun(
  { spec: { limit }, timing, anchor, runs }: Pick<ScheduleRow, 'spec' | 'timing' | 'anchor' | 'runs'>,
  now: number,
  kept?: number,
): number | undefined {
  return limit !== undefined && runs >= limit ? undefined : (kept ?? after(timing, anchor, now))
}
