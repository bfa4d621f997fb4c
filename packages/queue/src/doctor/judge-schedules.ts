import { describeError, type CallBounds } from '@ripen/store/internal'
import { featuresOfSchedule } from '../schedule/features-of-schedule.ts'
import { nextRun } from '../schedule/next-run.ts'
import { decodeSchedule, type ScheduleRow } from '../schedule/schedule-row.ts'
import { schedulePutScript } from '../scripts.generated.ts'
import type { Shard } from '../shard/shard.ts'
import type { QueueFinding } from './queue-report.ts'

/**
 * What is wrong with schedules of a page of `doctor-schedules.lua`.
 *
 * @param rows id, row and next run of each.
 * @param repair gives those a next run that have none, unless somebody changes them meanwhile: then nothing
 *   is wrong with them any more.
 */
export async function judgeSchedules(
  shard: Shard,
  rows: readonly string[],
  now: number,
  repair: boolean,
  bounds: CallBounds,
): Promise<QueueFinding[]> {
  const findings: QueueFinding[] = []
  for (let i = 0; i < rows.length; i += 3) {
    const [id = '', row = '', due = ''] = rows.slice(i, i + 3)
    const schedule = readable(id, row, findings)
    const next = schedule === undefined || schedule.paused || due !== '' ? undefined : nextRun(schedule, now)
    if (schedule === undefined || next === undefined) continue
    const { revision, anchor, text } = schedule
    const values = { id, revision, due, paused: 0, anchor, next, features: featuresOfSchedule(text), spec: text }
    if (repair && (await shard.script(schedulePutScript, values, [], bounds)) === 0) continue
    findings.push({ invariant: 'schedule', id, detail: 'is neither paused nor over, and has no next run', repaired: repair })
  }
  return findings
}

function readable(id: string, row: string, findings: QueueFinding[]): ScheduleRow | undefined {
  try {
    return decodeSchedule(row)
  } catch (error) {
    const reason = describeError(error).message
    findings.push({ invariant: 'schedule', id, detail: `has a row that cannot be read: ${reason}`, repaired: false })
    return undefined
  }
}
