import { story } from './adds.mjs'

/**
 * Whether the schedules ran as their rules say, which are reckoned anew here from the time at which each was
 * first made: where all runs are asked for, each is a job exactly once; of the others no run is a job twice,
 * and none is a job that is no run.
 *
 * No failover explains a run that is missing or doubled: the job and the step of its schedule are written
 * together, so they are lost together, and the run is made again.
 */
export function checkSchedules({ jobs, upserts }, contents, { rows, due }, { schedules }, { mayTake }, findings) {
  const found = { missing: [], twice: [], strange: [], early: [], beside: [], anchors: [] }
  const runs = runsOf(contents)
  let expected = 0
  for (const { id, spec } of schedules) {
    const [, anchor] = /^\d+;[01];(\d+);/.exec(rows[id] ?? '') ?? []
    if (anchor === undefined) {
      found.missing.push(`${id} is not there`)
      continue
    }
    checkAnchor(id, Number(anchor), upserts, mayTake, found)
    const times = occurrences(spec, Number(anchor))
    const own = runs.get(id) ?? []
    checkTimes(id, spec, times, own, found)
    if (isComplete(spec)) expected += times.length
    for (const run of own) checkStarts(id, spec, run, jobs.get(run.id), mayTake, found)
    if (spec.overlap === 'skip') found.beside.push(...overlapping(id, own))
  }
  findings.tell('schedules, and how often they were upserted', `${schedules.length}, ${upserts.filter(({ done }) => done).length}`)
  findings.tell('runs of schedules that had to be', expected)
  findings.tell('runs of schedules', [...runs.values()].flat().length)
  findings.none('… missing', found.missing)
  findings.none('… added twice', found.twice)
  findings.none('… at a time that is none of the schedule', found.strange)
  findings.none('… started early', found.early)
  findings.none('… beside another that had to end first', found.beside)
  findings.none('schedules that count from another time than that of their first upsert', found.anchors)
  findings.none('schedules that are over, and have a next run', due)
}

/** Schedule → its jobs: { id, at, …as in the contents }. */
function runsOf(contents) {
  const runs = new Map()
  for (const [id, there] of contents) {
    if (there.name !== 'scheduled') continue
    const { id: schedule, at } = there.options.schedule
    if (!runs.has(schedule)) runs.set(schedule, [])
    runs.get(schedule).push({ ...there, id, at })
  }
  return runs
}

/** All times, in epoch ms, at which the schedule is to run. */
function occurrences({ every, cron, end, limit = Number.POSITIVE_INFINITY }, anchor) {
  const period = every ?? Number(/^\*\/(\d+) \* \* \* \* \*$/.exec(cron)[1]) * 1_000
  const times = []
  // A cron runs at the times of the clock that its period divides.
  const first = every === undefined ? anchor - (anchor % period) + period : anchor + period
  for (let time = first; time <= end && times.length < limit; time += period) times.push(time)
  return times
}

function isComplete({ catchUp, overlap }) {
  return catchUp === 'all' && overlap === 'all'
}

function checkTimes(id, spec, times, own, { missing, twice, strange }) {
  const wanted = new Set(times)
  const seen = new Map()
  for (const { id: job, at } of own) {
    if (seen.has(at)) twice.push(`${id} of ${at} is ${seen.get(at)} and ${job}`)
    seen.set(at, job)
    if (!wanted.has(at)) strange.push(`${id} of ${at} is ${job}; its times go from ${times[0]} to ${times.at(-1)}`)
  }
  if (isComplete(spec)) missing.push(...times.filter((at) => !seen.has(at)).map((at) => `${id} of ${at}`))
}

/** Not before its time, to which the jitter adds less than the schedule says. */
function checkStarts(id, { jitter = 0 }, { id: job, at, options: { runAt } }, history, mayTake, { early }) {
  if (runAt < at || runAt > at + jitter) early.push(`${id} of ${at} is ${job}, due ${runAt}`)
  for (const { fence } of history?.starts ?? [])
    if (fence / 1_000 < runAt) early.push({ text: `${id} of ${at}, due ${runAt}; ${story(history)}`, lost: mayTake(fence / 1_000) })
}

/** Runs that were added before the one before them had ended. */
function overlapping(id, own) {
  const inOrder = own.toSorted((a, b) => a.addedAt - b.addedAt || a.at - b.at)
  return inOrder
    .slice(1)
    .map((run, index) => ({ run, before: inOrder[index] }))
    .filter(({ run, before }) => run.addedAt < before.score)
    .map(({ run, before }) => `${id}: that of ${run.at} was added at ${run.addedAt}, that of ${before.at} ended at ${before.score}`)
}

/** It was made between the first time that somebody was about to, and the first time that somebody had. */
function checkAnchor(id, anchor, upserts, mayTake, { anchors }) {
  const earliest = (done) => Math.min(...upserts.filter((each) => each.schedule === id && each.done === done).map(({ at }) => at))
  const [asked, made] = [earliest(false), earliest(true)]
  if (anchor < asked || anchor > made)
    anchors.push({ text: `${id} counts from ${anchor}, was asked for at ${asked} and made at ${made}`, lost: mayTake(asked, made) })
}
