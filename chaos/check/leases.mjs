import { story } from './adds.mjs'
import { ends } from './contents.mjs'

/**
 * Whether each lease was settled once and by its holder, and nothing ran before its time or after its end.
 * Fences are µs of the server's clock at the moment of the take.
 */
export function checkLeases({ jobs, stalls, leasesLost }, contents, { mayTake }, findings) {
  const found = { stale: [], double: [], after: [], early: [], unsettled: [], same: [] }
  const runs = new Map()
  let [starts, settlements] = [0, 0]
  for (const [id, job] of jobs) {
    starts += job.starts.length
    settlements += job.accepted.length
    if (job.starts.length > 0) runs.set(job.starts.length, (runs.get(job.starts.length) ?? 0) + 1)
    const report = (list, what, lost = false) => list.push({ text: `${id} (${job.kind}): ${what}; ${story(job)}`, lost })
    const there = contents.get(id)
    checkFences(job, report, found, mayTake)
    checkDue(job, there, report, found, mayTake)
    if (there !== undefined && ends.has(there.sets[0])) checkEnd(job, there, report, found, mayTake)
    else if (job.accepted.some(({ verdict }) => verdict !== 'r'))
      report(
        found.unsettled,
        `is in ${there?.sets.join() ?? 'no set'}`,
        job.added !== 'a' && there === undefined && job.accepted.every(isLost(mayTake)),
      )
  }
  findings.tell('starts', starts)
  findings.tell(
    'jobs by starts',
    [...runs]
      .sort(([a], [b]) => a - b)
      .map(([times, count]) => `${times}: ${count}`)
      .join(', '),
  )
  findings.tell('settlements accepted', settlements)
  findings.tell('leases lost, as workers were told', leasesLost)
  findings.tell('stalls', stalls)
  findings.none('stale settlements accepted', found.stale)
  findings.none('double settlements', found.double)
  findings.none('accepted, and not ended', found.unsettled)
  findings.none('one lease, two starts', found.same)
  findings.none('started after the end', found.after)
  findings.none('early starts', found.early)
}

/**
 * Whether what the server has accepted may be gone: it was some time between the take and the moment at which
 * the worker was told.
 */
function isLost(mayTake) {
  return ({ fence, at }) => mayTake(fence === undefined ? at : fence / 1_000, at)
}

function checkFences({ starts, accepted, thrown }, report, { double, stale, same }, mayTake) {
  const leases = accepted.filter(({ fence }) => fence !== undefined)
  const repeated = (list) => list.filter(({ fence }, index) => list.findIndex((other) => other.fence === fence) < index)
  // A settlement that is gone leaves the lease with its worker, which runs the job again.
  const first = (fence) => leases.find((settlement) => settlement.fence === fence)
  for (const { fence } of repeated(leases)) report(double, `lease ${fence} was settled twice`, isLost(mayTake)(first(fence)))
  for (const { fence } of repeated(starts)) {
    const settled = first(fence)
    report(
      same,
      `lease ${fence} was started twice`,
      settled === undefined ? mayTake(fence / 1_000, Number.POSITIVE_INFINITY) : isLost(mayTake)(settled),
    )
  }
  const ended = accepted.filter(({ verdict }) => verdict !== 'r').toSorted((a, b) => a.at - b.at)
  if (ended.length > 1) report(double, 'ended twice', ended.slice(0, -1).every(isLost(mayTake)))
  // The handler of an attempt that was accepted threw at that time: had the job been taken again before, the
  // settlement was a stale one.
  for (const { verdict, fence } of accepted) {
    if (verdict !== 'r') continue
    const later = starts.find((start) => start.fence > fence && start.fence / 1_000 < thrown.get(fence))
    if (later !== undefined) report(stale, `lease ${fence} was settled when ${later.fence} had been given`, mayTake(later.fence / 1_000))
  }
}

/** Not before it was due, nor before the delay of an attempt that failed. */
function checkDue({ starts, accepted, thrown, due }, there, report, { early }, mayTake) {
  const first = due.startsWith('+') ? (there?.addedAt ?? 0) + Number(due) : Number(due)
  // A job that is gone may be added again under its id, and is due anew.
  for (const { fence } of starts) if (fence / 1_000 < first) report(early, `lease ${fence}, due ${first}`, mayTake(fence / 1_000))
  for (const settlement of accepted) {
    const { verdict, fence, delay } = settlement
    if (verdict !== 'r') continue
    const from = thrown.get(fence) + delay
    for (const start of starts)
      if (start.fence > fence && start.fence / 1_000 < from)
        report(early, `lease ${start.fence}, to be tried again from ${from}`, isLost(mayTake)(settlement))
  }
}

/** The server keeps the fence of the lease that ended a job, and when. */
function checkEnd({ starts, accepted }, { sets, score, fence }, report, { stale, after, double }, mayTake) {
  // The time of an end as it is read here is whole ms and up to 1.5 ms early: see contents.mjs.
  const end = score + 1.5
  const byLease = sets[0] !== 'cancelled' || accepted.some(({ verdict }) => verdict === 'x')
  for (const start of starts) {
    const taken = start.fence / 1_000
    if (taken >= end) report(after, `lease ${start.fence}, ended ${score}`, mayTake(taken))
    else if (byLease && start.fence > fence) report(stale, `lease ${fence} was settled when ${start.fence} had been given`, mayTake(taken))
  }
  for (const settlement of accepted)
    if (settlement.verdict !== 'r' && settlement.fence !== undefined && settlement.fence !== fence)
      report(double, `a worker was told that ${settlement.fence} ended it, the server has ${fence}`, isLost(mayTake)(settlement))
}
