import { strays, type Page, type PageRequest, type ScanHost } from '../../doctor/page.ts'
import { doctorDeadlinesScript } from '../../scripts.generated.ts'

/** See `doctor-deadlines.lua`. */
export async function scanDeadlines({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, seen, ids] = await shard.script(doctorDeadlinesScript, { repair, ...page }, [], bounds)
  return { cursor, seen, size: 0, ...strays(repair, ids, 'deadline', 'has a time until which it may start that is not of its state') }
}
