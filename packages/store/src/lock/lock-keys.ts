import { keyTag } from '../script/key-tag.ts'

/** All locks of a store are in one slot, so that one script sees everything that may stand in the way. */
export interface LockKeys {
  /**
   * hash: id → lease or waiter with its node, order and owner, see `lua/fragments/lock-entries.lua`; `x` for
   * an id that is refused
   */
  readonly entries: string
  /** sorted set: id → when the lease, the place of the waiter or the refusal ends, in ms */
  readonly ends: string
  /** sorted set, all scores 0: leases and waiters by node, leases also by owner */
  readonly index: string
  /** sorted set: id → place of the waiter */
  readonly waiters: string
  /** hash: fence, sequence */
  readonly meta: string
}

export function lockKeys(prefix: string): LockKeys {
  const tag = keyTag(prefix, '', 'locks')
  return { entries: `${tag}:entries`, ends: `${tag}:ends`, index: `${tag}:index`, waiters: `${tag}:waiters`, meta: `${tag}:meta` }
}

/** Ids of waiters that may go, with blanks between. Channels are common to all databases. */
export function wakeChannel(prefix: string, database: number): string {
  return `${keyTag(prefix, '', 'locks')}:wake:${database}`
}
