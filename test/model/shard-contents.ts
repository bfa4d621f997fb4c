import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { allKeys } from '../support/all-keys.ts'

const hashes = ['jobs', 'leases', 'state', 'cancels', 'worker', 'sessions', 'waiters', 'watchers', 'unique', 'schedules', 'meta'] as const
const sortedSets = [
  'scheduled',
  'ready',
  'active',
  'blocked',
  'completed',
  'failed',
  'cancelled',
  'expiry',
  'deadlines',
  'workers',
  'ticks',
] as const

/** All that the server holds of a shard, at one instant: hashes as they are, sorted sets in their order. */
export type ShardContents = Readonly<Record<(typeof hashes)[number], ReadonlyMap<string, string>>> &
  Readonly<Record<(typeof sortedSets)[number], ReadonlyMap<string, number>>> & {
    readonly tokens: number
    /** Names of the keys that end by themselves. */
    readonly ending: readonly string[]
  }

function keysOf({ store, name }: Queue): ReturnType<typeof shardKeys> {
  return shardKeys(internals(store).options.prefix, name, 0)
}

export async function readShard(queue: Queue): Promise<ShardContents> {
  const keys = keysOf(queue)
  const replies = await internals(queue.store).caller.call((client) => {
    const transaction = client.multi()
    for (const name of hashes) transaction.hgetall(keys[name])
    for (const name of sortedSets) transaction.zrange(keys[name], '0', '-1', 'WITHSCORES')
    transaction.llen(keys.wake)
    for (const key of Object.values(keys)) transaction.pttl(key)
    return transaction.exec()
  })
  const read = (replies ?? []).map(([error, reply]) => {
    if (error !== null) throw error
    return reply
  })
  const lives = read.slice(hashes.length + sortedSets.length + 1) as number[]
  return {
    ...Object.fromEntries(hashes.map((name, i) => [name, new Map(Object.entries(read[i] as Record<string, string>))])),
    ...Object.fromEntries(sortedSets.map((name, i) => [name, scores(read[hashes.length + i] as string[])])),
    tokens: read[hashes.length + sortedSets.length],
    ending: Object.keys(keys).filter((_name, i) => (lives[i] as number) >= 0),
  } as unknown as ShardContents
}

function scores(pairs: readonly string[]): Map<string, number> {
  const map = new Map<string, number>()
  for (let i = 0; i < pairs.length; i += 2) map.set(pairs[i] as string, Number(pairs[i + 1]))
  return map
}

/** Names of the shard's keys that are none of those that are known. */
export async function unknownKeys(queue: Queue): Promise<string[]> {
  const { jobs, ...others } = keysOf(queue)
  const tag = jobs.slice(0, -'jobs'.length)
  const known = new Set([jobs, ...Object.values(others)])
  return (await allKeys(queue.store, `${tag}*`)).filter((key) => !known.has(key) && !key.startsWith(`${tag}progress:`))
}

/** Removes all keys of the shard. */
export async function removeShard(queue: Queue): Promise<void> {
  const keys = await allKeys(queue.store, `${keysOf(queue).jobs.slice(0, -'jobs'.length)}*`)
  if (keys.length > 0) await internals(queue.store).caller.call((client) => client.del(...keys))
}
