// Mistakes that must not compile. Each `@ts-expect-error` is an error itself where the line below it
// compiles; the correct form stands beside it. Compiled by scripts/pack-check.mjs, never run.
import { defineQueue, job, Queue, ScheduledSet, type BulkItem, type StandardSchema } from '@ripen/queue'
import type { Duration, Store } from '@ripen/store'
import { RetryIn, Snooze, Worker, type Handlers } from '@ripen/worker'

interface Jobs {
  welcome: (data: { to: string }) => { sentTo: string }
  tidy: () => number
}

declare const store: Store
declare const address: StandardSchema<{ zip: string }, { zip: number }>

export async function names(queue: Queue<Jobs>): Promise<void> {
  await queue.add('welcome', { to: 'ada@example.org' })
  // @ts-expect-error -- no such job
  await queue.add('welcom', { to: 'ada@example.org' })
  await queue.addBulk([{ name: 'tidy' }, { name: 'welcome', data: { to: 'ada@example.org' } }])
  // @ts-expect-error -- no such job in a bulk
  await queue.addBulk([{ name: 'tidyup' }])
}

export async function data(queue: Queue<Jobs>): Promise<void> {
  await queue.add('tidy')
  // @ts-expect-error -- the data is missing
  await queue.add('welcome')
  // @ts-expect-error -- a field of the wrong type
  await queue.add('welcome', { to: 7 })
  // @ts-expect-error -- a misspelt field
  await queue.add('welcome', { too: 'ada@example.org' })
  // @ts-expect-error -- an unknown field
  await queue.add('welcome', { to: 'ada@example.org', from: 'grace@example.org' })
  // @ts-expect-error -- data where none is taken
  await queue.add('tidy', { to: 'ada@example.org' })
  // @ts-expect-error -- data of another job
  const item: BulkItem<Jobs> = { name: 'tidy', data: { to: 'ada@example.org' } }
  void item
}

export async function durations(queue: Queue<Jobs>): Promise<void> {
  await queue.add('tidy', undefined, { delay: '10 minutes', timeout: 500, backoff: '1.5h' })
  await queue.add('tidy', undefined, { runAt: new Date() })
  // @ts-expect-error -- a misspelt unit
  await queue.add('tidy', undefined, { delay: '10 minuts' })
  // @ts-expect-error -- a unit that is no unit
  await queue.add('tidy', undefined, { delay: '10 weeks' })
  // @ts-expect-error -- no number
  await queue.add('tidy', undefined, { timeout: 'ten minutes' })
  // @ts-expect-error -- a point in time where a duration stands
  await queue.add('tidy', undefined, { delay: new Date() })
  // @ts-expect-error -- a duration where a point in time stands
  await queue.add('tidy', undefined, { runAt: '10 minutes' })
  // @ts-expect-error -- a backoff that is none
  await queue.add('tidy', undefined, { backoff: 'quadratic' })
  // @ts-expect-error -- an unknown option
  await queue.add('tidy', undefined, { dealy: '10 minutes' })
  const lease: Duration = '30 s'
  void new Worker(queue, async () => undefined, { lease })
  // @ts-expect-error -- a worker's duration
  void new Worker(queue, async () => undefined, { lease: '30 sec' })
  void new RetryIn('1 s')
  // @ts-expect-error -- an outcome's duration
  void new Snooze('soon')
}

export const complete: Handlers<Jobs> = { welcome: async (job) => ({ sentTo: job.data.to }), tidy: async () => 1 }
// @ts-expect-error -- a job without a handler
export const incomplete: Handlers<Jobs> = { welcome: async (job) => ({ sentTo: job.data.to }) }
// @ts-expect-error -- a handler of no job
export const unknown: Handlers<Jobs> = { ...complete, tidyup: async () => 1 }
// @ts-expect-error -- a result of the wrong type
export const wrongResult: Handlers<Jobs> = { ...complete, tidy: async () => 'three' }
// @ts-expect-error -- a field that the data has not
export const wrongField: Handlers<Jobs> = { ...complete, welcome: async (job) => ({ sentTo: job.data.cc }) }

export async function results(queue: Queue<Jobs>): Promise<void> {
  const welcome = await queue.add('welcome', { to: 'ada@example.org' })
  const { sentTo }: { sentTo: string } = await welcome.wait({ timeout: '1 s' })
  // @ts-expect-error -- a result of the wrong type
  const count: number = await welcome.wait()
  // @ts-expect-error -- a field that the result has not
  const { sentFrom } = await welcome.wait()
  void [sentTo, count, sentFrom]
}

export async function schemas(): Promise<void> {
  const queue = new Queue(defineQueue('parcels', { jobs: { send: job({ data: address }) } }), { store })
  await queue.add('send', { zip: '10115' })
  // @ts-expect-error -- what the schema makes of the data is not what it takes
  await queue.add('send', { zip: 10_115 })
  void new Worker(queue, { send: async (job) => job.data.zip.toFixed(0) })
  // @ts-expect-error -- the handler gets the schema's output
  void new Worker(queue, { send: async (job) => job.data.zip.padStart(5) })
  // @ts-expect-error -- no job() value
  defineQueue('parcels', { jobs: { send: { zip: '' } } })
}

export async function sets(): Promise<void> {
  const calls = new ScheduledSet<string>(store, 'calls')
  await calls.add('ada', new Date())
  // @ts-expect-error -- an item of the wrong type
  await calls.add(7)
  // @ts-expect-error -- a duration where a score stands
  await calls.add('ada', '10 minutes')
  // @ts-expect-error -- a mode that is none
  await calls.add('ada', 1, { mode: 'ge' })
}
