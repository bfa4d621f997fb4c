// Compiled by `tsc -b`, never run: each line after `@ts-expect-error` must not compile, all others must.
import { defineQueue, job, Queue, type JobOptions, type StandardSchema } from '@ripen/queue'
import { duration, openStore, type Duration } from '@ripen/store'
import { Worker } from '@ripen/worker'

export const spans: Duration[] = [
  5,
  '5ms',
  '5 ms',
  '1 second',
  '2 seconds',
  '3m',
  '4 minutes',
  '1.5 h',
  '6hours',
  '1 d',
  '7 days',
  '1 millisecond',
]
// @ts-expect-error -- a misspelt unit
export const secs: Duration = '5 secs'
// @ts-expect-error -- no unit
export const bare: Duration = '5'
// @ts-expect-error -- no number
export const wordy: Duration = 'five s'
// @ts-expect-error -- a point in time is no duration
export const point: Duration = new Date()
export const parsed: number = duration('as configured')

const options = (given: JobOptions): JobOptions => given
options({
  delay: '10 minutes',
  attempts: 5,
  backoff: 'exponential',
  priority: -5,
  timeout: '1 h',
  id: 'x',
  meta: { a: 'b' },
  retain: { completed: false, failed: '1 d' },
})
options({ runAt: new Date(), backoff: 500 })
options({ runAt: Date.now(), backoff: { type: 'linear', delay: '1 s', max: '1 m', jitter: 0.5 } })
// @ts-expect-error -- a misspelt unit
options({ delay: '10 minuets' })
// @ts-expect-error -- a point in time is no duration
options({ delay: new Date() })
// @ts-expect-error -- a duration is no point in time
options({ runAt: '10 minutes' })
// @ts-expect-error -- a misspelt option
options({ attemps: 3 })
// @ts-expect-error -- no such backoff
options({ backoff: 'quadratic' })
// @ts-expect-error -- a type is needed
options({ backoff: { delay: 5 } })
// @ts-expect-error -- true is no age
options({ retain: { completed: true } })
// @ts-expect-error -- meta is text
options({ meta: { a: 5 } })
options({ unique: 'x' })
options({ unique: { key: 'x', during: '5 minutes', onConflict: 'debounce' } })
// @ts-expect-error -- no such way to decide
options({ unique: { key: 'x', onConflict: 'drop' } })
// @ts-expect-error -- a typo is no duration
options({ unique: { key: 'x', during: 'unfinishd' } })
// @ts-expect-error -- not built yet: absent from the types
options({ group: 'x' })

declare const address: StandardSchema<{ to: string; copies?: number }, { to: string; copies: number; host: string }>
declare const count: StandardSchema<unknown, number>
const definition = defineQueue('mail', {
  jobs: { mail: job({ data: address, result: count, attempts: 3, id: (data) => data.to }), plain: job({ data: address }) },
})
const store = openStore()
const queue = new Queue(definition, { store })

export async function schemas(): Promise<number> {
  // The data is the schema's input, what the handler gets is its output.
  await queue.add('plain', { to: 'a@b' })
  // @ts-expect-error -- not what the schema takes
  await queue.add('mail', { to: 5 })
  // @ts-expect-error -- what the schema makes is not what it takes
  await queue.add('mail', { to: 'a@b', host: 'b' })
  // @ts-expect-error -- data is needed
  await queue.add('mail')
  const added = await queue.add('mail', { to: 'a@b', copies: 1 })
  return added.wait()
}

void new Worker(queue, { mail: async ({ data }) => data.copies + data.host.length, plain: async ({ data }) => data.host })
// @ts-expect-error -- the result schema makes a number
void new Worker(queue, { mail: async () => 'text', plain: async () => 1 })
// @ts-expect-error -- no key of the output
void new Worker(queue, { mail: async ({ data }) => data.cc, plain: async () => 1 })
// @ts-expect-error -- a delay is no default of a job
job({ data: address, delay: 5 })
// @ts-expect-error -- the id is a function of the data
job({ data: address, id: 'fixed' })
// @ts-expect-error -- no such key of the data
job({ data: address, id: (data) => data.from })
// @ts-expect-error -- no Standard Schema
job({ data: { type: 'object' } })
// @ts-expect-error -- an id is no default of a queue
defineQueue('mail', { defaults: { id: 'x' } })

export async function pages(): Promise<void> {
  await queue.getJobs({ state: 'scheduled' }, { limit: 10, reverse: true })
  // @ts-expect-error -- no such state
  await queue.getJobs({ state: 'delayed' })
  // @ts-expect-error -- filters but that of the state are not built yet
  await queue.getJobs({ state: 'ready', name: 'mail' })
  // @ts-expect-error -- no such option
  await queue.getJobs({ state: 'ready' }, { size: 5 })
  // @ts-expect-error -- pausing one job name is not built yet
  await queue.pause({ name: 'mail' })
  // @ts-expect-error -- a target that is a filter is not built yet
  await queue.retry({ state: 'failed' })
  // @ts-expect-error -- dry runs are not built yet
  await queue.remove('id', { dryRun: true })
}
