/**
 * A worker that is there to be killed. Each run of its handler is written to its file with a synchronous
 * write, which outlives the process.
 */
import { once } from 'node:events'
import { openSync, writeSync } from 'node:fs'

import { loadPeer } from './peers/catalogue.mjs'

process.once('disconnect', () => process.exit(1))
const [{ peerName, file, ...settings }] = await once(process, 'message')
const runs = openSync(file, 'a')
const report = (error) => process.send({ error: error.stack })
try {
  const peer = await loadPeer(peerName)
  const worker = await peer.openWorker({
    ...settings,
    handler: async (data) => void writeSync(runs, `${data.n}\n`),
    onSettled: () => {},
    onError: report,
  })
  process.send({ ready: true })
  worker.start()
} catch (error) {
  report(error)
}
