/**
 * The checker's own reading of a queue, with plain commands.
 *
 *     {prefix:queue:0}:jobs    hash  id → '1' <13 digits: when it was added> ':' <priority> ':' <name> LF <options or nothing> LF <data>
 *     …:state                  hash  id → <attempts> ':' <stalls> ':' <due or nothing> ':' <fence or nothing> ':' <JSON of error, result, progress>
 *     …:ready scheduled blocked active completed failed cancelled   sorted sets of ids; scores of ended ones are when they ended, in µs
 *     …:unique  hash  what the queue keeps of unique keys, nothing when no job has one
 *     …:schedules hash  id → <revision> ';' <paused> ';' <anchor> ';' …; …:ticks  sorted set  id → the next run of a schedule that has one
 */
const sets = ['ready', 'scheduled', 'blocked', 'active', 'completed', 'failed', 'cancelled']
export const ends = new Set(['completed', 'failed', 'cancelled'])

const page = 5_000

const keysOf =
  ({ prefix, queueName }) =>
  (name) =>
    `{${prefix}:${queueName}:0}:${name}`

async function* scan(redis, command, key) {
  let cursor = '0'
  do {
    const [next, flat] = await redis.call(command, key, cursor, 'COUNT', page)
    for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]]
    cursor = next
  } while (cursor !== '0')
}

/**
 * Every job on the server, with times in ms: id → { sets, score, addedAt, name, options, data, attempts,
 * stalls, fence, tail }; what is not there is undefined. `sets` has one name where all is well.
 */
export async function readContents(redis, { prefix, queueName }) {
  const key = keysOf({ prefix, queueName })
  const jobs = new Map()
  const jobOf = (id) => {
    let job = jobs.get(id)
    if (job === undefined) jobs.set(id, (job = { sets: [], score: undefined, name: undefined, fence: undefined }))
    return job
  }
  for await (const [id, row] of scan(redis, 'HSCAN', key('jobs'))) Object.assign(jobOf(id), readRow(row))
  for (const set of sets) {
    for await (const [id, score] of scan(redis, 'ZSCAN', key(set))) {
      const job = jobOf(id)
      // A scan may give an entry twice.
      if (!job.sets.includes(set)) job.sets.push(set)
      // Those that end in one call, at most 500, have times that count on by a microsecond each.
      job.score = ends.has(set) ? Math.floor((Number(score) - 500) / 1_000) : Number(score)
    }
  }
  for await (const [id, row] of scan(redis, 'HSCAN', key('state'))) Object.assign(jobOf(id), readState(row))
  return jobs
}

/** Fields that are there of unique keys. */
export function readUniqueKeys(redis, plan) {
  return redis.hkeys(keysOf(plan)('unique'))
}

/** The rows of the schedules, by id, and the ids of those that have a next run. */
export async function readSchedules(redis, plan) {
  const key = keysOf(plan)
  return { rows: await redis.hgetall(key('schedules')), due: await redis.zrange(key('ticks'), 0, -1) }
}

function readRow(row) {
  const match = /^1(\d{13}):-?\d+:([^\n]+)\n([^\n]*)\n(.*)$/s.exec(row)
  if (match === null) return {}
  const [, addedAt, name, options, data] = match
  return { addedAt: Number(addedAt), name, options: objectOf(options), data: objectOf(data) }
}

const empty = Object.freeze({})

function objectOf(text) {
  return text === '' ? empty : JSON.parse(text)
}

function readState(row) {
  const match = /^(\d+):(\d+):\d*:(\d*):(.*)$/s.exec(row)
  if (match === null) return {}
  const [, attempts, stalls, fence, tail] = match
  return { attempts: Number(attempts), stalls: Number(stalls), fence: fence === '' ? undefined : Number(fence), tail }
}
