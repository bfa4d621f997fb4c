import { internals } from '@ripen/store/internal'
import { isRipenError, type Lease, type Store, TreeLock } from '@ripen/store'
import { lockKeys } from '../../packages/store/src/lock/lock-keys.ts'
import { until } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

/** What an acquire rejects with when the lock did not become free. */
export const timedOut = { code: 'RIPEN_LOCK_TIMEOUT' }
export const leaseLost = { code: 'RIPEN_LEASE_LOST' }

/** The lock, or undefined when its time is over. */
export async function tryAcquire(lock: TreeLock): Promise<Lease | undefined> {
  try {
    return await lock.acquire()
  } catch (error) {
    if (isRipenError(error, 'RIPEN_LOCK_TIMEOUT')) return undefined
    throw error
  }
}

/** Whether somebody else would get the lock at once. */
export async function isFree(store: Store, path: string | readonly string[]): Promise<boolean> {
  const lease = await tryAcquire(new TreeLock(store, path, { timeout: 0 }))
  await lease?.release()
  return lease !== undefined
}

/** Two stores with connections of their own and the same locks. */
export function twoStores(url: string): [Store, Store] {
  const prefix = randomPrefix()
  return [testStore(url, { prefix }), testStore(url, { prefix })]
}

/** Resolves when so many wait for locks. */
export async function waiting(store: Store, count: number): Promise<void> {
  const { caller, options } = internals(store)
  const { waiters } = lockKeys(options.prefix)
  await until(async () => (await caller.call((client) => client.zcard(waiters))) === count, 10_000, `${count} waiters`)
}

/** What is left of a store's locks, by key; the counters in `meta` stay for ever. */
export async function left(store: Store): Promise<Record<string, number>> {
  const { caller, options } = internals(store)
  const { entries, ends, index, waiters } = lockKeys(options.prefix)
  const count = async (key: string, command: 'hlen' | 'zcard'): Promise<number> => caller.call((client) => client[command](key))
  return {
    entries: await count(entries, 'hlen'),
    ends: await count(ends, 'zcard'),
    index: await count(index, 'zcard'),
    waiters: await count(waiters, 'zcard'),
  }
}

/**
 * Who gives up says goodbye in the background; where its question was under way at that moment, its id is
 * refused for a minute, which is no lease and no place.
 */
export async function expectNothingLeft(store: Store): Promise<void> {
  const { caller, options } = internals(store)
  const { entries } = lockKeys(options.prefix)
  await until(
    async () => {
      const refused = (await caller.call((client) => client.hvals(entries))).filter((entry) => entry === 'x').length
      const { entries: kept = 0, ends = 0, ...others } = await left(store)
      return JSON.stringify({ entries: kept - refused, ends: ends - refused, ...others }) === empty
    },
    5_000,
    'the end of all leases and waiters',
  )
}

const empty = JSON.stringify({ entries: 0, ends: 0, index: 0, waiters: 0 })
