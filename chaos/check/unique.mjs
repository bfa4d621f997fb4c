import { familyOf } from '../unique-keys.mjs'
import { story } from './adds.mjs'

/**
 * Whether a unique key was one job's at every instant. From what the server has kept of the jobs: no job was
 * added while an earlier one of its key held it, and none ran beside another. From samples: never two at
 * once. And nothing is left of a key when all its jobs have ended.
 */
export function checkUnique({ jobs, notes }, contents, keysLeft, { mayTake }, findings) {
  const byKey = new Map()
  for (const [id, there] of contents) {
    if (there.name !== 'unique') continue
    const { key } = there.data
    if (!byKey.has(key)) byKey.set(key, [])
    const history = jobs.get(id)
    byKey.get(key).push({ ...there, id, history, starts: history?.starts ?? [] })
  }
  const [held, beside] = [[], []]
  for (const [key, list] of byKey) {
    list.sort((a, b) => a.addedAt - b.addedAt || a.score - b.score)
    held.push(...addedWhileHeld(key, list))
    if (familyOf(key).during === 'unfinished') beside.push(...ranBeside(key, list, mayTake))
  }
  const unique = [...byKey.values()].flat()
  findings.tell('jobs with a unique key', unique.length)
  findings.tell(
    '… adds answered with another job',
    [...jobs.values()].reduce((sum, { joined }) => sum + joined.length, 0),
  )
  findings.none('added while the key was held', held)
  findings.none('ran beside another job of the key', beside)
  // An add that replaces answers with a job which has not begun: a run must follow it.
  const [forgotten, early] = [[], []]
  for (const { id, data, history, starts, fence, sets } of unique) {
    if (sets[0] === 'cancelled') continue
    const ran = fence / 1_000
    const newest = (history?.joined ?? [])
      .filter(({ onConflict }) => onConflict !== 'keep')
      .reduce((latest, { sent }) => Math.max(latest, sent), 0)
    if (ran < newest) forgotten.push(`${id} (${data.key}): took what was added at ${newest}, and ran at ${ran} for the last time`)
    if (data.onConflict === 'debounce' && ran < data.sent + familyOf(data.key).delay)
      early.push({ text: `${id} (${data.key}): moved to ${data.sent} + delay, ran at ${ran}; ${starts.length} starts`, lost: mayTake(ran) })
  }
  findings.none('newer data of a key accepted, and not run', forgotten)
  findings.none('ran before the time that debounce gave', early)
  checkSamples(notes, findings)
  findings.none('unique keys left behind', keysLeft)
}

/**
 * Jobs that were added before the one before them gave its key up, as far as that can be told: one that was
 * blocked behind another is unfinished together with it.
 */
function addedWhileHeld(key, list) {
  const { during, conflicts } = familyOf(key)
  if (during === 'unfinished' && conflicts.some((conflict) => conflict !== 'keep')) return []
  return list
    .slice(1)
    .map((job, index) => ({ job, before: list[index] }))
    .filter(({ job, before }) => job.addedAt < heldUntil(key, before))
    .map(
      ({ job, before }) => `${key}: ${job.id} was added at ${job.addedAt}, ${before.id} held it until ${heldUntil(key, before)} at least`,
    )
}

/** Until when, at least, by the rules alone. */
function heldUntil(key, { addedAt, score, sets }) {
  const { during, delay } = familyOf(key)
  if (during === 'unfinished') return score
  // It could not be taken before it was due.
  if (during === 'waiting') return sets[0] === 'cancelled' ? Math.min(score, addedAt + delay) : addedAt + delay
  return addedAt + during
}

/** A job holds its key from its first lease to its end: the next one may not have been taken before. */
function ranBeside(key, list, mayTake) {
  const runs = list.filter(({ starts }) => starts.length > 0).toSorted((a, b) => a.score - b.score)
  return runs.slice(1).flatMap((job, index) => {
    const before = runs[index]
    const taken = job.starts[0].fence / 1_000
    if (taken >= before.score) return []
    return [
      {
        text: `${key}: ${job.id} was taken at ${taken}, ${before.id} ended at ${before.score}; ${story(job.history)}`,
        lost: mayTake(taken, before.score),
      },
    ]
  })
}

/** What one script saw at one instant. */
function checkSamples(notes, findings) {
  const together = []
  let samples = 0
  for (const { what, at, jobs } of notes) {
    if (what !== 'unique') continue
    samples++
    const byKey = new Map()
    for (const line of jobs) {
      const [set, key, id] = line.split(' ')
      if (!byKey.has(key)) byKey.set(key, { scheduled: [], ready: [], active: [], blocked: [] })
      byKey.get(key)[set].push(id)
    }
    for (const [key, sets] of byKey) if (isBroken(key, sets)) together.push(`${key} at ${at}: ${JSON.stringify(sets)}`)
  }
  findings.tell('samples of unique keys', samples)
  findings.none('… with two jobs of one key, or one blocked behind none', together)
}

function isBroken(key, { scheduled, ready, active, blocked }) {
  const { during } = familyOf(key)
  // A job that has come back to `ready` from a lost lease does not hold its key any more.
  if (during === 'waiting') return scheduled.length > 1
  if (during !== 'unfinished') return false
  const holders = scheduled.length + ready.length + active.length
  return holders > 1 || blocked.length > 1 || (blocked.length === 1 && holders === 0)
}
