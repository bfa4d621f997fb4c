/**
 * The checker, a program of its own that shares no code with the queue: reads the histories in a directory
 * and what lies on the server, prints the table, and ends with code 1 when a promise was broken.
 *
 *     node chaos/check.mjs <directory> <url> [--strict]
 */
import { Cluster, Redis } from 'ioredis'
import { checkAdds } from './check/adds.mjs'
import { checkChannels } from './check/channels.mjs'
import { readContents, readSchedules, readUniqueKeys } from './check/contents.mjs'
import { Findings } from './check/findings.mjs'
import { readHistories } from './check/histories.mjs'
import { checkLeases } from './check/leases.mjs'
import { checkLocks } from './check/locks.mjs'
import { readLosses } from './check/losses.mjs'
import { checkOutcomes } from './check/outcomes.mjs'
import { faultsMade, heldBy, measureRecovery } from './check/recovery.mjs'
import { checkSchedules } from './check/schedules.mjs'
import { checkUnique } from './check/unique.mjs'
import { reportText } from './report.mjs'

const [directory, url, strict] = process.argv.slice(2)

/** Processes that ended by themselves, or not at all. */
function checkProcesses({ notes }, findings) {
  const ended = notes.filter(({ what }) => what === 'ended')
  findings.tell('processes started', notes.filter(({ what }) => what === 'started').length)
  findings.none(
    '… that ended by themselves',
    ended.filter(({ expected }) => !expected).map(({ life, code, signal }) => `${life}: ${signal ?? `code ${code}`}`),
  )
  findings.none('… that did not end when asked to', notes.find(({ what }) => what === 'drained').late)
}

/** What single faults must not do. */
function checkFaults(histories, contents, findings) {
  const { notes, jobs } = histories
  const made = faultsMade(histories)
  const alone = (number) => made.get(number)?.alone === true
  const stalled = []
  for (const { what, fault, life, from, until } of notes) {
    if (what !== 'blocked' || !alone(fault)) continue
    for (const { job, fence } of heldBy(jobs, life, from)) {
      const taken = job.starts.find((start) => start.fence > fence && start.fence / 1_000 < until && start.life !== life)
      if (taken !== undefined)
        stalled.push(`lease ${fence} of ${life}, blocked from ${from} to ${until}, went to ${taken.life} with ${taken.fence}`)
    }
  }
  findings.none('leases lost to a blocked event loop', stalled)
  const idle = notes.filter(
    ({ what, fault, from, until }) =>
      what === 'full' &&
      made.get(fault)?.reachable === true &&
      ![...contents.values()].some(({ sets, score }) => sets[0] === 'completed' && score > from + 500 && score < until),
  )
  findings.none(
    'nothing settled while memory was full',
    idle.map(({ from, until }) => `${from} to ${until}`),
  )
}

function connect() {
  const [scheme, hosts] = url.split('://')
  return scheme === 'redis+cluster' ? new Cluster(hosts.split(',').map((host) => `redis://${host}`)) : new Redis(url, { protocol: 2 })
}

const histories = readHistories(directory)
const [plan] = histories.notes
const redis = connect()
const losses = readLosses(histories)
const findings = new Findings(strict === '--strict')
const contents = await readContents(redis, plan)
checkAdds(histories, contents, findings)
checkLeases(histories, contents, losses, findings)
checkOutcomes(histories, contents, losses, findings)
checkUnique(histories, contents, await readUniqueKeys(redis, plan), losses, findings)
checkSchedules(histories, contents, await readSchedules(redis, plan), plan, losses, findings)
checkFaults(histories, contents, findings)
checkLocks(histories, losses, findings)
await checkChannels(histories, redis, plan, losses, findings)
checkProcesses(histories, findings)
if (losses.changes > 0) {
  findings.tell('changes of the primary', losses.changes)
  findings.tell('… that no fault explains', losses.unasked.length)
}
const recovery = measureRecovery(histories, contents)
findings.late(
  'recovery later than promised',
  recovery.flatMap(({ overdue }) => overdue),
)
redis.disconnect()
process.stdout.write(reportText({ findings, recovery }))
if (findings.violations.length > 0) process.exitCode = 1
