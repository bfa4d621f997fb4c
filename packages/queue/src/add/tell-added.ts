import type { Standing } from '../job/job.ts'
import { StoredJob } from '../job/job.ts'
import { decodeState } from '../job/row.ts'
import type { AdderParts } from './adder.ts'
import { decodeAdded } from './decode-added.ts'
import type { PendingAdd } from './pending-adds.ts'

const stateRow = decodeState('')
const ready: Standing = { state: 'ready', stateRow }
const scheduled: Standing = { state: 'scheduled', stateRow }
const blocked: Standing = { state: 'blocked', stateRow }

/**
 * Gives those who have added the jobs of a batch what became of them; the job that stays in the stead of
 * another one is read first.
 *
 * @param reply of `add.lua`.
 */
export function tellAdded(
  { home, existing }: Pick<AdderParts, 'home' | 'existing'>,
  adds: readonly PendingAdd[],
  ids: readonly string[],
  reply: string,
): void {
  const added = decodeAdded(reply)
  const { now, survivors } = added
  for (let i = 0; i < adds.length; i++) {
    const { job, since, resolve, reject } = adds[i] as PendingAdd
    const standing = added.blocked.has(i) ? blocked : job.due === '' ? ready : scheduled
    const survivor = survivors.get(i)
    const told = new StoredJob(home, survivor ?? (ids[i] as string), job, now, job.data, standing)
    if (survivor === undefined) resolve(told)
    else existing.find(told, since).then(resolve, reject)
  }
}
