import { judgeSchedules } from '../../doctor/judge-schedules.ts'
import { sizeOf, strays, type Page, type PageRequest, type ScanHost } from '../../doctor/page.ts'
import { doctorTicksScript, schedulePageScript } from '../../scripts.generated.ts'

/** See `doctor-ticks.lua`. */
export async function scanTicks({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, seen, ids] = await shard.script(doctorTicksScript, { repair, ...page }, [], bounds)
  return { cursor, seen, size: 0, ...strays(repair, ids, 'schedule', 'has a next run, and is paused or gone') }
}

export async function scanSchedules({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, now, rows] = await shard.script(schedulePageScript, { ...page }, [], bounds)
  const findings = await judgeSchedules(shard, rows, Number(now), repair === 1, bounds)
  return { cursor, seen: rows.length / 3, size: sizeOf(rows), shortened: false, findings }
}
