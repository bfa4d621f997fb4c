import BeeQueue from 'bee-queue'

const producerSettings = { isWorker: false, getEvents: false, sendEvents: false, storeJobs: false }
const workerSettings = { getEvents: false, sendEvents: false, storeJobs: false }

export async function openProducer({ url, queue: name }) {
  const queue = new BeeQueue(name, { redis: { url }, ...producerSettings })
  await queue.ready()
  const saveAll = async (jobs) => {
    const errors = await queue.saveAll(jobs)
    if (errors.size > 0) throw [...errors.values()][0]
    return jobs.map((job) => job.id)
  }
  return {
    add: async (data) => (await queue.createJob(data).save()).id,
    addBulk: (items) => saveAll(items.map((data) => queue.createJob(data))),
    addDelayed: (items) => saveAll(items.map(({ data, runAt }) => queue.createJob(data).delayUntil(runAt))),
    async unfinished() {
      const health = await queue.checkHealth()
      return health.waiting + health.delayed + health.active
    },
    kept: async () => (await queue.checkHealth()).succeeded,
    close: () => queue.close(),
  }
}

export async function openWorker({ url, queue: name, concurrency, delayed, lease, handler, onSettled, onError }) {
  const queue = new BeeQueue(name, {
    redis: { url },
    ...workerSettings,
    removeOnSuccess: true,
    ...(delayed ? { activateDelayedJobs: true, delayedDebounce: 1 } : {}),
    ...(lease === undefined ? {} : { stallInterval: lease }),
  })
  queue.on('succeeded', onSettled)
  queue.on('failed', (job, error) => onError(new Error(`job ${job.id} failed`, { cause: error })))
  queue.on('error', onError)
  await queue.ready()
  return {
    start() {
      queue.process(concurrency, (job) => handler(job.data))
      if (lease !== undefined) queue.checkStalledJobs(lease).catch((error) => onError(error))
    },
    close: () => queue.close(),
  }
}
