import { strays, type Page, type PageRequest, type ScanHost } from '../../doctor/page.ts'
import { doctorLogsScript } from '../../scripts.generated.ts'

/** See `doctor-logs.lua`. */
export async function scanLogs({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, seen, gone, broken] = await shard.script(doctorLogsScript, { repair, ...page }, [], bounds)
  const [left, bad] = [
    strays(repair, gone, 'leftover', 'has a log and no row'),
    strays(repair, broken, 'row', 'has a log whose lines are not those that it tells of'),
  ]
  return { cursor, seen, size: 0, findings: [...left.findings, ...bad.findings], shortened: left.shortened || bad.shortened }
}
