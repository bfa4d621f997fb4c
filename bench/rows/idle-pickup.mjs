import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import { Delivery } from '../delivery.mjs'
import { openCountedWorker, warmUp } from '../load.mjs'
import { payload } from '../payload.mjs'
import { percentile } from '../statistics.mjs'
import { ratioAtMost } from '../verdict.mjs'
import { queues } from './arms.mjs'

const line = { unit: 'ms', digits: 2, subject: 'ripen', reference: 'bullmq' }

/**
 * From the call of `add` to the start of the handler, on a worker that had nothing to do. Both are in one
 * process, so one clock measures.
 */
export const idlePickupRows = [
  {
    name: 'idle-pickup',
    group: 'idle',
    durability: 'none',
    jobs: 300,
    arms: queues,
    lines: [
      { ...line, key: 'p50', title: 'idle pickup, p50', required: ratioAtMost(1) },
      { ...line, key: 'p99', title: 'idle pickup, p99' },
    ],
    async measure({ peer, url, jobs }) {
      const settings = { url, queue: 'bench', kept: 0, batched: false, concurrency: 10 }
      await warmUp(peer, settings, 2000)
      const producer = await peer.openProducer(settings)
      const delivery = new Delivery(jobs)
      let started = 0
      const worker = await openCountedWorker(peer, settings, delivery, () => {
        started = performance.now()
      })
      worker.start()
      const pickups = []
      for (let index = 0; index < jobs; index += 1) {
        // Long enough for the worker to block again, and out of step with any tick of the server.
        await delay(20 + Math.random() * 30)
        const called = performance.now()
        await producer.add(payload(index))
        await delivery.reaches(index + 1)
        pickups.push(started - called)
      }
      await worker.close()
      await producer.close()
      delivery.verify()
      return { p50: percentile(pickups, 0.5), p99: percentile(pickups, 0.99) }
    },
  },
]
