import { decodeRow } from '@ripen/queue/internal'
import { brokenSchedules } from './broken-schedules.ts'
import type { ShardContents } from './shard-contents.ts'

const ends = ['completed', 'failed', 'cancelled'] as const
const states = ['scheduled', 'ready', 'active', 'blocked', ...ends] as const
/** Ended jobs with a time of their own have scores from here on. */
const ownBand = 2 ** 52
const startedBand = 2 ** 44
const priorityBand = 2 ** 42

/** Between the contents and those before them. */
export interface Step {
  /** By the server's clock, in epoch ms. */
  readonly time: number
  readonly before: ShardContents | undefined
  /** The jobs that somebody may have made ready before their time. */
  readonly hurried: readonly string[]
}

/**
 * What the server holds that it must never hold, whatever was done to it, a line each. It knows nothing of
 * the model.
 */
export function brokenInvariants(now: ShardContents, step: Step): string[] {
  return [
    ...brokenPlaces(now),
    ...brokenOrder(now, step),
    ...early(now, step),
    ...brokenLeases(now, step),
    ...brokenExpiry(now),
    ...brokenUnique(now),
    ...brokenSchedules(now, step),
    ...brokenDeadlines(now, step),
    ...brokenWorkers(now),
    ...endingInUse(now, step),
  ]
}

/** Every job in exactly one set, and nothing left of those that are gone. */
function* brokenPlaces({ jobs, state, cancels, waiters, watchers, expiry, ...sets }: ShardContents): Generator<string> {
  const places = new Map<string, string[]>()
  for (const name of states) for (const id of sets[name].keys()) places.set(id, [...(places.get(id) ?? []), name])
  for (const id of jobs.keys()) if (!places.has(id)) yield `${id} is in no set`
  for (const [id, names] of places) {
    if (names.length > 1) yield `${id} is in ${names.join(' and ')}`
    if (!jobs.has(id)) yield `${id} is in ${names.join(' and ')} without a row`
  }
  for (const id of state.keys()) if (!jobs.has(id)) yield `${id} has a state row and no row`
  // A cancel outlives a lost lease: who takes the job next is to hear of it.
  for (const id of cancels.keys()) if (!sets.active.has(id) && !sets.ready.has(id)) yield `${id} has a cancel and nobody to hear it`
  for (const id of waiters.keys()) {
    const spared = expiry.has(`w:${id}`) || expiry.has(`j:${id}`)
    if (!jobs.has(id) || (!spared && ends.some((name) => sets[name].has(id)))) yield `${id} has ended or is gone, and is waited for`
  }
  for (const id of watchers.keys()) if (!waiters.has(id)) yield `${id} is watched and not waited for`
}

/**
 * Ready jobs stand in the band of their priority, and who has just become ready has a place of his own. (Jobs
 * of one take whose leases are lost go back to one place.)
 */
function* brokenOrder({ jobs, ready, meta }: ShardContents, { before }: Step): Generator<string> {
  for (const [id, score] of ready) {
    const { priority } = decodeRow(jobs.get(id) ?? '')
    if (!Number.isSafeInteger(score) || Math.floor(score / priorityBand) !== priority)
      yield `${id} has priority ${priority} and stands at ${score}`
    // Deadlines may be the same.
    if (meta.get('order') === 'deadline') continue
    if (before?.ready.has(id) === true || before?.active.has(id) === true) continue
    for (const [other, its] of ready) if (its === score && other !== id) yield `${id} was put where ${other} stands, at ${score}`
  }
}

/** Nothing becomes ready before it is due. */
function* early({ ready, active }: ShardContents, { time, before, hurried }: Step): Generator<string> {
  for (const [id, due] of [...(before?.scheduled ?? []), ...(before?.blocked ?? [])])
    if (due > time && !hurried.includes(id) && (ready.has(id) || active.has(id)))
      yield `${id} is due at ${due} and was made ready at ${time}`
}

/** Who is active has a lease, and only he; fences grow. */
function* brokenLeases({ active, leases, meta }: ShardContents, { before }: Step): Generator<string> {
  const last = Number(meta.get('fence') ?? 0)
  const earlier = Number(before?.meta.get('fence') ?? 0)
  if (last < earlier) yield `the last fence was ${earlier} and is ${last}`
  for (const id of active.keys()) if (!leases.has(id)) yield `${id} is active without a lease`
  for (const [id, lease] of leases) {
    // The empty one is no lease: it keeps the hash a hash table.
    if (id === '') continue
    const fence = Number(lease.slice(0, 16))
    if (!active.has(id)) yield `${id} has a lease and is not active`
    if (!/^\d{16} \S+ -?\d+ [012]$/.test(lease)) yield `${id} has the lease '${lease}'`
    if (fence > last) yield `${id} has the fence ${fence} after ${last}`
    const known = before?.leases.get(id)
    if (known?.slice(0, 16) !== lease.slice(0, 16) && fence <= earlier) yield `${id} was taken with fence ${fence} after ${earlier}`
  }
}

/** Every retention of a job's own has its end in `expiry`, and only those. */
function* brokenExpiry({ expiry, sessions, unique, ...sets }: ShardContents): Generator<string> {
  const own = new Set<string>()
  for (const name of ends) for (const [id, score] of sets[name]) if (score >= ownBand) own.add(id)
  const expiring = new Map<string, string>()
  for (const member of expiry.keys()) {
    const name = member.slice(member.indexOf(':') + 1)
    if (member.startsWith('s:')) {
      if (![...sessions.keys()].some((lane) => lane.startsWith(`${name}:`))) yield `the session ${name} expires and is unknown`
    } else if (member.startsWith('unique:')) {
      if (!unique.get(`k${name}`)?.startsWith(`${expiry.get(member)} `)) yield `the key ${name} expires, and is not held until then`
    } else if (!own.has(name)) yield `${member} expires, and has no retention of its own`
    else if (expiring.has(name)) yield `${member} expires twice`
    else expiring.set(name, member)
  }
  for (const id of own) if (!expiring.has(id)) yield `${id} has a retention of its own and never expires`
}

/**
 * A key is held by a job that has not ended, or until a time; at most one that holds it up to its end is
 * unfinished; and one may be blocked behind that one.
 */
function* brokenUnique({ unique, jobs, scheduled, ready, active, blocked, expiry }: ShardContents): Generator<string> {
  const unfinished = (id: string): boolean => scheduled.has(id) || ready.has(id) || active.has(id)
  for (const [field, value] of unique) {
    const name = field.slice(1)
    const [during = '', id = ''] = value.split(/ (.*)/s)
    if (field.startsWith('i')) {
      if (!unfinished(name) && unique.get(`b${value}`) !== name) yield `${name} has the key ${value}, and neither holds it nor waits for it`
    } else if (field.startsWith('b')) {
      if (!blocked.has(value) || unique.get(`i${value}`) !== name) yield `${value} is not blocked, and is to go on with the key ${name}`
      if (!unique.get(`k${name}`)?.startsWith('u ')) yield `${value} is blocked, and nobody's end lets it go on`
    } else if (during === 'w' || during === 'u') {
      if (!unfinished(id) || unique.get(`i${id}`) !== name) yield `${id} holds the key ${name}, and has ended`
    } else if (expiry.get(`unique:${name}`) !== Number(during)) yield `the key ${name} is held until ${during}, which does not expire`
  }
  for (const id of blocked.keys())
    if (unique.get(`b${unique.get(`i${id}`)}`) !== id) yield `${id} is blocked, and nobody's end lets it go on`
  for (const [id, row] of jobs) {
    const { key, during } = decodeRow(row).options.unique ?? {}
    if (during === 'unfinished' && unfinished(id) && unique.get(`k${key}`) !== `u ${id}`)
      yield `${id} is unfinished, and does not hold its key ${key}`
  }
}

/** Who has an expiresIn and has not ended has a deadline, and only he; nobody is taken after his. */
function* brokenDeadlines({ jobs, deadlines, ...sets }: ShardContents, { before, time }: Step): Generator<string> {
  for (const [id, row] of jobs) {
    const unfinished = !ends.some((name) => sets[name].has(id))
    const { expiresIn } = decodeRow(row).options
    if (deadlines.has(id) !== (unfinished && expiresIn !== undefined))
      yield `${id} expires in ${expiresIn} ms, and has ${deadlines.get(id)}`
    if (deadlines.has(id) && sets.active.has(id) !== (deadlines.get(id) as number) >= startedBand)
      yield `${id} counts as started, or is active`
  }
  for (const id of deadlines.keys()) if (!jobs.has(id)) yield `${id} has a deadline and no row`
  for (const id of sets.active.keys()) {
    const known = before?.active.has(id) === true || before?.jobs.get(id) !== jobs.get(id)
    if (!known && (before?.deadlines.get(id) ?? Number.POSITIVE_INFINITY) <= time) yield `${id} was taken after its deadline`
  }
}

function* brokenWorkers({ worker, workers, tokens }: ShardContents): Generator<string> {
  for (const name of worker.keys()) if (!workers.has(name)) yield `the worker ${name} has no heartbeat`
  if (tokens > 1) yield `${tokens} tokens lie in wake`
}

/** No key of a queue ends by itself while anything is in it, it is paused, or a worker lives. */
function* endingInUse({ jobs, schedules, workers, meta, ending }: ShardContents, { time }: Step): Generator<string> {
  const used = jobs.size > 0 || schedules.size > 0 || meta.has('paused') || [...workers.values()].some((until) => until > time)
  if (used && ending.length > 0) yield `${ending.join(', ')} will end, and the queue is used`
}
