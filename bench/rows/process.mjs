import { setTimeout as delay } from 'node:timers/promises'

import { Delivery } from '../delivery.mjs'
import { fill, warmUp, work } from '../load.mjs'
import { ratioAtLeast } from '../verdict.mjs'
import { queues, queuesWithout } from './arms.mjs'

/** The keeping of results by count is judged within this share: a library may trim in steps. */
const keptTolerance = 1.1

async function verifyKept(producer, kept, jobs) {
  const found = await producer.kept()
  const expected = Math.min(kept, jobs)
  if (found < expected || found > expected * keptTolerance) throw new Error(`${kept} results to be kept, ${found} found`)
}

function processRow({ name, title, jobs, concurrency, handle, kept = 0, durability = 'none', arms = queues, required, more = [] }) {
  return {
    name,
    group: 'process',
    durability,
    jobs,
    arms,
    lines: [{ key: 'rate', title, unit: 'jobs/s', digits: 0, subject: 'ripen', reference: 'bullmq', required }, ...more],
    async measure({ peer, url, jobs: count }) {
      const settings = { url, queue: 'bench', kept, batched: true, concurrency }
      await warmUp(peer, settings, count, handle)
      const producer = await peer.openProducer(settings)
      await fill(producer, 0, count)
      const delivery = new Delivery(count)
      const [start, end] = await work(peer, settings, delivery, count, { handle })
      delivery.verify()
      if (kept > 0) await verifyKept(producer, kept, count)
      await producer.close()
      return { rate: (count / (end - start)) * 1000 }
    },
  }
}

const required = { 10: ratioAtLeast(12, 8), 50: ratioAtLeast(12, 8) }
const jobsAt = { 1: 10_000, 10: 40_000, 50: 40_000, 500: 40_000 }
const slowJobsAt = { 1: 2_000, 10: 10_000, 50: 20_000, 500: 20_000 }

const noOperation = [1, 10, 50, 500].map((concurrency) =>
  processRow({
    name: `process-${concurrency}`,
    title: `process, concurrency ${concurrency}, no-op`,
    jobs: jobsAt[concurrency],
    concurrency,
    required: required[concurrency],
  }),
)

/**
 * As many slots and the same timers without a queue: how far any library can get, and how near to it Ripen
 * is.
 */
const bound = (concurrency) => ({
  key: 'rate',
  title: `… against no queue at all: ${concurrency} slots, an array in memory`,
  unit: 'jobs/s',
  digits: 0,
  subject: 'ripen',
  reference: 'array',
})

const oneMillisecond = [1, 10, 50, 500].map((concurrency) =>
  processRow({
    name: `process-${concurrency}-1ms`,
    title: `process, concurrency ${concurrency}, 1 ms handler`,
    jobs: slowJobsAt[concurrency],
    concurrency,
    handle: () => delay(1),
    arms: [...queues, { name: 'array', peer: 'array' }],
    more: [bound(concurrency)],
    required: concurrency === 50 ? ratioAtLeast(4.5, 3.5) : undefined,
  }),
)

const withAof = [10, 50].map((concurrency) =>
  processRow({
    name: `process-${concurrency}-everysec`,
    title: `process, concurrency ${concurrency}, no-op`,
    jobs: jobsAt[concurrency],
    concurrency,
    durability: 'everysec',
  }),
)

/** How fast a worker takes and settles jobs that wait for it. */
export const processRows = [
  ...noOperation,
  ...oneMillisecond,
  processRow({
    name: 'process-kept',
    title: 'process, concurrency 50, no-op, 1,000 results kept',
    jobs: 40_000,
    concurrency: 50,
    handle: (data) => ({ done: data.n }),
    kept: 1000,
    // Bee-Queue keeps all results or none.
    arms: queuesWithout('bee-queue'),
  }),
  ...withAof,
]
