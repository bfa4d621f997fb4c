import { keyTag } from '@ripen/store/internal'

/**
 * Every key of a shard, with its type and what it holds. All carry one hash tag, so a script may use them together in a cluster.
 */
export interface ShardKeys {
  /** hash: id → version byte, time added, priority, name, options and data, as one text that never changes */
  readonly jobs: string
  /** sorted set: id → due time in ms */
  readonly scheduled: string
  /** sorted set: id → priority · 2^42 + its place, by the order of the queue */
  readonly ready: string
  /** sorted set: id → deadline of its lease in ms */
  readonly active: string
  /** sorted set: id → due time in ms, of jobs that wait for another one of their unique key to end */
  readonly blocked: string
  /** sorted sets: id → time it ended in µs, no two the same; above 2^52 for jobs with a retention of their own */
  readonly completed: string
  readonly failed: string
  readonly cancelled: string
  /** hash: id → fence, worker, score to go back to, from how many stalls on it is a suspect (0: it has started); only while active. One more field, '', keeps it a hash table */
  readonly leases: string
  /** hash: id → attempts, stalls, due time, fence, error, result, progress; only for jobs that need it */
  readonly state: string
  /** sorted set → when it ends, in ms: 'j' + id of a job with a retention of its own, 'w' + id of one whose result is waited for, 's' + session, 'u' + unique key that is held for a time */
  readonly expiry: string
  /** list: at most one token, a hint that there is work */
  readonly wake: string
  /** hash: id → retention, end of the state row and reason, for active jobs that are to be cancelled */
  readonly cancels: string
  /** sorted set: worker → until when its heartbeat holds, in ms */
  readonly workers: string
  /** hash: worker → what it tells of itself */
  readonly worker: string
  /** hash: session:lane → number and answer of the last call applied */
  readonly sessions: string
  /** sorted set: generated id that was added by name → until when a late first add of it is ignored, in ms */
  readonly readded: string
  /** hash: id → until when somebody waits for its result, in ms, and who: see wait.lua */
  readonly waiters: string
  /** hash: id → until when somebody watches it, in ms; whoever watches also waits */
  readonly watchers: string
  /** hash: 'k' + unique key → for how long it is held, and the id of the job that holds it; 'b' + key → id of the job that is blocked behind it; 'i' + id → its key */
  readonly unique: string
  /** sorted set: id → until when it may start, in ms, of unfinished jobs with an `expiresIn`; plus 2^44 while it is active */
  readonly deadlines: string
  /** hash: id of a schedule → what it is to do and what it has done, see schedule-put.lua */
  readonly schedules: string
  /** sorted set: id of a schedule → its next run in ms */
  readonly ticks: string
  /** hash: layout, order, retain, sequence, fence, paused, keeper, keeperUntil, armed, tidied, spared, ended, longest. No sequence: the queue is at rest, see rest.lua */
  readonly meta: string
}

const names = [
  'jobs',
  'scheduled',
  'ready',
  'active',
  'blocked',
  'completed',
  'failed',
  'cancelled',
  'leases',
  'state',
  'expiry',
  'wake',
  'cancels',
  'workers',
  'worker',
  'sessions',
  'readded',
  'waiters',
  'watchers',
  'unique',
  'deadlines',
  'schedules',
  'ticks',
  'meta',
] as const

/** The key of the channel with a job's progress: see progress.lua. */
export function progressKey(prefix: string, queue: string, shard: number, id: string): string {
  return `${shardTag(prefix, queue, shard)}:progress:${id}`
}

function shardTag(prefix: string, queue: string, shard: number): string {
  return keyTag(prefix, queue, String(shard))
}

export function shardKeys(prefix: string, queue: string, shard: number): ShardKeys {
  const tag = shardTag(prefix, queue, shard)
  return Object.fromEntries(names.map((name) => [name, `${tag}:${name}`])) as Record<(typeof names)[number], string>
}

/** Pub/sub channels of a shard: what becomes of jobs that somebody waits for, and cancels for workers. Unlike keys, they are common to all databases of a server. */
export function shardChannels(
  prefix: string,
  queue: string,
  shard: number,
  database: number,
): { readonly news: string; readonly cancels: string } {
  const tag = shardTag(prefix, queue, shard)
  return { news: `${tag}:news:${database}`, cancels: `${tag}:cancels:${database}` }
}
