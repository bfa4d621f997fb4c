// When a job runs, and what a handler's throw makes of it: a delay, retries with backoff, RetryIn, Snooze and
// Discard.
import { connect, JobFailedError } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Discard, RetryIn, Snooze, Worker } from '@ripen/worker'

interface Jobs {
  remind: (data: { of: string }) => void
  charge: (data: { invoice: number }) => string
  deliver: (data: { parcel: number }) => void
  publish: (data: { title: string; notBefore: number }) => void
  parse: (data: { file: string }) => void
}

const store = await connect()
const office = new Queue<Jobs>('office', { store })
const worker = new Worker(office, {
  remind: async (job) => {
    console.log(`remind of ${job.data.of}:`, (job.startedAt ?? 0) < job.dueAt ? 'too early' : 'it is due')
  },
  // An error is a failed attempt. The next one comes after the job's backoff, while attempts are left.
  charge: async (job, { attempt }) => {
    console.log(`charge invoice ${job.data.invoice}: attempt ${attempt}`)
    if (attempt < 3) throw new Error('the bank does not answer')
    return `receipt for invoice ${job.data.invoice}`
  },
  // RetryIn is a failed attempt too, but says by itself when the next one comes.
  deliver: async (job, { attempt }) => {
    console.log(`deliver parcel ${job.data.parcel}: attempt ${attempt}`)
    if (attempt === 1) throw new RetryIn('200 ms', { cause: new Error('nobody at home') })
  },
  // Snooze is no failure: the job comes again later and has used no attempt.
  publish: async (job, { attempt }) => {
    const early = job.data.notBefore - (await store.now())
    console.log(`publish ${job.data.title}: attempt ${attempt},`, early > 0 ? 'under embargo' : 'out now')
    if (early > 0) throw new Snooze(early)
  },
  // Discard fails the job at once, whatever attempts are left.
  parse: async (job, { attempt }) => {
    console.log(`parse ${job.data.file}: attempt ${attempt}`)
    throw new Discard('not a CSV file')
  },
})
const running = worker.run()

const reminder = await office.add('remind', { of: 'the meeting' }, { delay: '300 ms' })
await reminder.wait()

const payment = await office.add('charge', { invoice: 7 }, { attempts: 5, backoff: { type: 'exponential', delay: '100 ms' } })
console.log(await payment.wait())

const delivery = await office.add('deliver', { parcel: 12 }, { attempts: 2 })
await delivery.wait()

const article = await office.add('publish', { title: 'the news', notBefore: (await store.now()) + 500 })
await article.wait()

const upload = await office.add('parse', { file: 'cat.png' }, { attempts: 5 })
try {
  await upload.wait()
} catch (error) {
  if (!(error instanceof JobFailedError)) throw error
  // Failed jobs are kept, to be looked at and retried.
  const letter = await upload.refresh()
  console.log(`${letter?.state} after ${letter?.attempt} attempt: ${letter?.error?.message}`)
}

await worker.close()
await running
await store.close()
