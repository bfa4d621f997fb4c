import { judgeEviction } from './eviction.ts'
import { parseFields } from './server-facts.ts'
import type { RipenStore } from '../store.ts'

/** Servers that were warned about in this process: once is enough. */
const warned = new Set<string>()

/** Warns once, with the remedy, when the server may evict keys: that would lose jobs without a word. */
export async function warnOfEviction(store: RipenStore): Promise<void> {
  if (store.topology === 'embedded' || warned.has(store.connections.url)) return
  const info = parseFields(await store.caller.call((client) => client.info('memory')))
  const { message, remedy } = judgeEviction(info)
  if (remedy === undefined) return
  warned.add(store.connections.url)
  store.logger.warn({ maxmemoryPolicy: info.get('maxmemory_policy') }, `${message}. ${remedy}`)
}
