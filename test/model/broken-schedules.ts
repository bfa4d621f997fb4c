import { decodeRow } from '@ripen/queue/internal'
import { decodeSchedule, type ScheduleRow } from '../../packages/queue/src/schedule/schedule-row.ts'
import type { Step } from './invariants.ts'
import type { ShardContents } from './shard-contents.ts'

/**
 * Each run of a schedule is added once, in their order and not before its time, and a schedule that makes up
 * for all passes none over; a schedule that is paused or gone has no next run.
 */
export function* brokenSchedules({ jobs, scheduled, schedules, ticks }: ShardContents, { time, before }: Step): Generator<string> {
  for (const [id, next] of ticks) {
    const row = schedules.get(id)
    if (row === undefined || decodeSchedule(row).paused) yield `the schedule ${id} has its next run at ${next}, and is paused or gone`
  }
  const added = new Map<string, number[]>()
  for (const [job, row] of jobs) {
    const { schedule } = decodeRow(row).options
    if (schedule === undefined || before?.jobs.has(job) === true) continue
    // The clock may have gone back since it was due.
    if (schedule.at > time && !scheduled.has(job)) yield `the run of ${schedule.id} at ${schedule.at} was made ready at ${time}`
    added.set(schedule.id, [...(added.get(schedule.id) ?? []), schedule.at])
  }
  for (const [id, times] of added) {
    const row = before?.schedules.get(id)
    if (row === undefined) {
      yield `${times.length} runs were added of the schedule ${id}, which was not there`
      continue
    }
    const { lastRun = 0 } = decodeSchedule(row)
    for (const at of times) {
      if (at <= lastRun) yield `the run of ${id} at ${at} was added after that at ${lastRun}`
      if (times.filter((other) => other === at).length > 1) yield `the run of ${id} at ${at} was added twice`
    }
  }
  for (const [id, row] of schedules) {
    const [then, now] = [before?.schedules.get(id), decodeSchedule(row)]
    const due = before?.ticks.get(id)
    if (then === undefined || due === undefined || decodeSchedule(then).revision !== now.revision) continue
    const next = ticks.get(id) ?? (now.lastRun === undefined ? due : now.lastRun + 1)
    if (makesUpForAll(now) && (added.get(id)?.length ?? 0) !== runsBetween(now, due, next))
      yield `a run of ${id} from ${due} to ${next} was passed over`
  }
}

function makesUpForAll({ spec }: ScheduleRow): boolean {
  return spec.catchUp === 'all' && spec.overlap === 'all' && spec.catchUpWindow === undefined
}

function runsBetween({ timing }: ScheduleRow, due: number, next: number): number {
  return 'every' in timing ? Math.ceil((next - due) / timing.every) : Number.NaN
}
