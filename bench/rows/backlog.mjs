import { Delivery } from '../delivery.mjs'
import { drainAndVerify, fill, warmUp, work } from '../load.mjs'
import { ratioAtLeast } from '../verdict.mjs'

const rounds = 10

/** More than a worker finishes after the last job of its round, while it closes. */
const overshoot = 20_000

/**
 * Whether a long queue is a slow one. Both arms take the same 100 k jobs in ten rounds and fill up to their
 * backlog before each, so only the length of the queue differs. The clock stops at the last settlement of the
 * round; what the closing worker still finishes is filled up again.
 */
export const backlogRows = [
  {
    name: 'backlog',
    group: 'backlog',
    durability: 'none',
    jobs: 100_000,
    arms: [
      { name: '1 M', peer: 'ripen', parameters: { backlog: 10 } },
      { name: '10 k', peer: 'ripen', parameters: { backlog: 0.1 } },
    ],
    lines: [
      {
        key: 'rate',
        title: 'Ripen, 100 k taken: backlog of 1 M against 10 k',
        unit: 'jobs/s',
        digits: 0,
        subject: '1 M',
        reference: '10 k',
        required: ratioAtLeast(0.7),
      },
    ],
    async measure({ peer, url, jobs, parameters }) {
      const settings = { url, queue: 'bench', kept: 0, batched: true, concurrency: 50 }
      await warmUp(peer, settings, jobs)
      const backlog = Math.round(jobs * parameters.backlog)
      const round = Math.round(jobs / rounds)
      const delivery = new Delivery(backlog + jobs + rounds * overshoot)
      const producer = await peer.openProducer(settings)
      let added = 0
      let elapsed = 0
      for (let count = 0; count < rounds; count += 1) {
        const target = delivery.settled + backlog
        await fill(producer, added, target)
        added = target
        const [start, end] = await work(peer, settings, delivery, round)
        elapsed += end - start
      }
      await producer.close()
      await drainAndVerify(peer, settings, delivery, added)
      return { rate: ((round * rounds) / elapsed) * 1000 }
    },
  },
]
