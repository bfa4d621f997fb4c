import { ClosingError } from './errors.ts'
import type { Subscriber } from './subscriber.ts'

/** Messages that wait for a slow reader; beyond that they count as missed. */
const most = 1_000

/**
 * The messages of a channel from now on; `undefined` where some may have been missed: after a reconnect, or because the reader was slow. Ends quietly when the signal aborts.
 *
 * The subscription begins at the call and is given up with the iteration, so the result must be iterated.
 *
 * @throws ClosingError when the store closes; ConnectionError when the first subscription fails.
 */
export function messages(subscriber: Subscriber, channel: string, signal?: AbortSignal): AsyncGenerator<string | undefined> {
  let waiting: (string | undefined)[] = []
  let wake: (() => void) | undefined
  let holds = false
  const listening = subscriber.listen(channel, (message) => {
    // The first connection is no reconnect.
    if (message === undefined && !holds && !subscriber.closed) return
    if (waiting.length < most) waiting.push(message)
    else waiting = [undefined]
    wake?.()
  })
  listening.then(
    () => (holds = true),
    () => undefined, // heard when the iteration begins
  )
  const aborted = (): boolean => signal?.aborted === true
  return iterate()

  async function* iterate(): AsyncGenerator<string | undefined> {
    const abort = (): void => wake?.()
    signal?.addEventListener('abort', abort)
    try {
      await listening
      while (!aborted()) {
        if (subscriber.closed) throw new ClosingError('the store')
        const batch = waiting
        waiting = []
        for (const message of batch) {
          yield message
          if (aborted()) return
        }
        if (waiting.length === 0 && !aborted()) await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      signal?.removeEventListener('abort', abort)
      const stop = await listening.catch(() => undefined)
      stop?.()
    }
  }
}
