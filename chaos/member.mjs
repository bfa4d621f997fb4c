/**
 * What every child process of the run has. Imported before anything else, because a process whose clock is
 * wrong must believe so from its first line.
 */
import { once } from 'node:events'
import { History } from './history.mjs'

/** What the fleet tells it: name, url, seed, history, skew and what its role needs. */
export const settings = JSON.parse(process.argv[2])

const machineNow = Date.now

/** Epoch ms by the clock of the machine, which the server reads too, whatever this process believes. */
export const now = () => machineNow()

if (settings.skew !== 0) {
  const believed = () => machineNow() + settings.skew
  globalThis.Date = class extends Date {
    constructor(...parameters) {
      super(...(parameters.length === 0 ? [believed()] : parameters))
    }
    static now() {
      return believed()
    }
  }
}

export const history = new History(settings.history)

/** Options of every store: its connections carry the name of the process, by which the proxies know them. */
export const storeOptions = {
  url: settings.url,
  prefix: settings.prefix,
  enqueueTimeout: settings.enqueueTimeout,
  redis: { connectionName: settings.name },
}

const stopping = new AbortController()
/** Aborts when the process is asked to come to its end. */
export const stopped = stopping.signal
process.once('SIGTERM', () => stopping.abort())

/** Resolves when the signal aborts, with its reason. */
export async function aborted(signal) {
  if (!signal.aborted) await once(signal, 'abort')
  return signal.reason
}

// When the run is gone nobody wants its children.
process.once('disconnect', () => process.exit(1))

process.on('message', ({ block }) => {
  if (block !== undefined) for (const end = performance.now() + block; performance.now() < end;);
})

/** Tells the run that the process takes part from now on. */
export function ready() {
  process.send({ ready: true })
}

/** The run holds a channel to its children open; without it a process that has nothing left to do ends. */
export function done() {
  process.removeAllListeners('disconnect')
  process.disconnect()
}
