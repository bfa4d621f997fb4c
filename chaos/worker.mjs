/**
 * A worker: upserts the schedules, runs the kinds of jobs, and writes down
 *
 *     s <id> <fence> <attempt> <stalls>   a handler starts; written before it
 *     f <id> <fence> <t>                  its attempt fails; before that is reported
 *     c|F|x <id> <fence> <t>              the server has accepted: completed, failed, cancelled; fence '-' where no handler ran
 *     r <id> <fence> <t> <delay>          … to be tried again after so many ms
 *     S <id>                              this worker took a lease from a silent one
 *     L <id>                              a settlement was refused, a lease was found lost
 *     E <t> <code> <JSON>                 another error, with its message
 *     U <schedule> <t>                    it is about to upsert this schedule
 *     V <schedule> <t>                    … and has done so
 *
 * t is epoch ms of the machine's clock, a fence µs of the server's, which is the same clock.
 */
import { done, history, now, ready, settings, stopped, storeOptions } from './member.mjs'

import { Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { setTimeout as pause } from 'node:timers/promises'
import { kinds } from './kinds.mjs'

/** ms in which a worker that is asked to end must have ended. */
const closeTimeout = 10_000

const store = openStore(storeOptions)
/** The fence of the lease under which a handler got this very object. */
const fences = new WeakMap()

const middleware = async (job, { fence, attempt }, next) => {
  fences.set(job, fence)
  history.write('s', job.id, fence, attempt, job.stalls)
  try {
    return await next()
  } catch (error) {
    history.write('f', job.id, fence, now())
    throw error
  }
}

const handlers = Object.fromEntries(Object.entries(kinds).map(([name, { run }]) => [name, (job, context) => run(job, context, now)]))
const queue = new Queue(settings.queueName, { store })
const worker = new Worker(queue, handlers, {
  ...settings.options,
  closeTimeout,
  middleware: [middleware],
})
const fenceOf = (job) => fences.get(job) ?? '-'
worker.on('completed', (job) => history.write('c', job.id, fenceOf(job), now()))
worker.on('failed', (job, error) => history.write('F', job.id, fenceOf(job), now(), error.code ?? error.name))
worker.on('cancelled', (job) => history.write('x', job.id, fenceOf(job), now()))
worker.on('retrying', (job, _error, delay) => history.write('r', job.id, fenceOf(job), now(), delay))
worker.on('stalled', (id) => history.write('S', id))
worker.on('error', (error) => {
  if (error.code === 'RIPEN_LEASE_LOST') history.write('L', error.jobId ?? '-')
  else history.write('E', now(), error.code ?? error.name, JSON.stringify(error.message))
})

/** As soon as the server can be reached. */
async function upsert({ id, spec }) {
  while (!stopped.aborted) {
    history.write('U', id, now())
    try {
      await queue.schedules.upsert(id, spec)
      return history.write('V', id, now())
    } catch (error) {
      if (error.code !== 'RIPEN_CONNECTION') throw error
      await pause(50)
    }
  }
}

ready()
await Promise.all([worker.run({ signal: stopped }), ...settings.schedules.map(upsert)])
await store.close()
done()
