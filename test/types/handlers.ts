// Compiled by `tsc -b`, never run: each line after `@ts-expect-error` must not compile, all others must.
import { defineQueue, Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { Snooze, Worker, type Handlers, type Middleware } from '@ripen/worker'

interface Mail {
  welcome: { to: string }
  digest: (data: { day: Date }) => { sent: number }
}

const store = openStore()
const mail = new Queue<Mail>('mail', { store })

const complete: Handlers<Mail> = {
  welcome: async (job, { progress, signal, attempt, fence }) => {
    await progress({ to: job.data.to.toUpperCase(), attempt: attempt + fence, aborted: signal.aborted })
  },
  digest: async (job) => ({ sent: job.data.day.length }),
}
void new Worker(mail, complete)
void new Worker(mail, { welcome: async () => 1, digest: async () => ({ sent: 1 }) }, { concurrency: 5 })
void new Worker<Mail>('mail', complete, { store })

// @ts-expect-error -- a handler is missing
void new Worker(mail, { welcome: async () => 1 })
// @ts-expect-error -- a handler of a job that does not exist
void new Worker(mail, { ...complete, welcom: async () => 1 })
// @ts-expect-error -- another result
void new Worker(mail, { welcome: async () => 1, digest: async () => 5 })
// @ts-expect-error -- a handler is asynchronous
void new Worker(mail, { welcome: async () => 1, digest: () => ({ sent: 1 }) })
// @ts-expect-error -- a Date has become text
void new Worker(mail, { welcome: async () => 1, digest: async (job) => ({ sent: job.data.day.getTime() }) })
// @ts-expect-error -- another key of the data
void new Worker(mail, { welcome: async (job) => job.data.from, digest: async () => ({ sent: 1 }) })

// One handler for all names narrows by name.
void new Worker(mail, async (job) => {
  if (job.name === 'welcome') return job.data.to
  return job.data.day
})
// @ts-expect-error -- no such name
void new Worker(mail, async (job) => job.name === 'welcom')
// @ts-expect-error -- handlers in a file need `isolate`, which is not built yet
void new Worker(mail, new URL('file:///handlers.js'))

// @ts-expect-error -- no such option
void new Worker(mail, complete, { concurency: 5 })
// @ts-expect-error -- not built yet
void new Worker(mail, complete, { isolate: 'process' })
// @ts-expect-error -- a misspelt unit
void new Worker(mail, complete, { lease: '10 secs' })
// @ts-expect-error -- neither a number nor 'auto'
void new Worker(mail, complete, { prefetch: 'all' })
void new Worker(mail, complete, { retryDelay: (error, job) => (error instanceof TypeError ? false : job.attempt > 3 ? '1 h' : undefined) })
// @ts-expect-error -- true is no delay
void new Worker(mail, complete, { retryDelay: () => true })

const layer: Middleware = async (job, { signal }, next) => (signal.aborted ? job.name : next())
const worker = new Worker(mail, complete, { middleware: [layer] })

// Events are typed, and a job of an event narrows.
worker.on('completed', (job, result) => (job.name === 'welcome' ? job.data.to : result))
worker.on('failed', (job, error) => [job.id, error.message])
worker.on('retrying', (_job, _error, delay) => delay.toFixed())
worker.on('stalled', (id) => id.length)
worker.on('drained', () => undefined)
worker.on('error', (error) => error.stack)
// @ts-expect-error -- no such event
worker.on('finished', () => undefined)
// @ts-expect-error -- `stalled` tells the id
worker.on('stalled', (job) => job.data)
// @ts-expect-error -- concurrency is a number
worker.concurrency = '5'
// @ts-expect-error -- a misspelt unit
void worker.close({ timeout: '5 secs' })

// Outcomes take durations.
export const outcomes = [new Snooze('5 minutes'), new Snooze(5, { cause: 'x' })]
// @ts-expect-error -- a misspelt unit
export const misspelt = new Snooze('5 minuets')

// The handlers of a definition are complete as well.
const shared = defineQueue<Mail>('shared')
void new Worker(shared, complete, { store })
// @ts-expect-error -- a handler is missing
void new Worker(shared, { digest: async () => ({ sent: 1 }) }, { store })
