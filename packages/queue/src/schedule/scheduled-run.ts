import type { AddRecord } from '../add/encode-add.ts'
import { extrasOf } from '../features/extras.ts'
import { preparedOptions } from '../job/row.ts'

/**
 * What makes the runs of a schedule: each is its job, with a time of its own.
 *
 * @param row of the job, as the spec of the schedule has it.
 * @returns a function of the run and of the time at which it may start, in epoch ms.
 */
export function runsOf(schedule: string, row: string): (at: number, due: number) => AddRecord {
  const [head = '', , data = ''] = row.split('\n')
  const options = preparedOptions(row)
  const extras = extrasOf(options)
  return (at, due) => ({
    row: `${head}\n${JSON.stringify({ ...options, runAt: due, schedule: { id: schedule, at } })}\n${data}`,
    due: String(due),
    extras,
  })
}
