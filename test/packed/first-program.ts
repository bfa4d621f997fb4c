// A whole program as a user of the packed packages writes it, who names their types and compiles with
// `isolatedDeclarations`: scripts/pack-check.mjs compiles and runs it.
import { connect, isRipenError, JobFailedError, type Duration, type Store } from '@ripen/store'
import {
  defineQueue,
  job,
  Queue,
  type Data,
  type Job,
  type JobDefinition,
  type JobOptions,
  type QueueDefinition,
  type Result,
} from '@ripen/queue'
import { Discard, Worker, type Handlers, type JobContext, type WorkerOptions } from '@ripen/worker'
import assert from 'node:assert/strict'

export interface Jobs {
  welcome: (data: { to: string; at: Date }) => { sentTo: string }
  tidy: () => number
  refuse: { why: string }
}

export const mailQueue: QueueDefinition<Jobs> = defineQueue<Jobs>('mail', { defaults: { attempts: 5, backoff: 'exponential' } })
export const soon: Duration = '50 ms'
export const urgent: JobOptions = { priority: -5, delay: soon }
export const options: WorkerOptions = { concurrency: 10 }

/** A Date is its text on the other side. */
export type WelcomeData = Data<Jobs, 'welcome'>
export type WelcomeResult = Result<Jobs, 'welcome'>

export const handlers: Handlers<Jobs> = {
  async welcome(job: Job<Jobs, 'welcome'>, context: JobContext): Promise<WelcomeResult> {
    const { to, at }: WelcomeData = job.data
    await context.progress({ sent: at.slice(0, 4) })
    return { sentTo: to }
  },
  tidy: async () => 3,
  refuse: async ({ data }) => {
    throw new Discard(data.why)
  },
}

export const measure: JobDefinition<{ grams: number }, { grams: number }, { ounces: number }> = job<{ grams: number }, { ounces: number }>({
  id: ({ grams }) => `measure-${grams}`,
})
export const scales: QueueDefinition<{ readonly measure: typeof measure }> = defineQueue('scales', { jobs: { measure } })

const store: Store = await connect()
const mail: Queue<Jobs> = new Queue(mailQueue, { store })
const worker: Worker<Jobs> = new Worker(mail, handlers, options)
const measuring = new Worker(scales, { measure: async (job) => ({ ounces: job.data.grams / 28.35 }) }, { store })
const running = Promise.all([worker.run(), measuring.run()])

const welcome = await mail.add('welcome', { to: 'ada@example.org', at: new Date('2026-01-31') }, urgent)
const { sentTo }: WelcomeResult = await welcome.wait({ timeout: '20 seconds' })
assert.equal(sentTo, 'ada@example.org')

const tidied: number = await (await mail.add('tidy')).wait({ timeout: '20 seconds' })
assert.equal(tidied, 3)

const refused = await mail.add('refuse', { why: 'no such address' })
await assert.rejects(
  refused.wait({ timeout: '20 seconds' }),
  (error) => error instanceof JobFailedError && isRipenError(error, 'RIPEN_JOB_FAILED') && error.message.includes('no such address'),
)

const measured = new Queue(scales, { store })
const weighing = await measured.add('measure', { grams: 567 })
assert.equal(weighing.id, 'measure-567')
const { ounces } = await weighing.wait({ timeout: '20 seconds' })
assert.equal(Math.round(ounces), 20)

await Promise.all([worker.close(), measuring.close()])
await running
await mail.close()
await measured.close()
await store.close()
console.log(`the welcome went to ${sentTo}`)
