import { performance } from 'node:perf_hooks'

import { Delivery } from './delivery.mjs'
import { payloads } from './payload.mjs'

const bulk = 1000

/** Adds jobs `from` up to `to` in bulks of 1,000, one after the other; answers their ids. */
export async function fill(producer, from, to) {
  const ids = []
  for (let start = from; start < to; start += bulk) ids.push(...(await producer.addBulk(payloads(start, Math.min(to, start + bulk)))))
  return ids
}

/** Adds all items with `inFlight` adds on their way at any time; answers their ids. */
export async function addConcurrently(producer, items, inFlight) {
  const ids = new Array(items.length)
  let next = 0
  const addNext = async () => {
    while (next < items.length) {
      const index = next++
      ids[index] = await producer.add(items[index])
    }
  }
  await Promise.all(Array.from({ length: inFlight }, addNext))
  return ids
}

/**
 * Shares `count` steps among the callers, each of which does its next when its last is done.
 *
 * @param {((index: number) => Promise<unknown>)[]} callers get the number of the step, counted from 0
 * @returns how long all steps took, in ms
 */
export async function share(count, callers) {
  const start = performance.now()
  await Promise.all(
    callers.map(async (call, caller) => {
      for (let index = caller; index < count; index += callers.length) await call(index)
    }),
  )
  return performance.now() - start
}

/**
 * Opens a worker whose handler calls and settlements `delivery` counts. It takes nothing before `start()`.
 */
export function openCountedWorker(peer, settings, delivery, handle) {
  return peer.openWorker({
    ...settings,
    async handler(data) {
      delivery.handle(data)
      if (handle) return handle(data)
    },
    onSettled: () => delivery.settle(),
    onError: (error) => delivery.fail(error),
  })
}

/**
 * Runs a worker until `jobs` more jobs have settled, then closes it.
 *
 * @param {object} options
 * @param {(data: object) => unknown} [options.handle] what the handler does beyond being counted; by default
 *   nothing
 * @param {() => unknown} [options.read] read when the worker is connected but has taken nothing, and at the
 *   last settlement; by default the clock in ms
 * @returns both readings
 */
export async function work(peer, settings, delivery, jobs, { handle, read = () => performance.now() } = {}) {
  const goal = delivery.settled + jobs
  const worker = await openCountedWorker(peer, settings, delivery, handle)
  try {
    const start = await read()
    worker.start()
    await delivery.reaches(goal)
    return [start, await read()]
  } finally {
    await worker.close()
  }
}

/** Works off what is left of the `jobs` added and throws unless each was handled exactly once. */
export async function drainAndVerify(peer, settings, delivery, jobs) {
  const left = jobs - delivery.settled
  if (left > 0) await work(peer, { ...settings, concurrency: 50 }, delivery, left)
  delivery.verify(jobs)
}

/**
 * How many jobs run before the timed part, so that it meets compiled code and loaded scripts: a quarter of
 * the sample's, 1,000 to 10,000.
 */
export function warmUpSize(sampleJobs) {
  return Math.min(10_000, Math.max(1000, Math.round(sampleJobs / 4)))
}

/**
 * Adds and works off the jobs of the warm-up on a queue of its own. Throws when these are not delivered
 * exactly once.
 */
export async function warmUp(peer, settings, sampleJobs, handle) {
  const jobs = warmUpSize(sampleJobs)
  const own = { concurrency: 50, ...settings, queue: 'warm-up' }
  const delivery = new Delivery(jobs)
  const producer = await peer.openProducer(own)
  try {
    const half = jobs >> 1
    await addConcurrently(producer, payloads(0, half), settings.batched ? 500 : 1)
    await fill(producer, half, jobs)
    await work(peer, own, delivery, jobs, { handle })
  } finally {
    await producer.close()
  }
  delivery.verify()
}
