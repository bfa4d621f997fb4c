import { performance } from 'node:perf_hooks'

import { Delivery, verifyIds } from '../delivery.mjs'
import { addConcurrently, drainAndVerify, fill, warmUp } from '../load.mjs'
import { payloads } from '../payload.mjs'
import { ratioAtLeast } from '../verdict.mjs'
import { queues } from './arms.mjs'

function addRow({ name, title, jobs, durability = 'none', batched = true, required, add }) {
  return {
    name,
    group: 'add',
    durability,
    jobs,
    arms: queues,
    lines: [{ key: 'rate', title, unit: 'jobs/s', digits: 0, subject: 'ripen', reference: 'bullmq', required }],
    async measure({ peer, url, jobs: count }) {
      const settings = { url, queue: 'bench', kept: 0, batched }
      await warmUp(peer, settings, count)
      const producer = await peer.openProducer(settings)
      const items = payloads(0, count)
      const start = performance.now()
      const ids = await add(producer, items)
      const elapsed = performance.now() - start
      await producer.close()
      verifyIds(ids, count)
      await drainAndVerify(peer, settings, new Delivery(count), count)
      return { rate: (count / elapsed) * 1000 }
    },
  }
}

const concurrent = {
  title: 'concurrent adds, 500 in flight',
  jobs: 40_000,
  add: (producer, items) => addConcurrently(producer, items, 500),
}
const bulk = { title: 'adds in bulks of 1,000', jobs: 40_000, add: (producer, items) => fill(producer, 0, items.length) }
const serial = { title: 'serial adds', jobs: 5_000, batched: false, add: (producer, items) => addConcurrently(producer, items, 1) }
const required = ratioAtLeast(10, 6)

/** How fast jobs are added, and that each one added is then delivered once. */
export const addRows = [
  addRow({ ...concurrent, name: 'add-concurrent', required }),
  addRow({ ...bulk, name: 'add-bulk', required }),
  addRow({ ...serial, name: 'add-serial' }),
  addRow({ ...concurrent, name: 'add-concurrent-everysec', durability: 'everysec' }),
  addRow({ ...bulk, name: 'add-bulk-everysec', durability: 'everysec' }),
]
