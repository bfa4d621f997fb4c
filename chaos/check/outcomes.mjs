import { story } from './adds.mjs'

/** A worker gives a job up when it has lost more leases than this: the default of `maxStalls`. */
const maxStalls = 3

/**
 * How a job of each kind ends: its state and how many attempts it takes, and what its state row must tell.
 */
const expected = {
  flaky: ({ data }) => ({ set: 'completed', attempts: data.fails + 1 }),
  hopeless: () => ({ set: 'failed', attempts: 2 }),
  discarded: () => ({ set: 'failed', attempts: 1 }),
  overdue: () => ({ set: 'failed', attempts: 1, tells: '"code":"RIPEN_TIMED_OUT"' }),
  answering: ({ data }) => ({ set: 'completed', attempts: 1, tells: `"result":{"n":${data.n}}` }),
  poison: () => ({ set: 'failed', attempts: 0, tells: '"code":"RIPEN_STALLED"' }),
  unique: ({ data, sets }) => ({
    set: sets[0] === 'cancelled' ? 'cancelled' : 'completed',
    attempts: data.fails ? 2 : 1,
  }),
  scheduled: ({ data }) => (data.fails ? { set: 'failed', attempts: 1 } : usual()),
  unwanted: ({ sets }, job) => ({ set: job.cancelAccepted ? 'cancelled' : sets[0], attempts: 1 }),
}
const usual = () => ({ set: 'completed', attempts: 1 })

/** Whether each job ended as its handler decided, and what was corrupted was set aside. */
export function checkOutcomes({ jobs, notes, errors }, contents, { mayTake }, findings) {
  const [otherwise, uncancelled, restless] = [[], [], []]
  let [stalled, poisoned] = [0, 0]
  for (const [id, there] of contents) {
    const job = jobs.get(id)
    const [set] = there.sets
    if (there.name === undefined || id.startsWith('bad-') || !['completed', 'failed', 'cancelled'].includes(set)) continue
    const report = (list, what, lost = false) =>
      list.push({ text: `${id} (${there.name}): ${what}; ${job === undefined ? '' : story(job)}`, lost })
    if (there.name === 'poison') {
      poisoned++
      if (job?.starts.length > maxStalls + 1) report(restless, `${job.starts.length} starts`, mayTake(there.addedAt, there.score))
    } else if (there.tail?.includes('"code":"RIPEN_STALLED"')) {
      // A worker that is killed again and again takes others along too.
      stalled++
      continue
    }
    const { set: wanted, attempts, tells = '' } = (expected[there.name] ?? usual)(there, job ?? {})
    // What was to be cancelled is no more when newer data took its place after its lease was lost.
    if (job?.cancelAccepted && set !== 'cancelled' && !job.joined.some(({ onConflict }) => onConflict !== 'keep'))
      report(uncancelled, `is ${set}`, mayTake(job.cancelAccepted.from, job.cancelAccepted.until))
    else if (set !== wanted) report(otherwise, `is ${set}, ${there.tail}`)
    else if (set !== 'cancelled' && (there.attempts !== attempts || !there.tail.includes(tells)))
      report(otherwise, `${there.attempts} attempts, ${there.tail}`)
  }
  findings.none('ended otherwise than they had to', otherwise)
  findings.none('cancels accepted, and not cancelled', uncancelled)
  findings.tell('poison jobs ended', poisoned)
  findings.none('… that ran more often than they may', restless)
  findings.tell('other jobs that stalled too often', stalled)
  checkCorrupted(notes, contents, errors, findings)
  const refused = refusedRuns(notes, errors)
  const unexpected = errors.filter((error) => error.code !== 'RIPEN_CONNECTION' && !refused.has(error) && !error.message.includes('bad-'))
  findings.tell('errors told by workers in outages', errors.filter(({ code }) => code === 'RIPEN_CONNECTION').length)
  findings.tell('runs of schedules refused while memory was full', refused.size)
  findings.none(
    'other errors told by workers',
    unexpected.map(({ life, code, message }) => `${life}: ${code} ${message}`),
  )
}

/** ms that an error may take to its worker. */
const way = 2_000

/**
 * Refusals of one worker in a second. It tries to add runs of schedules once in that time; a worker whose
 * every call is refused comes back at once.
 */
const most = 3

/** Those that were told while memory was full, and not too often: runs of schedules have to wait then. */
function refusedRuns(notes, errors) {
  const windows = notes.filter(({ what }) => what === 'full')
  const before = new Map()
  return new Set(
    errors.filter(({ life, at, code }) => {
      if (code !== 'RIPEN_STORE_FULL') return false
      const recent = (before.get(life) ?? []).filter((time) => at - time < 1_000)
      before.set(life, [...recent, at])
      return recent.length < most && windows.some(({ from, until }) => at >= from && at <= until + way)
    }),
  )
}

function checkCorrupted(notes, contents, errors, findings) {
  const ids = notes.filter(({ what }) => what === 'corrupted').flatMap((note) => note.ids)
  findings.tell('entries corrupted by hand', ids.length)
  findings.none(
    '… not set aside',
    ids.filter((id) => contents.get(id)?.sets.some((set) => ['ready', 'scheduled', 'active'].includes(set))),
  )
  const unreported = ids.filter((id) => !errors.some(({ message }) => message.includes(id)))
  // An id in a set and nothing else leaves no record: it is told of once, in a reply that a fault may have
  // swallowed.
  const traceless = (id) => id.includes('-without-row-')
  findings.none(
    '… not reported',
    unreported.filter((id) => !traceless(id)),
  )
  findings.tell('… without a row, whose report was lost with a reply', unreported.filter(traceless).length)
}
