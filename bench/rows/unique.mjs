import { performance } from 'node:perf_hooks'

import { Delivery } from '../delivery.mjs'
import { addConcurrently, drainAndVerify, warmUp, warmUpSize } from '../load.mjs'
import { indexOf, payloads } from '../payload.mjs'

const arms = ['ripen', 'bullmq'].map((peer) => ({ name: peer, peer }))

/**
 * Adds jobs with so many keys in turn, 500 in flight. The first of each key stays and is answered
 * with. @returns how long that took, in ms.
 */
async function addUnique(peer, settings, count, keys) {
  const producer = await peer.openProducer(settings)
  const keyed = { add: (data) => producer.addUnique(data, `key-${indexOf(data) % keys}`) }
  const start = performance.now()
  const ids = await addConcurrently(keyed, payloads(0, count), 500)
  const elapsed = performance.now() - start
  const wrong = ids.findIndex((id, index) => id === undefined || id !== ids[index % keys])
  const different = new Set(ids).size
  if (wrong >= 0 || different !== Math.min(keys, count))
    throw new Error(`${count} adds with ${keys} keys answered ${different} different ids`)
  const unfinished = await producer.unfinished()
  if (unfinished !== different) throw new Error(`${count} adds with ${keys} keys made ${unfinished} jobs`)
  await producer.close()
  await drainAndVerify(peer, settings, new Delivery(different), different)
  return elapsed
}

function uniqueRow({ name, title, keysOf }) {
  return {
    name,
    group: 'unique',
    durability: 'none',
    jobs: 40_000,
    arms,
    lines: [{ key: 'rate', title, unit: 'adds/s', digits: 0, subject: 'ripen', reference: 'bullmq' }],
    async measure({ peer, url, jobs }) {
      const settings = { url, queue: 'bench', kept: 0, batched: true }
      await warmUp(peer, settings, jobs)
      const few = warmUpSize(jobs)
      await addUnique(peer, { ...settings, queue: 'warm-up' }, few, keysOf(few))
      return { rate: (jobs / (await addUnique(peer, settings, jobs, keysOf(jobs)))) * 1000 }
    },
  }
}

/** Adds with unique keys while nobody works: where each key is held already, as a rule, and where none is. */
export const uniqueRows = [
  uniqueRow({ name: 'unique-held', title: 'concurrent adds, 500 in flight, 1,000 unique keys', keysOf: (jobs) => Math.min(1000, jobs) }),
  uniqueRow({ name: 'unique-distinct', title: 'concurrent adds, 500 in flight, a unique key each', keysOf: (jobs) => jobs }),
]
