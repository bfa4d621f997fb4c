import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readHistory } from '../history.mjs'

const none = Object.freeze([])

/** All that the histories tell of one job. */
class JobHistory {
  /** 'a' acknowledged, 'u' not confirmed; undefined where its producer had no time to write. */
  added
  kind
  /** '' for at once, '+ms', or epoch ms. */
  due = ''
  /** Runs of handlers, by fence: { fence, life, attempt, stalls }. */
  starts = []
  /**
   * What the server has accepted, as workers were told: { verdict, fence, at, life, delay, code }; verdicts
   * as in worker.mjs.
   */
  accepted = []
  /** Fence → when the handler threw. */
  thrown
  /** When a cancel was accepted: { from, until }; undefined where none was. */
  cancelAccepted
  /** Adds with its unique key that were answered with this job: { onConflict, sent }. */
  joined = none
}

const readers = { producer: readProducer, worker: readWorker, 'lock-holder': readLines('locks'), 'channel-writer': readLines('channels') }

/** Reads what all processes have written down. */
export function readHistories(directory) {
  const all = {
    /** What the run itself has noted. */
    notes: [],
    /** id → {@link JobHistory} */
    jobs: new Map(),
    /** Numbers of refused adds: { life, n, code }. */
    refused: [],
    /** Numbers of adds that took too long: { life, n, took }. */
    late: [],
    /** Ids that were added again although acknowledged, and were not found. */
    forgotten: [],
    /** How many were added again and found. */
    found: 0,
    stalls: 0,
    /** Settlements that were refused, and leases that were found lost. */
    leasesLost: 0,
    /** Of schedules: { schedule, at, done }, before and after. */
    upserts: [],
    /** What workers told of besides: { life, code, message }. */
    errors: [],
    /** Lines of lock holders and channel writers: { life, fields }. */
    locks: [],
    channels: [],
  }
  for (const [line] of readRaw(join(directory, 'notes'))) all.notes.push(JSON.parse(line))
  for (const life of readdirSync(join(directory, 'histories')).sort()) {
    const role = life.replace(/-\d+\.\d+$/, '')
    readers[role](all, life, readHistory(join(directory, 'histories', life)))
  }
  for (const { starts } of all.jobs.values()) if (starts.length > 1) starts.sort((a, b) => a.fence - b.fence)
  return all
}

/** Lines that are one text each. */
function* readRaw(path) {
  for (const fields of readHistory(path)) yield [fields.join(' ')]
}

function jobOf(all, id) {
  let job = all.jobs.get(id)
  if (job === undefined) all.jobs.set(id, (job = new JobHistory()))
  return job
}

function readProducer(all, life, lines) {
  for (const [letter, first, second, third, fourth] of lines) {
    if (letter === 'a') {
      const job = jobOf(all, second)
      job.added = 'a'
      job.kind = third
      job.due = fourth
    } else if (letter === 'q') {
      const job = jobOf(all, second)
      job.added = 'a'
      job.kind = 'unique'
      if (job.joined === none) job.joined = []
      job.joined.push({ onConflict: third, sent: Number(fourth) })
    } else if (letter === 'u') jobOf(all, second).added ??= 'u'
    else if (letter === 'x') all.refused.push({ life, n: Number(first), code: second })
    else if (letter === 'w') all.late.push({ life, n: Number(first), took: Number(second) })
    else if (letter === 'd' && second === '1') all.found++
    else if (letter === 'd') all.forgotten.push(first)
    else if (letter === 'k' && second === '1') jobOf(all, first).cancelAccepted ??= { from: Number(third), until: Number(fourth) }
    else if (letter === 'k') continue
    else throw new Error(`a line of ${life} that nobody knows: ${letter}`)
  }
}

function readWorker(all, life, lines) {
  for (const [letter, id, fence, third, fourth, ...rest] of lines) {
    if (letter === 's') jobOf(all, id).starts.push({ fence: Number(fence), life, attempt: Number(third), stalls: Number(fourth) })
    else if (letter === 'f') (jobOf(all, id).thrown ??= new Map()).set(Number(fence), Number(third))
    else if ('cFxr'.includes(letter))
      jobOf(all, id).accepted.push({
        verdict: letter,
        fence: fence === '-' ? undefined : Number(fence),
        at: Number(third),
        life,
        delay: letter === 'r' ? Number(fourth) : undefined,
        code: letter === 'F' ? fourth : undefined,
      })
    else if (letter === 'U' || letter === 'V') all.upserts.push({ schedule: id, at: Number(fence), done: letter === 'V' })
    else if (letter === 'S') all.stalls++
    else if (letter === 'L') all.leasesLost++
    else if (letter === 'E') all.errors.push({ life, at: Number(id), code: fence, message: [third, fourth, ...rest].join(' ') })
    else throw new Error(`a line of ${life} that nobody knows: ${letter}`)
  }
}

function readLines(where) {
  return (all, life, lines) => {
    for (const fields of lines) all[where].push({ life, fields })
  }
}
