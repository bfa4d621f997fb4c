import { Queue } from '@ripen/queue'
import { Channel, connect, TreeLock } from '@ripen/store'
import { Worker } from '@ripen/worker'

async function openQueue({ url, queue, kept }) {
  const store = await connect(url)
  return { store, queue: new Queue(queue, { store, retain: { completed: { count: kept } } }) }
}

export async function openProducer(settings) {
  const { store, queue } = await openQueue(settings)
  await queue.ready()
  return {
    add: async (data) => (await queue.add('job', data)).id,
    addUnique: async (data, key) => (await queue.add('job', data, { unique: key })).id,
    addBulk: async (items) => (await queue.addBulk(items.map((data) => ({ name: 'job', data })))).map((job) => job.id),
    addDelayed: (items) => queue.addBulk(items.map(({ data, runAt }) => ({ name: 'job', data, options: { runAt } }))),
    async unfinished() {
      const counts = await queue.counts()
      return counts.scheduled + counts.ready + counts.active + counts.blocked
    },
    kept: async () => (await queue.counts()).completed,
    async close() {
      await queue.close()
      await store.close()
    },
  }
}

export async function openWorker({ handler, ...settings }) {
  const { queue: _queue, ...worker } = await openRunner({ ...settings, run: (job) => handler(job.data) })
  return worker
}

export async function openScheduler({ onRun, ...settings }) {
  const run = ({ options: { schedule } }) => onRun(schedule.id, schedule.at)
  const { queue, ...worker } = await openRunner({ ...settings, run })
  return { upsert: (id, every) => queue.schedules.upsert(id, { every, job: { name: 'job' } }), ...worker }
}

async function openRunner({ concurrency, lease, run, onSettled, onError, ...settings }) {
  const { store, queue } = await openQueue(settings)
  const worker = new Worker(queue, run, { concurrency, ...(lease === undefined ? {} : { lease }) })
  worker.on('completed', onSettled)
  worker.on('failed', (job, error) => onError(new Error(`job ${job.id} failed`, { cause: error })))
  worker.on('error', onError)
  await worker.ready()
  return {
    queue,
    start: () => void worker.run().catch(onError),
    async close() {
      await worker.close()
      await queue.close()
      await store.close()
    },
  }
}

export async function openLocks({ url }) {
  const store = await connect(url)
  return {
    acquire: (path) => new TreeLock(store, path, { timeout: '10m' }).acquire(),
    async release(lease) {
      if (!(await lease.release())) throw new Error('the lock was no longer ours')
    },
    close: () => store.close(),
  }
}

export async function openDocument({ url, label, value, writers }) {
  const store = await connect(url)
  const channels = Array.from({ length: writers }, () => new Channel(store, label))
  const [first] = channels
  await first.set(value)
  return {
    writers: channels.map((channel) => ({
      set: (member, replacement) => channel.set(replacement, member),
      increment: (member) => channel.query('numincrby', member, 1),
    })),
    read: () => first.get(),
    close: () => store.close(),
  }
}
