import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { allKeys } from '../support/all-keys.ts'

/** The first part of every key of this queue. */
export function prefixOf(queue: Pick<Queue<any>, 'store'>): string {
  return internals(queue.store).options.prefix
}

/** What the server holds under the queue's prefix: each key with the number of its members, in order. */
export async function storedKeys(queue: Pick<Queue<any>, 'store'>): Promise<Record<string, number>> {
  const { caller } = internals(queue.store)
  const keys = await allKeys(queue.store, `*${prefixOf(queue)}*`)
  const sizes = await Promise.all(keys.map((key) => caller.call((client) => sizeOf(client, key))))
  return Object.fromEntries(keys.map((key, index): [string, number] => [key, sizes[index] ?? 0]).sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function sizeOf(client: Parameters<Parameters<ReturnType<typeof internals>['caller']['call']>[0]>[0], key: string): Promise<number> {
  const type = await client.type(key)
  if (type === 'hash') return client.hlen(key)
  if (type === 'zset') return client.zcard(key)
  if (type === 'list') return client.llen(key)
  return 1
}
