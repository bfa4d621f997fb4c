/**
 * No queue at all: jobs lie in an array of this process, and as many slots as the concurrency work them off.
 * What it reaches with a handler that waits bounds every library.
 */
const queues = new Map()

function jobsOf(queue) {
  if (!queues.has(queue)) queues.set(queue, [])
  return queues.get(queue)
}

export async function openProducer({ queue }) {
  const jobs = jobsOf(queue)
  let id = 0
  const add = async (data) => {
    jobs.push(data)
    return String(id++)
  }
  return {
    add,
    addBulk: (items) => Promise.all(items.map(add)),
    unfinished: async () => jobs.length,
    kept: async () => 0,
    close: async () => {},
  }
}

export async function openWorker({ queue, concurrency, handler, onSettled, onError }) {
  const jobs = jobsOf(queue)
  const slot = async () => {
    while (jobs.length > 0) {
      await handler(jobs.pop())
      onSettled()
    }
  }
  return {
    start: () => void Promise.all(Array.from({ length: concurrency }, slot)).catch(onError),
    close: async () => {},
  }
}
