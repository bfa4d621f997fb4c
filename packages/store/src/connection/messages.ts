import { Bell } from './bell.ts'
import { ClosingError } from '../errors/errors.ts'
import type { Listening } from './subscriber-view.ts'

/**
 * What the messages of a channel tell, from the call on. The iteration ends quietly when the signal aborts;
 * that gives the subscription up, so it must abort in the end: see {@link stoppable}.
 *
 * @param keep adds what a message tells to what waits for the reader, within limits of its own; `undefined`:
 *   messages may have been missed, after a reconnect.
 * @returns `listening` resolves when the subscription holds.
 * @throws ClosingError when the store closes, ConnectionError when the subscription fails: `listening` and,
 *   once nothing waits, the iteration.
 */
export function messages<T>(
  subscriber: Listening,
  channel: string,
  keep: (waiting: T[], message: string | undefined) => void,
  signal: AbortSignal,
): { readonly listening: Promise<unknown>; readonly iteration: AsyncGenerator<T, undefined, undefined> } {
  const waiting: T[] = []
  const news = new Bell(subscriber.clock)
  let holds = false
  let failure: { readonly error: unknown } | undefined
  const listening = subscriber.listen(channel, (message) => {
    // The first connection is no reconnect, nor is the close of the store.
    if (message !== undefined || (holds && !subscriber.closed)) keep(waiting, message)
    news.ring()
  })
  listening.then(
    () => (holds = true),
    (error: unknown) => {
      failure = { error }
      news.ring()
    },
  )
  const end = (): void => {
    news.ring()
    listening.then(
      (stop) => stop(),
      () => undefined, // there is nothing to give up
    )
  }
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
  return { listening, iteration: iterate() }

  async function* iterate(): AsyncGenerator<T, undefined, undefined> {
    while (!signal.aborted) {
      if (waiting.length > 0) yield waiting.shift() as T
      else if (failure !== undefined) throw failure.error
      else if (subscriber.closed) throw new ClosingError('the store')
      else await news.heard(Number.POSITIVE_INFINITY)
    }
  }
}
