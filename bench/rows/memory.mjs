import { Delivery, verifyIds } from '../delivery.mjs'
import { openInspector } from '../inspector.mjs'
import { drainAndVerify, fill, warmUp } from '../load.mjs'
import { ratioAtMost } from '../verdict.mjs'
import { queues } from './arms.mjs'

/** What a waiting job costs in the server's memory, all keys of the queue included. */
export const memoryRows = [
  {
    name: 'memory',
    group: 'memory',
    durability: 'none',
    jobs: 200_000,
    arms: queues,
    lines: [
      {
        key: 'bytes',
        title: 'memory of a waiting job, 200 k waiting',
        unit: 'bytes',
        digits: 0,
        subject: 'ripen',
        reference: 'bullmq',
        required: ratioAtMost(0.45),
      },
    ],
    async measure({ peer, url, jobs }) {
      const settings = { url, queue: 'bench', kept: 0, batched: true }
      // The warm-up also loads the scripts, which the server keeps in memory too.
      await warmUp(peer, settings, 200)
      const inspector = await openInspector(url)
      const before = await inspector.memory()
      const producer = await peer.openProducer(settings)
      const ids = await fill(producer, 0, jobs)
      await producer.close()
      const after = await inspector.memory()
      await inspector.close()
      verifyIds(ids, jobs)
      await drainAndVerify(peer, settings, new Delivery(jobs), jobs)
      return { bytes: (after - before) / jobs }
    },
  },
]
