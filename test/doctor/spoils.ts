import type { JobState, QueueInvariant } from '@ripen/queue'
import type { Cluster, Redis } from 'ioredis'
import type { ShardKeys } from '../../packages/queue/src/shard/keys.ts'

/** The id of the job that a test spoils: it is ready, with four others. `ghost` is the id of no job. */
export const bad = 'bad'

export interface Spoil {
  readonly what: string
  readonly spoil: (redis: Redis | Cluster, keys: ShardKeys) => Promise<unknown>
  /** What is found, in order: invariant, id and the beginning of the detail. */
  readonly findings: readonly (readonly [QueueInvariant, string, string])[]
  /** What its repair brings to light, and repairs. */
  readonly follows?: Spoil['findings']
  /** Where the bad job is after the repair; default `ready`. */
  readonly state?: JobState
}

const future = Date.now() + 3_600_000
const past = Date.now() - 60_000
const ownBand = 2 ** 52
const startedBand = 2 ** 44
/** Of a worker that nobody has heard of. */
const lease = `${past}000 nobody -1 0`
const ended = ['completed', 'failed', 'cancelled'] as const

const moved = async (redis: Redis | Cluster, keys: ShardKeys, to: keyof ShardKeys, score: number | string): Promise<void> => {
  await redis.zrem(keys.ready, bad)
  await redis.zadd(keys[to], score, bad)
}

/** What a repair mends. */
export const repairable: readonly Spoil[] = [
  {
    what: 'a job in no state',
    spoil: (redis, keys) => redis.zrem(keys.ready, bad),
    findings: [
      ['one-state', bad, 'is in no state'],
      ['counts', '', 'rows: 5, jobs in a state: 4'],
    ],
  },
  {
    what: 'a job that is ready and scheduled is not run early',
    spoil: (redis, keys) => redis.zadd(keys.scheduled, future, bad),
    findings: [
      ['one-state', bad, 'is in scheduled and ready'],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
    state: 'scheduled',
  },
  ...ended.map((state): Spoil => ({
    what: `a job that is ready and ${state} runs`,
    spoil: (redis, keys) => redis.zadd(keys[state], past * 1_000, bad),
    findings: [
      ['one-state', bad, `is in ready and ${state}`],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
  })),
  {
    what: 'a job with two ends keeps the later one',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'completed', (past - 1_000) * 1_000)
      await redis.zadd(keys.failed, past * 1_000, bad)
      await redis.zadd(keys.cancelled, (past - 2_000) * 1_000 + ownBand, bad)
      await redis.zadd(keys.expiry, future, `j:${bad}`)
    },
    findings: [
      ['one-state', bad, 'is in completed and failed and cancelled'],
      ['counts', '', 'rows: 5, jobs in a state: 7'],
    ],
    follows: [['expiry', `j:${bad}`, 'stands in expiry and ends nothing']],
    state: 'failed',
  },
  {
    what: 'a job that is active, with a lease, and ready goes on',
    spoil: async (redis, keys) => {
      await redis.zadd(keys.active, Date.now() + 500, bad)
      await redis.hset(keys.leases, bad, lease)
    },
    findings: [
      ['one-state', bad, 'is in active and ready'],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
    state: 'active',
  },
  {
    what: 'a job that is active, without a lease, and completed stays so',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'completed', past * 1_000)
      await redis.zadd(keys.active, future, bad)
    },
    findings: [
      ['one-state', bad, 'is in active and completed'],
      ['lease', bad, 'is active without a lease'],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
      ['counts', '', 'active jobs: 1, leases: 0'],
    ],
    state: 'completed',
  },
  {
    what: 'a job that is active without a lease',
    spoil: (redis, keys) => moved(redis, keys, 'active', future),
    findings: [
      ['lease', bad, 'is active without a lease'],
      ['counts', '', 'active jobs: 1, leases: 0'],
    ],
  },
  {
    what: 'a job that is active with a lease that cannot be read',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'active', future)
      await redis.hset(keys.leases, bad, 'no lease')
    },
    findings: [['lease', bad, 'is active with a lease that cannot be read']],
  },
  {
    what: 'a lease of a ready job',
    spoil: (redis, keys) => redis.hset(keys.leases, bad, lease),
    findings: [
      ['lease', bad, 'has a lease and is not active'],
      ['counts', '', 'active jobs: 0, leases: 1'],
    ],
  },
  {
    what: 'a lease of no job',
    spoil: (redis, keys) => redis.hset(keys.leases, 'ghost', lease),
    findings: [
      ['lease', 'ghost', 'has a lease and is not active'],
      ['counts', '', 'active jobs: 0, leases: 1'],
    ],
  },
  ...(['scheduled', 'ready', 'blocked', ...ended] as const).map((state): Spoil => ({
    what: `an id in ${state} without a row`,
    spoil: (redis, keys) => redis.zadd(keys[state], 1, 'ghost'),
    findings: [
      ['known', 'ghost', `is in ${state} and has no row`],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
  })),
  {
    what: 'an id in active without a row, with a lease',
    spoil: async (redis, keys) => {
      await redis.zadd(keys.active, future, 'ghost')
      await redis.hset(keys.leases, 'ghost', lease)
    },
    findings: [
      ['known', 'ghost', 'is in active and has no row'],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
    follows: [['lease', 'ghost', 'has a lease and is not active']],
  },
  {
    what: 'a ready job in the band of another priority',
    spoil: (redis, keys) => redis.zadd(keys.ready, 5 * 2 ** 42, bad),
    findings: [['score', bad, 'is ready at the score 21990232555520']],
  },
  {
    what: 'an active job whose lease has no end',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'active', '+inf')
      await redis.hset(keys.leases, bad, lease)
    },
    findings: [['score', bad, 'is active at the score inf']],
    state: 'active',
  },
  {
    what: 'a job that is blocked behind nobody',
    spoil: (redis, keys) => moved(redis, keys, 'blocked', future),
    findings: [['unique', bad, 'is blocked, and no job of its key is unfinished']],
    state: 'scheduled',
  },
  {
    what: 'a job that is blocked behind one that has ended',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'blocked', future)
      await redis.hset(keys.unique, 'kkey', 'u ghost', `i${bad}`, 'key', 'bkey', bad)
    },
    findings: [
      ['unique', bad, 'is blocked, and no job of its key is unfinished'],
      ['unique', 'kkey', 'stands in unique and holds nothing'],
    ],
    follows: [['unique', 'bkey', 'stands in unique and holds nothing']],
    state: 'scheduled',
  },
  {
    what: 'a job that is ready and blocked',
    spoil: (redis, keys) => redis.zadd(keys.blocked, future, bad),
    findings: [
      ['one-state', bad, 'is in ready and blocked'],
      ['counts', '', 'rows: 5, jobs in a state: 6'],
    ],
  },
  ...Object.entries({ kkey: 'u ghost', ighost: 'key', bkey: bad, [`k${bad}`]: `w ${bad}`, kheld: `${future} ${bad}`, kx: 'nothing' }).map(
    ([field, value]): Spoil => ({
      what: `${field} in unique, with the value ${value.replace(/\d{13}/, 'time')}`,
      spoil: (redis, keys) => redis.hset(keys.unique, field, value),
      findings: [['unique', field, 'stands in unique and holds nothing']],
    }),
  ),
  {
    what: 'a key held for a time that ends at another time',
    spoil: async (redis, keys) => {
      await redis.hset(keys.unique, 'kheld', `${future} ${bad}`)
      await redis.zadd(keys.expiry, future + 1, 'unique:held')
    },
    findings: [
      ['unique', 'kheld', 'stands in unique and holds nothing'],
      ['expiry', 'unique:held', 'stands in expiry and ends nothing'],
    ],
  },
  ...Object.entries({
    'a deadline of no job': ['ghost', future],
    'a deadline of a ready job that counts as started': [bad, future + startedBand],
    'a deadline of a ready job that is no time': [bad, '+inf'],
  } as const).map(([what, [id, score]]): Spoil => ({
    what,
    spoil: (redis, keys) => redis.zadd(keys.deadlines, score, id),
    findings: [['deadline', id, 'has a time until which it may start that is not of its state']],
  })),
  {
    what: 'a job with an expiresIn and no deadline',
    spoil: (redis, keys) => redis.hset(keys.jobs, bad, `1${past}:0:work\n{"expiresIn":60000}\n"bad"`),
    findings: [['deadline', bad, 'may start at any time, and has an expiresIn']],
  },
  {
    what: 'a state row of no job',
    spoil: (redis, keys) => redis.hset(keys.state, 'ghost', '1:0:::'),
    findings: [['leftover', 'ghost', 'has a state row and no row']],
  },
  ...(['cancels', 'waiters', 'watchers'] as const).flatMap((key): Spoil[] => [
    {
      what: `an entry of ${key} of no job`,
      spoil: (redis, keys) => redis.hset(keys[key], 'ghost', String(future)),
      findings: [['leftover', 'ghost', 'is ']],
    },
    {
      what: `an entry of ${key} of a job that has ended`,
      spoil: async (redis, keys) => {
        await moved(redis, keys, 'failed', past * 1_000)
        await redis.hset(keys[key], bad, String(future))
      },
      findings: [['leftover', bad, 'is ']],
      state: 'failed',
    },
  ]),
  {
    what: 'an entry of expiry of a job that is kept by the rule of the queue',
    spoil: async (redis, keys) => {
      await moved(redis, keys, 'failed', past * 1_000)
      await redis.zadd(keys.expiry, past, `j:${bad}`)
    },
    findings: [['expiry', `j:${bad}`, 'stands in expiry and ends nothing']],
    state: 'failed',
  },
  ...['j:ghost', 'w:ghost', 's:ghost', 'unique:ghost', 'jghost', 'other:ghost', `j:${bad}`].map((member): Spoil => ({
    what: `${member} in expiry`,
    spoil: (redis, keys) => redis.zadd(keys.expiry, future, member),
    findings: [['expiry', member, 'stands in expiry and ends nothing']],
  })),
]

/** What is reported and left as it is. */
export const unrepairable: readonly Spoil[] = [
  {
    what: 'a row that cannot be read',
    spoil: (redis, keys) => redis.hset(keys.jobs, bad, 'no row of any version'),
    findings: [['row', bad, 'has a row that cannot be read: row: is not a job in a layout that this version knows']],
  },
  {
    what: 'a row whose data is no JSON',
    spoil: (redis, keys) => redis.hset(keys.jobs, bad, `1${past}:0:work\n\n{"a":`),
    findings: [['row', bad, 'has a row that cannot be read: ']],
  },
  {
    what: 'a state row that cannot be read',
    spoil: (redis, keys) => redis.hset(keys.state, bad, 'no state'),
    findings: [['row', bad, 'has a state row that cannot be read: ']],
  },
  {
    what: 'a job that is never due',
    spoil: (redis, keys) => moved(redis, keys, 'scheduled', '+inf'),
    findings: [['score', bad, 'is scheduled at the score inf']],
    state: 'scheduled',
  },
  {
    what: 'a job that ended before all time',
    spoil: (redis, keys) => moved(redis, keys, 'completed', -1),
    findings: [['score', bad, 'is completed at the score -1']],
    state: 'completed',
  },
  {
    what: 'a job with a retention of its own that never ends',
    spoil: (redis, keys) => moved(redis, keys, 'completed', ownBand + past * 1_000),
    findings: [['expiry', bad, 'is kept beyond the rule of the queue, and nothing ends that']],
    state: 'completed',
  },
]
