import { Queue, Worker } from 'bullmq'

export async function openProducer({ url, queue: name }) {
  const queue = new Queue(name, { connection: { url } })
  await queue.waitUntilReady()
  return {
    add: async (data) => (await queue.add('job', data)).id,
    addUnique: async (data, key) => (await queue.add('job', data, { deduplication: { id: key } })).id,
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

export function openWorker({ handler, ...settings }) {
  return openRunner({ ...settings, run: (job) => handler(job.data) })
}

export async function openScheduler({ onRun, ...settings }) {
  const { url, queue: name } = settings
  const queue = new Queue(name, { connection: { url } })
  await queue.waitUntilReady()
  // The id of a run is that of its scheduler and its time.
  const run = async ({ id }) => {
    const [, scheduler, at] = /^repeat:(.*):(\d+)$/.exec(id)
    onRun(scheduler, Number(at))
  }
  const worker = await openRunner({ ...settings, run })
  return {
    upsert: (id, every) => queue.upsertJobScheduler(id, { every }, { name: 'job' }),
    start: worker.start,
    async close() {
      await worker.close()
      await queue.close()
    },
  }
}

async function openRunner({ url, queue, kept, concurrency, lease, run, onSettled, onError }) {
  const worker = new Worker(queue, run, {
    connection: { url, maxRetriesPerRequest: null },
    autorun: false,
    concurrency,
    // The worker's own option, as its guide recommends: it costs no byte in each job, unless the job's
    // `removeOnComplete`.
    removeOnComplete: { count: kept },
    ...(lease === undefined ? {} : { lockDuration: lease, stalledInterval: lease }),
  })
  worker.on('completed', onSettled)
  worker.on('failed', (job, error) => onError(new Error(`job ${job?.id} failed`, { cause: error })))
  worker.on('error', onError)
  await worker.waitUntilReady()
  return { start: () => void worker.run().catch(onError), close: () => worker.close() }
}
