/**
 * One sample in a process of its own: gets what to measure as a message, answers with the figures or the
 * error, and ends.
 */
import { once } from 'node:events'

import { loadPeer } from './peers/catalogue.mjs'
import { rows } from './rows/catalogue.mjs'

// When the bench is gone nobody wants the sample.
process.once('disconnect', () => process.exit(1))

async function measure({ rowName, armName, url, jobs }) {
  const row = rows.find(({ name }) => name === rowName)
  const arm = row.arms.find(({ name }) => name === armName)
  const peer = await loadPeer(arm.peer)
  return { figures: await row.measure({ peer, peerName: arm.peer, url, jobs, parameters: arm.parameters }) }
}

const [specification] = await once(process, 'message')
const answer = await measure(specification).catch((error) => ({ error: error.stack }))
// Whatever a library still holds open must not keep the process.
process.send(answer, () => process.exit(0))
