import { strays, type Page, type PageRequest, type ScanHost } from '../../doctor/page.ts'
import { doctorLogsScript } from '../../scripts.generated.ts'

/** See `doctor-logs.lua`. */
export async function scanLogs({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, seen, ids] = await shard.script(doctorLogsScript, { repair, ...page }, [], bounds)
  return { cursor, seen, size: 0, ...strays(repair, ids, 'leftover', 'has a log and no row') }
}
