import type { RipenStore } from './store.ts'

/** Servers that were warned about in this process: once is enough. */
const warned = new Set<string>()

/** Warns once, with the remedy, when the server may evict keys: that would lose jobs without a word. */
export async function checkServer(store: RipenStore): Promise<void> {
  if (store.topology === 'embedded' || warned.has(store.connections.url)) return
  const memory = await store.caller.call((client) => client.info('memory'))
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1]
  if (policy === undefined || policy === 'noeviction') return
  warned.add(store.connections.url)
  store.logger.warn(
    { maxmemoryPolicy: policy },
    `maxmemory-policy is ${policy}: the server may throw jobs away when memory is short. Run CONFIG SET maxmemory-policy noeviction`,
  )
}
