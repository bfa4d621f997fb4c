import { strays, type Page, type PageRequest, type ScanHost } from '../../doctor/page.ts'
import { doctorUniqueScript } from '../../scripts.generated.ts'

/** See `doctor-unique.lua`. */
export async function scanUnique({ shard, repair, bounds }: ScanHost, page: PageRequest): Promise<Page> {
  const [cursor, seen, ids] = await shard.script(doctorUniqueScript, { repair, ...page }, [], bounds)
  return { cursor, seen, size: 0, ...strays(repair, ids, 'unique', 'stands in unique and holds nothing') }
}
