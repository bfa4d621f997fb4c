import { Delivery, verifyIds } from '../delivery.mjs'
import { openInspector } from '../inspector.mjs'
import { addConcurrently, warmUp, work } from '../load.mjs'
import { payloads } from '../payload.mjs'
import { ratioAtMost } from '../verdict.mjs'
import { queues } from './arms.mjs'

const add = { unit: 'µs/job', digits: 1, subject: 'ripen' }

/**
 * The processor time of the server and of this process (all its threads) for adding 500 in flight and
 * processing at concurrency 50.
 */
export const cpuRows = [
  {
    name: 'cpu',
    group: 'cpu',
    durability: 'none',
    jobs: 40_000,
    arms: [...queues, { name: 'floor', peer: 'floor' }],
    lines: [
      { ...add, key: 'server', title: 'Redis CPU, add + process', reference: 'bullmq', required: ratioAtMost(1 / 10, 1 / 8) },
      {
        ...add,
        key: 'server',
        title: 'Redis CPU, add + process, against bare pipelined commands',
        reference: 'floor',
        required: ratioAtMost(2),
      },
      { ...add, key: 'serverAdd', title: 'Redis CPU, add', reference: 'bullmq' },
      { ...add, key: 'serverProcess', title: 'Redis CPU, process', reference: 'bullmq' },
      { ...add, key: 'nodeAdd', title: 'Node CPU, add', reference: 'bullmq' },
      { ...add, key: 'nodeProcess', title: 'Node CPU, process', reference: 'bullmq' },
    ],
    async measure({ peer, url, jobs }) {
      const settings = { url, queue: 'bench', kept: 0, batched: true, concurrency: 50 }
      await warmUp(peer, settings, jobs)
      const inspector = await openInspector(url)
      const read = async () => {
        const { user, system } = process.cpuUsage()
        return { server: await inspector.cpuTime(), node: user + system }
      }
      const items = payloads(0, jobs)
      const producer = await peer.openProducer(settings)
      const before = await read()
      const ids = await addConcurrently(producer, items, 500)
      const added = await read()
      verifyIds(ids, jobs)
      await producer.close()

      const delivery = new Delivery(jobs)
      const [start, end] = await work(peer, settings, delivery, jobs, { read })
      delivery.verify()
      await inspector.close()
      const serverAdd = (added.server - before.server) / jobs
      const serverProcess = (end.server - start.server) / jobs
      return {
        server: serverAdd + serverProcess,
        serverAdd,
        serverProcess,
        nodeAdd: (added.node - before.node) / jobs,
        nodeProcess: (end.node - start.node) / jobs,
      }
    },
  },
]
