import { connect } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

interface Jobs {
  welcome: (data: { to: string }) => { sentTo: string }
}

const store = await connect() // RIPEN_URL, REDIS_URL, or an embedded server: nothing to install
const mail = new Queue<Jobs>('mail', { store })

const worker = new Worker(mail, {
  welcome: async (job) => {
    console.log(`hello, ${job.data.to}`)
    return { sentTo: job.data.to }
  },
})
const running = worker.run()

const job = await mail.add('welcome', { to: 'ada@example.org' }, { delay: '1 second', attempts: 5 })
const { sentTo } = await job.wait()
console.log(`the welcome went to ${sentTo}`)

await worker.close()
await running
await store.close()
