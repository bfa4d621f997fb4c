import { addRows } from './add.mjs'
import { backlogRows } from './backlog.mjs'
import { channelRows } from './channel.mjs'
import { cpuRows } from './cpu.mjs'
import { idlePickupRows } from './idle-pickup.mjs'
import { killRows } from './kill.mjs'
import { latenessRows } from './lateness.mjs'
import { lockRows } from './lock.mjs'
import { memoryRows } from './memory.mjs'
import { processRows } from './process.mjs'
import { scheduleRows } from './schedules.mjs'
import { uniqueRows } from './unique.mjs'

/**
 * Everything the bench measures. A row has
 *
 *     name, group    what `--rows` selects by
 *     durability     'none' or 'everysec': the server it runs on
 *     jobs           how many jobs, cycles or updates a sample has; `--jobs` scales it
 *     arms           what is sampled in turn: { name, peer, parameters }
 *     measure        runs in the sample's process: ({ peer, peerName, url, jobs, parameters }) → { [key]: number }
 *     lines          what the report shows: { key, title, unit, digits, subject, reference, required }, the two being names of arms
 */
export const rows = [
  ...addRows,
  ...processRows,
  ...cpuRows,
  ...memoryRows,
  ...idlePickupRows,
  ...latenessRows,
  ...backlogRows,
  ...killRows,
  ...uniqueRows,
  ...scheduleRows,
  ...lockRows,
  ...channelRows,
]

/** The number of jobs that `--jobs` is measured against: the size of most rows. */
export const usualJobs = 40_000

/** How many jobs a sample of this row has when the usual row has `jobs`; at least 20. */
export function jobsOf(row, jobs) {
  return Math.max(20, Math.round((row.jobs * jobs) / usualJobs))
}
