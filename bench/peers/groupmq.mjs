import { Queue, Worker } from 'groupmq'
import Redis from 'ioredis'

/**
 * How many groups the jobs are spread over. Jobs of one group run one after the other, so a worker needs a
 * group for each of its slots, as in the library's own benchmark; many more cost it throughput. Delayed jobs
 * get groups of their own: in one that is at work they start before their time.
 */
function groupsFor({ concurrency = 50, delayed }) {
  return delayed ? 500 : concurrency
}

function openQueue({ url, queue, kept, batched, delayed }) {
  return new Queue({
    redis: new Redis(url, { maxRetriesPerRequest: null }),
    namespace: queue,
    keepCompleted: kept,
    ...(delayed ? { schedulerLockTtlMs: 50 } : {}),
    ...(batched ? { autoBatch: { size: 500, maxWaitMs: 1 } } : {}),
  })
}

export async function openProducer(settings) {
  const queue = openQueue(settings)
  await queue.redis.ping()
  const groups = groupsFor(settings)
  let added = 0
  const add = async (data, runAt) =>
    (await queue.add({ groupId: `g${added++ % groups}`, data, ...(runAt === undefined ? {} : { runAt }) })).id
  return {
    add: (data) => add(data),
    addBulk: (items) => Promise.all(items.map((data) => add(data))),
    addDelayed: (items) => Promise.all(items.map(({ data, runAt }) => add(data, runAt))),
    async unfinished() {
      const counts = await queue.getJobCounts()
      return counts.active + counts.waiting + counts.delayed
    },
    kept: () => queue.getCompletedCount(),
    close: () => queue.close(),
  }
}

export async function openWorker({ concurrency, handler, onSettled, onError, ...settings }) {
  const queue = openQueue(settings)
  await queue.redis.ping()
  const worker = new Worker({
    queue,
    concurrency,
    handler: (job) => handler(job.data),
    ...(settings.delayed ? { schedulerIntervalMs: 10 } : {}),
  })
  worker.on('completed', onSettled)
  worker.on('failed', (job) => onError(new Error(`job ${job.id} failed: ${job.failedReason}`)))
  worker.on('error', onError)
  return {
    start: () => void worker.run().catch(onError),
    async close() {
      await worker.close()
      await queue.close()
    },
  }
}
