/**
 * Who takes part, and with which options. Two workers have the default lease (10 s), which the figures of
 * recovery are promised for; short leases are lost more often.
 */
export const workers = {
  'worker-1': { concurrency: 20 },
  'worker-2': { concurrency: 20 },
  'worker-3': { concurrency: 40, lease: 3_000 },
  'worker-4': { concurrency: 10, lease: 2_000, maxBlocked: 2_000 },
}

export const producers = ['producer-1', 'producer-2']
export const lockHolders = ['lock-holder-1', 'lock-holder-2']
export const channelWriters = ['channel-writer-1', 'channel-writer-2']

/** Jobs that each producer tries to add in a second. */
export const rate = 600

/** ms; the store's option. */
export const enqueueTimeout = 5_000

/** ms that a lease lasts without a heartbeat. */
export function leaseOf(worker) {
  return workers[worker].lease ?? 10_000
}

/** ms that a lock lasts without renewal. */
export const lockExpires = 2_000

/** What all of them work on. */
export const prefix = 'chaos'
export const queueName = 'work'
export const channelLabel = 'shared'
