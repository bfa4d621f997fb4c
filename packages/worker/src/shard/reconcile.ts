import { heldScript, pageScript, type Session, type Shard } from '@ripen/queue/internal'
import { adoptedJob, type HeldJob } from '../run/held-job.ts'

/** Ids in one call. */
const page = 1_000

/**
 * Which leases the server holds in this worker's name. Called after a reconnect, when nothing is under way:
 * what the worker does not know of was taken by a call whose answer was lost, and what the server does not
 * know of is lost. Reads `active` once, in pages: deadlines only grow, so a lease that is kept is not missed.
 * A page that is not full is the last: what others take meanwhile comes behind it.
 */
export async function leasesOf(shard: Shard, index: number, session: Session, signal: AbortSignal): Promise<Map<string, HeldJob>> {
  const held = new Map<string, HeldJob>()
  const bounds = { budget: Number.POSITIVE_INFINITY, signal }
  let [id, score] = ['', '']
  for (;;) {
    // By place: SCAN of the embedded server passes over members when others go.
    const call = { keys: { set: shard.keys.active }, arguments: { reverse: 0, limit: page, score, member: id } }
    const pairs = await shard.store.caller.script(pageScript, call, bounds)
    const ids = pairs.filter((_value, index) => index % 2 === 0)
    for (let start = 0; start < ids.length;) {
      const [looked, ...found] = await shard.script(heldScript, { worker: session.name }, ids.slice(start), bounds)
      start += looked
      for (let i = 0; i < found.length; i += 4) {
        const [job = '', row = '', lease = '', stateRow = ''] = found.slice(i, i + 4)
        held.set(job, adoptedJob(lease, { shard: index, id: job, row, stateRow, since: shard.store.clock.now() }))
      }
    }
    if (ids.length < page) return held
    ;[id = '', score = ''] = pairs.slice(-2)
  }
}
