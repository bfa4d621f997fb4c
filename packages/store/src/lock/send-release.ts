import type { CallState, Client } from '../call/caller.ts'
import { sendScript } from '../script/script.ts'
import { lockReleaseScript } from '../scripts.generated.ts'
import type { RipenStore } from '../store.ts'
import { lockKeys, wakeChannel } from './lock-keys.ts'

/**
 * Gives up a lease or a place among those who wait. Answers 1 when there was a lease and its time was not
 * over.
 *
 * @param leave an acquire of this id may still come, and is to be refused.
 */
export function sendRelease(store: RipenStore, client: Client, id: string, leave: boolean, state: CallState): Promise<number> {
  const { prefix } = store.options
  const { entries, ends, index, waiters } = lockKeys(prefix)
  const given = { offset: store.clockOffset, id, leave: leave ? '1' : '', channel: wakeChannel(prefix, store.selectedDatabase) }
  return sendScript(client, lockReleaseScript, { keys: { entries, ends, index, waiters }, arguments: given }, state)
}
