import { Delivery } from '../delivery.mjs'
import { openCountedWorker, warmUp } from '../load.mjs'
import { indexOf, payload } from '../payload.mjs'
import { percentile } from '../statistics.mjs'
import { valueAtMost } from '../verdict.mjs'
import { queues } from './arms.mjs'

/** The jobs are added this long before the first is due, in ms; a library that needs longer fails the row. */
const lead = 3000

const line = { unit: 'ms', digits: 0, subject: 'ripen', reference: 'bullmq' }

/**
 * One delayed job due in each ms: how late its handler starts, by the machine's clock, which server and
 * worker share.
 */
export const latenessRows = [
  {
    name: 'lateness',
    group: 'lateness',
    durability: 'none',
    jobs: 5000,
    arms: queues,
    lines: [
      { ...line, key: 'p50', title: 'delayed, 1,000/s: lateness p50' },
      { ...line, key: 'p99', title: 'delayed, 1,000/s: lateness p99', required: valueAtMost(10) },
      { ...line, key: 'early', title: 'delayed, 1,000/s: started early', unit: 'jobs', required: valueAtMost(0) },
    ],
    async measure({ peer, url, jobs }) {
      const settings = { url, queue: 'bench', kept: 0, batched: true, concurrency: 50, delayed: true }
      await warmUp(peer, settings, 2000)
      const producer = await peer.openProducer(settings)
      const delivery = new Delivery(jobs)
      const starts = new Array(jobs)
      const worker = await openCountedWorker(peer, settings, delivery, (data) => {
        starts[indexOf(data)] = Date.now()
      })
      worker.start()
      const due = Date.now() + lead
      await producer.addDelayed(Array.from({ length: jobs }, (_, index) => ({ data: payload(index), runAt: due + index })))
      if (Date.now() > due) throw new Error(`adding ${jobs} delayed jobs took longer than ${lead} ms`)
      await delivery.reaches(jobs)
      await worker.close()
      await producer.close()
      delivery.verify()
      const lateness = starts.map((start, index) => start - (due + index))
      return {
        p50: percentile(lateness, 0.5),
        p99: percentile(lateness, 0.99),
        early: lateness.filter((late) => late < 0).length,
      }
    },
  },
]
