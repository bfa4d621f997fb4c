import { setMaxListeners } from 'node:events'

/** On the process, not in this module: a hot reload loads the module anew, and the listeners stay. */
const shared = ((globalThis as Record<symbol, unknown>)[Symbol.for('ripen.shutdown-signals')] ??= new Map()) as Map<string, AbortSignal>

/**
 * Returns an AbortSignal that aborts on the first of these signals of the operating system, for
 * `worker.run({ signal: shutdownSignal() })`.
 * A second signal ends the process at once, with the exit code 128 + signal number, as a shell reports it.
 *
 * All calls with the same signals share one AbortSignal, so there is one listener however many workers there
 * are. After the signal has come, later calls return an aborted one.
 *
 * @param signals default: SIGTERM and SIGINT.
 */
export function shutdownSignal(...signals: NodeJS.Signals[]): AbortSignal {
  const watched: readonly NodeJS.Signals[] = signals.length > 0 ? [...new Set(signals)].sort() : ['SIGINT', 'SIGTERM']
  const key = watched.join(' ')
  let signal = shared.get(key)
  if (signal === undefined) shared.set(key, (signal = watch(watched)))
  return signal
}

function watch(watched: readonly NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  const onSignal = (signal: NodeJS.Signals, number: number): void => {
    if (controller.signal.aborted) process.exit(128 + number)
    controller.abort(new Error(`received ${signal}`))
  }
  for (const signal of watched) process.on(signal, onSignal)
  return controller.signal
}
