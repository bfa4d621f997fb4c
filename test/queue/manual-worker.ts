import type { Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { expect } from 'vitest'
import type { HeldJob } from '../../packages/worker/src/run/held-job.ts'
import { Settler } from '../../packages/worker/src/shard/settler.ts'
import type { Verdict } from '../../packages/worker/src/run/verdict.ts'

const lease = 10_000

/**
 * A worker that does what it is told, step by step. It has no heart, so its leases last as long as nobody
 * looks after them.
 */
export interface ManualWorker {
  /** The next job, which is there. */
  readonly take: () => Promise<HeldJob>
  /** Tells how an attempt has ended; the lease has to be the worker's. */
  readonly settle: (held: HeldJob, verdict: Verdict) => Promise<void>
  /** Lets the clock go on until its leases are lost, and looks after them. */
  readonly loseLeases: () => Promise<void>
}

export async function manualWorker(queue: Queue<any>): Promise<ManualWorker> {
  const shard = new Shard(queue.store, queue.name, queue.definition.settings)
  const settler = new Settler({
    shard,
    index: 0,
    session: await shard.openSession(),
    options: { lease, suspectAt: 0 },
    signal: new AbortController().signal,
  })
  return {
    take: async () => {
      const { taken } = await settler.settle(0, [], 1, false)
      expect(taken.length).toBe(1)
      return taken[0] as HeldJob
    },
    settle: async (held, verdict) => {
      const { refused } = await settler.settle(0, [{ held, verdict }], 0, false)
      expect(refused.size).toBe(0)
    },
    loseLeases: async () => {
      queue.store.clockOffset += lease
      // After the first look in a long time workers have a moment to speak up.
      for (let look = 0; look < 3; look++) {
        await settler.settle(0, [], 0, true)
        queue.store.clockOffset += 1_000
      }
    },
  }
}
