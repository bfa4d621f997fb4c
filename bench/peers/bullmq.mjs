import { Queue, Worker } from 'bullmq'

export async function openProducer({ url, queue: name }) {
  const queue = new Queue(name, { connection: { url } })
  await queue.waitUntilReady()
  return {
    add: async (data) => (await queue.add('job', data)).id,
    addBulk: async (items) => (await queue.addBulk(items.map((data) => ({ name: 'job', data })))).map((job) => job.id),
    addDelayed(items) {
      // A delay counts from `timestamp`, so the two make the due time exact.
      const timestamp = Date.now()
      return queue.addBulk(items.map(({ data, runAt }) => ({ name: 'job', data, opts: { timestamp, delay: runAt - timestamp } })))
    },
    async unfinished() {
      const counts = await queue.getJobCounts('waiting', 'delayed', 'prioritized', 'active')
      return counts.waiting + counts.delayed + counts.prioritized + counts.active
    },
    kept: () => queue.getCompletedCount(),
    close: () => queue.close(),
  }
}

export async function openWorker({ url, queue, kept, concurrency, lease, handler, onSettled, onError }) {
  const worker = new Worker(queue, (job) => handler(job.data), {
    connection: { url, maxRetriesPerRequest: null },
    autorun: false,
    concurrency,
    // The worker's own option, as its guide recommends: it costs no byte in each job, unless the job's `removeOnComplete`.
    removeOnComplete: { count: kept },
    ...(lease === undefined ? {} : { lockDuration: lease, stalledInterval: lease }),
  })
  worker.on('completed', onSettled)
  worker.on('failed', (job, error) => onError(new Error(`job ${job?.id} failed`, { cause: error })))
  worker.on('error', onError)
  await worker.waitUntilReady()
  return { start: () => void worker.run().catch(onError), close: () => worker.close() }
}
