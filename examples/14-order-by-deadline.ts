// Which of the jobs that are ready runs first: by the time until which each may start, or by a function.
import { connect } from '@ripen/store'
import { defineQueue, Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

interface Orders {
  pack: (data: { item: string; weight: number }) => void
}

const store = await connect()

/** Runs all that is ready, one at a time. */
async function work(queue: Queue<Orders>, count: number): Promise<void> {
  let left = count
  const worker = new Worker(queue, {
    pack: async ({ data }) => {
      console.log('packs', data.item)
      if (--left === 0) void worker.close()
    },
  })
  await worker.run()
  await queue.close()
}

// The earliest deadline first; what may wait for ever comes last. Priorities go before.
const parcels = new Queue<Orders>('parcels', { store, order: 'deadline' })
await parcels.add('pack', { item: 'a book, any time', weight: 300 })
await parcels.add('pack', { item: 'milk, within a day', weight: 1_000 }, { expiresIn: '1 d' })
await parcels.add('pack', { item: 'ice, within an hour', weight: 500 }, { expiresIn: '1 h' })
await parcels.add('pack', { item: 'a letter of the boss', weight: 20 }, { priority: -1 })
await work(parcels, 4)

// A Scorer gives each job its place when it is added, an integer from 0 to 2^42 - 1; the lowest comes first.
// Who adds needs the function, who works does not.
const freight = defineQueue<Orders>('freight', { order: ({ data }) => data.weight })
const lorry = new Queue(freight, { store })
await lorry.add('pack', { item: 'an anvil', weight: 90_000 })
await lorry.add('pack', { item: 'a feather', weight: 1 })
await lorry.add('pack', { item: 'a chair', weight: 5_000 })
await work(new Queue<Orders>('freight', { store }), 3)

await lorry.close()
await store.close()
