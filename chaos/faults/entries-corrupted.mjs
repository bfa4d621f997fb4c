import { prefix, queueName } from '../crew.mjs'

const key = (name) => `{${prefix}:${queueName}:0}:${name}`
const garbage = 'no row of any version'

/**
 * Each writes an entry that the queue cannot have written: in a set without a row, with a row that cannot be
 * read, with a state row that is none.
 */
const spoils = {
  'ready-without-row': (id) => [['zadd', key('ready'), 0, id]],
  'scheduled-without-row': (id, past) => [['zadd', key('scheduled'), past, id]],
  'active-without-row': (id, past) => [['zadd', key('active'), past, id]],
  'ready-unreadable': (id) => [
    ['hset', key('jobs'), id, garbage],
    ['zadd', key('ready'), 0, id],
  ],
  'scheduled-unreadable': (id, past) => [
    ['hset', key('jobs'), id, garbage],
    ['zadd', key('scheduled'), past, id],
  ],
  'active-unreadable': (id, past) => [
    ['hset', key('jobs'), id, garbage],
    ['zadd', key('active'), past, id],
  ],
  'state-unreadable': (id, past) => [
    ['hset', key('jobs'), id, `1${past}:0:plain\n\n{}`],
    ['hset', key('state'), id, garbage],
    ['zadd', key('ready'), 0, id],
  ],
}

/**
 * Bad entries appear: they are reported and set aside, and the rest goes on. Their ids begin with `bad-`; the
 * checker counts them by themselves.
 */
export const entriesCorrupted = {
  name: 'entries corrupted',
  draw: (random) => ({ text: '', uses: ['server'], mark: random.between(0, 1e9).toString(36), lasts: 100, settle: 0 }),
  async make({ topology: { redis }, note }, { mark }) {
    const past = Date.now() - 10_000
    const ids = []
    for (const [what, spoil] of Object.entries(spoils)) {
      const id = `bad-${what}-${mark}`
      await redis.multi(spoil(id, past)).exec()
      ids.push(id)
    }
    note('corrupted', { ids })
  },
}
