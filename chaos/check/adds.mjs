import { ends } from './contents.mjs'

/** Whether every acknowledged job came to its end, and whether there is any that nobody asked for. */
export function checkAdds(histories, contents, findings) {
  const { jobs } = histories
  const lost = []
  let [acknowledged, finished, unconfirmed, unconfirmedThere] = [0, 0, 0, 0]
  for (const [id, job] of jobs) {
    const there = contents.get(id)
    if (job.added === 'u') {
      unconfirmed++
      if (there !== undefined) unconfirmedThere++
    }
    if (job.added !== 'a') continue
    acknowledged++
    const [set] = there?.sets ?? []
    if (set === undefined) lost.push(`${id} (${job.kind}), ${there?.name === undefined ? 'no row' : 'its row is there'}, ${story(job)}`)
    else if (ends.has(set)) finished++
  }
  findings.tell('adds acknowledged', acknowledged)
  findings.tell('… finished', finished)
  findings.none('… lost', lost)
  const waiting = [...contents].filter(([id, { sets }]) => sets.some((set) => !ends.has(set)) && !id.startsWith('bad-'))
  findings.none(
    'unfinished after the drain',
    waiting.map(([id, { sets, name }]) => `${id} (${name}) in ${sets.join()}, ${story(jobs.get(id))}`),
  )
  findings.none(
    'in two sets at once',
    [...contents].filter(([, { sets }]) => sets.length > 1).map(([id, { sets }]) => `${id} in ${sets.join()}`),
  )
  findings.tell('adds not confirmed', unconfirmed)
  findings.tell('… that exist', unconfirmedThere)
  checkOrigins(histories, contents, findings)
}

/** By the numbers that producers put into the data. */
function checkOrigins({ jobs, notes, refused, late, found, forgotten }, contents, findings) {
  /** Lives that ended before they could write down all they did. */
  const killed = new Set(notes.filter(({ what, signal }) => what === 'ended' && signal !== null).map(({ life }) => life))
  const ids = new Map()
  const [twice, strange] = [[], []]
  let cutOff = 0
  for (const [id, { name, data }] of contents) {
    if (name === undefined || name === 'scheduled' || id.startsWith('bad-')) continue
    const number = `${data.by} ${data.n}`
    if (ids.has(number)) twice.push(`number ${number} is ${ids.get(number)} and ${id}`)
    ids.set(number, id)
    if (jobs.get(id)?.added !== undefined) continue
    if (killed.has(data.by)) cutOff++
    else strange.push(`${id} (${name}), number ${number}`)
  }
  findings.tell('adds of killed producers that exist, unknown to them', cutOff)
  findings.none('added by nobody', strange)
  findings.none('one add, two jobs', twice)
  findings.tell('adds refused', refused.length)
  findings.none(
    '… that exist all the same',
    refused
      .filter(({ life, n }) => ids.has(`${life} ${n}`))
      .map(({ life, n, code }) => `${ids.get(`${life} ${n}`)}, number ${n} of ${life}, ${code}`),
  )
  findings.none(
    '… for no good reason',
    refused.filter(({ code }) => code !== 'RIPEN_STORE_FULL').map(({ life, n, code }) => `number ${n} of ${life}: ${code}`),
  )
  findings.late(
    'adds that took longer than they may',
    late.map(({ life, n, took }) => `number ${n} of ${life}: ${took} ms`),
  )
  findings.tell('ids added again, and found', found)
  findings.none('… and not found', forgotten)
}

/** What the histories know of a job, as one line. */
export function story(job) {
  if (job === undefined) return 'in no history'
  const starts = job.starts.map(({ fence, life }) => `started ${fence} ${life}`)
  const accepted = job.accepted.map(({ verdict, fence, at, life }) => `accepted ${verdict} ${fence} ${at} ${life}`)
  return [
    `added: ${job.added ?? '?'}`,
    ...starts,
    ...accepted,
    ...(job.cancelAccepted ? [`cancel accepted ${job.cancelAccepted.until}`] : []),
  ].join('; ')
}
