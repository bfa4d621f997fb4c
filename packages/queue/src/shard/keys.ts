import { keyTag } from '@ripen/store/internal'
import { featureKeys } from '../features/registry.ts'

/** Keys that belong to no feature, each with its type on the server. */
const coreKeys = {
  /** id → version byte, time added, priority, name, options and data, as one text that never changes */
  jobs: 'hash',
  /** id → due time in ms */
  scheduled: 'sorted set',
  /** id → priority · 2^42 + its place, by the order of the queue */
  ready: 'sorted set',
  /** id → deadline of its lease in ms */
  active: 'sorted set',
  /** id → due time in ms, of jobs that wait for another one of their unique key to end */
  blocked: 'sorted set',
  /** id → time it ended in µs, no two the same; above 2^52 for jobs with a retention of their own */
  completed: 'sorted set',
  failed: 'sorted set',
  cancelled: 'sorted set',
  /**
   * id → fence, worker, score to go back to, from how many stalls on it is a suspect (0: it has started);
   * only while active. One more field, '', keeps it a hash table
   */
  leases: 'hash',
  /** id → attempts, stalls, due time, fence, error, result, progress; only for jobs that need it */
  state: 'hash',
  /**
   * when something ends, in ms: 'j:' + id of a job with a retention of its own, 'w:' + id of one whose result
   * is waited for, 's:' + session; and what a feature keeps for a time, after its name and a colon:
   * 'unique:' + key
   */
  expiry: 'sorted set',
  /** at most one token, a hint that there is work */
  wake: 'list',
  /** id → retention, end of the state row and reason, for active jobs that are to be cancelled */
  cancels: 'hash',
  /** worker → until when its heartbeat holds, in ms */
  workers: 'sorted set',
  /** worker → what it tells of itself */
  worker: 'hash',
  /** session:lane → number and answer of the last call applied */
  sessions: 'hash',
  /** generated id that was added by name → until when a late first add of it is ignored, in ms */
  readded: 'sorted set',
  /** id → until when somebody waits for its result, in ms, and who: see wait.lua */
  waiters: 'hash',
  /** id → until when somebody watches it, in ms; whoever watches also waits */
  watchers: 'hash',
  /**
   * layout, order, retain, sequence, fence, paused, keeper, keeperUntil, armed, tidied, spared, ended,
   * longest. No sequence: the queue is at rest, see rest.lua
   */
  meta: 'hash',
} as const

/** All keys of a shard, each with its type on the server. */
export const keyTypes = { ...coreKeys, ...featureKeys } as const

/** Every key of a shard. All carry one hash tag, so a script may use them together in a cluster. */
export type ShardKeys = { readonly [Name in keyof typeof keyTypes]: string }

/** The key of the channel with a job's progress: see progress.lua. */
export function progressKey(prefix: string, queue: string, shard: number, id: string): string {
  return `${shardTag(prefix, queue, shard)}:progress:${id}`
}

function shardTag(prefix: string, queue: string, shard: number): string {
  return keyTag(prefix, queue, String(shard))
}

export function shardKeys(prefix: string, queue: string, shard: number): ShardKeys {
  const tag = shardTag(prefix, queue, shard)
  return Object.fromEntries(Object.keys(keyTypes).map((name) => [name, `${tag}:${name}`])) as ShardKeys
}

/**
 * Pub/sub channels of a shard: what becomes of jobs that somebody waits for, and cancels for workers. Unlike
 * keys, they are common to all databases of a server.
 */
export function shardChannels(
  prefix: string,
  queue: string,
  shard: number,
  database: number,
): { readonly news: string; readonly cancels: string } {
  const tag = shardTag(prefix, queue, shard)
  return { news: `${tag}:news:${database}`, cancels: `${tag}:cancels:${database}` }
}
