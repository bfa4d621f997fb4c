/**
 * An AbortSignal that aborts on the first of these signals of the operating system, for `worker.run({ signal: shutdownSignal() })`.
 * A second signal ends the process at once with the exit code 128 + signal number, as a shell reports it.
 *
 * @param signals default SIGTERM and SIGINT.
 */
export function shutdownSignal(...signals: NodeJS.Signals[]): AbortSignal {
  const controller = new AbortController()
  const watched = signals.length > 0 ? signals : (['SIGTERM', 'SIGINT'] as const)
  const onSignal = (signal: NodeJS.Signals, number: number): void => {
    if (controller.signal.aborted) process.exit(128 + number)
    controller.abort(new Error(`received ${signal}`))
  }
  for (const signal of watched) process.on(signal, onSignal)
  return controller.signal
}
