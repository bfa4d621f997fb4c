import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { prefixOf } from './stored-keys.ts'

/** What the server holds of unique keys, and when those end that are held for a time. */
export async function uniqueRows(queue: Queue<any>): Promise<{ rows: Record<string, string>; ends: Record<string, number> }> {
  const { unique, expiry } = shardKeys(prefixOf(queue), queue.name, 0)
  const { caller } = internals(queue.store)
  const [rows, members] = await Promise.all([
    caller.call((client) => client.hgetall(unique)),
    caller.call((client) => client.zrange(expiry, '0', '-1', 'WITHSCORES')),
  ])
  const ends: Record<string, number> = {}
  for (let i = 0; i < members.length; i += 2)
    if (members[i]?.startsWith('unique:') === true) ends[members[i]?.slice('unique:'.length) ?? ''] = Number(members[i + 1])
  return { rows, ends }
}

export const noRows: Awaited<ReturnType<typeof uniqueRows>> = { rows: {}, ends: {} }
