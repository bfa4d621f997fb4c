import { heldScript, type Session, type Shard } from '@ripen/queue/internal'
import { adoptedJob, type HeldJob } from './held-job.ts'

/** Ids in one call. */
const page = 500

/**
 * Which leases the server holds in this worker's name. Called after a reconnect, when nothing is under way: what the worker does not know of was taken by a call whose answer was lost,
 * and what the server does not know of is lost. Reads `active` once, in pages.
 */
export async function leasesOf(shard: Shard, session: Session, signal: AbortSignal): Promise<Map<string, HeldJob>> {
  const held = new Map<string, HeldJob>()
  const bounds = { budget: Number.POSITIVE_INFINITY, signal }
  let cursor = '0'
  do {
    const at = cursor
    const [next, pairs] = await shard.store.caller.call((client) => client.zscan(shard.keys.active, at, 'COUNT', page), bounds)
    cursor = next
    const ids = pairs.filter((_value, index) => index % 2 === 0)
    for (let start = 0; start < ids.length; start += page) {
      const answer = await shard.script(heldScript, { worker: session.name }, ids.slice(start, start + page), bounds)
      for (let index = 0; index < answer.length; index += 4) {
        const [id = '', row = '', lease = '', stateRow = ''] = answer.slice(index, index + 4)
        held.set(id, adoptedJob(id, row, lease, stateRow, performance.now()))
      }
    }
  } while (cursor !== '0')
  return held
}
