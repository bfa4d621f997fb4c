import { readSections } from './locks.mjs'

/**
 * How long it took until work went on after each fault, in ms:
 *
 *     lost        from the loss of a worker to the next start of each job that it ran
 *     returned    from the end of an outage to the next start of each worker, and the next acknowledged add of each producer
 *     locks lost  from the loss of a holder to the next grant of a lock that it is in the way of
 *
 * @returns by fault: { name, made, times, within }; times of those faults alone that no other was near,
 *   `within` what was promised.
 */
export function measureRecovery(histories, contents) {
  const { notes } = histories
  const [{ faults }] = notes
  const made = faultsMade(histories)
  const figures = new Map()
  const lives = readLives(histories, contents)
  const sections = readSections(histories.locks)
  for (const { name } of faults) {
    if (!figures.has(name)) figures.set(name, { name, made: 0, times: [], overdue: [] })
    figures.get(name).made++
  }
  const measures = { lost: timesOfLost, returned: timesOfReturn, 'locks lost': timesOfLocks }
  for (const note of notes) {
    const measure = measures[note.what]
    if (measure === undefined) continue
    const fault = made.get(note.fault)
    if (fault?.alone !== true) continue
    const times = measure(note, { histories, lives, sections })
    const figure = figures.get(fault.name)
    figure.times.push(...times)
    if (note.within !== undefined && percentile(times, 0.99) > note.within)
      figure.overdue.push(
        `${fault.name} at ${note.at} (${fault.text}): ${Math.round(percentile(times, 0.99))} ms, ${note.within} ms at most`,
      )
  }
  return [{ name: 'nothing: a job is due', made: 0, times: timesOfQuiet(histories, contents), overdue: [] }, ...figures.values()]
}

/**
 * The faults as they were made, which may have taken longer than planned: number → { …entry of the plan,
 * from, until, alone, reachable }, `until` being when their traces are gone, `alone` whether no other fault
 * was near, and `reachable` whether none was near that keeps more than one process from the server.
 */
export function faultsMade({ notes }) {
  const [{ faults }] = notes
  const made = notes
    .filter(({ what }) => what === 'made')
    .map(({ fault, from, until }) => {
      const entry = faults.find(({ number }) => number === fault)
      return { ...entry, from, until: until + entry.settle }
    })
  const near = (one, other) => one !== other && one.from < other.until && other.from < one.until
  const hinders = ({ uses }) => uses.includes('server') || uses.includes('network')
  return new Map(
    made.map((one) => {
      const others = made.filter((other) => near(one, other))
      return [one.number, { ...one, alone: others.length === 0, reachable: !others.some(hinders) }]
    }),
  )
}

/** From when a job is due to its first start, as long as no fault is near. */
function timesOfQuiet(histories, contents) {
  const { notes, jobs } = histories
  // Processes that have just come up are slow.
  const begun = notes.find(({ what }) => what === 'begun').at + warmUp
  const drained = notes.find(({ what }) => what === 'drained').at
  const made = [...faultsMade(histories).values()]
  const times = []
  for (const [id, { added, kind, due, starts }] of jobs) {
    // One with a unique key may have been blocked, or moved.
    if (added !== 'a' || kind === 'unique' || starts.length === 0) continue
    const { addedAt = Number.NaN } = contents.get(id) ?? {}
    const from = due === '' ? addedAt : Math.max(addedAt, due.startsWith('+') ? addedAt + Number(due) : Number(due))
    if (from < begun || from > drained || made.some((fault) => from > fault.from - quiet && from < fault.until + (fault.lingers ?? quiet)))
      continue
    times.push(starts[0].fence / 1_000 - from)
  }
  return times
}

/** ms after the start that are not measured. */
const warmUp = 1_000

/** ms before and after a fault that do not count as quiet. */
const quiet = 200

/**
 * ms that a turn of an event loop takes: what is written down has happened so much sooner, or later, as seen
 * from elsewhere.
 */
const turn = 50

/** ms that a process must live on to be asked how soon it went on. */
const enough = 3_000

export function percentile(times, share) {
  return times.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * times.length) - 1)] ?? Number.NaN
}

/**
 * life → { name, from, until, acts }: when it was there, and when it started jobs or had adds acknowledged,
 * by the server's clock in ms.
 */
function readLives({ notes, jobs }, contents) {
  const lives = new Map()
  for (const { what, life, at } of notes) {
    if (what === 'started') lives.set(life, { name: life.replace(/\.\d+$/, ''), from: at, until: Number.POSITIVE_INFINITY, acts: [] })
    if (what === 'ended' && lives.has(life)) lives.get(life).until = at
  }
  for (const job of jobs.values()) for (const { life, fence } of job.starts) lives.get(life)?.acts.push(fence / 1_000)
  for (const [id, { addedAt, name, data }] of contents)
    if (jobs.get(id)?.added === 'a' && addedAt !== undefined && name !== 'unique') lives.get(data?.by)?.acts.push(addedAt)
  return lives
}

/**
 * Leases that a life held at a time and never settled: { job, fence }. What its handler had thrown by then
 * may have been settled without its knowing; what was taken again by then was lost before.
 */
export function* heldBy(jobs, life, at) {
  for (const job of jobs.values()) {
    for (const { fence, life: holder } of job.starts) {
      if (holder !== life || fence / 1_000 > at || (job.thrown?.get(fence) ?? Number.POSITIVE_INFINITY) < at + turn) continue
      if (job.starts.some((start) => start.fence > fence && start.fence / 1_000 <= at)) continue
      if (!job.accepted.some((settlement) => settlement.fence === fence)) yield { job, fence }
    }
  }
}

function timesOfLost({ life, at }, { histories: { jobs } }) {
  const times = []
  for (const { job, fence } of heldBy(jobs, life, at)) {
    const next = job.starts.find((start) => start.fence > fence && start.life !== life)
    // Without one its end had been accepted; the other checks see to it.
    if (next !== undefined) times.push(next.fence / 1_000 - at)
  }
  return times
}

function timesOfReturn({ at, victim = '' }, { lives }) {
  const hindered = [...lives.values()].filter(
    ({ name, from, until }) => /^(worker|producer)/.test(name) && (victim === '' || name === victim) && from < at && until > at + enough,
  )
  return hindered.map(({ acts }) => acts.reduce((first, act) => (act >= at ? Math.min(first, act) : first), Number.POSITIVE_INFINITY) - at)
}

function timesOfLocks({ life, at }, { sections }) {
  return sections
    .filter((section) => section.life === life && section.from < at && !(section.until < at))
    .map(({ path }) => {
      const inTheWay = (other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`)
      return (
        Math.min(
          ...sections.filter((section) => section.life !== life && section.from > at && inTheWay(section.path)).map(({ from }) => from),
        ) - at
      )
    })
}
