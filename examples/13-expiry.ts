// Jobs that are of no use after a while: one that has not started within `expiresIn` of being due fails
// instead of running.
import { connect, JobFailedError } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

interface Jobs {
  quote: (data: { share: string }) => string
}

const store = await connect()
// Every job of the queue, unless it says otherwise.
const prices = new Queue<Jobs>('prices', { store, defaults: { expiresIn: '1 m' } })

// Nobody works yet: a price that was asked for is wanted at once, or not at all.
await prices.pause()
const stale = await prices.add('quote', { share: 'ACME' }, { expiresIn: '1 s' })
const fresh = await prices.add('quote', { share: 'Initech' })

const worker = new Worker(prices, {
  quote: async ({ data }) => {
    console.log('looks up', data.share)
    return `${data.share}: 42`
  },
})
const running = worker.run()

// Also while the queue is paused: whoever waits for it is told.
try {
  await stale.wait()
} catch (error) {
  if (!(error instanceof JobFailedError)) throw error
  console.log(`told why: ${(error.cause as { code?: string }).code}`)
}
await prices.resume()
console.log(await fresh.wait())

// It is a dead letter. A retry gives it the whole time anew, from now on.
await stale.retry()
console.log(await stale.wait())

await worker.close()
await running
await prices.close()
await store.close()
