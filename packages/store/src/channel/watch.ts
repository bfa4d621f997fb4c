import { after } from '../after.ts'
import { stoppable } from '../stoppable.ts'
import type { ChannelCalls } from './channel-calls.ts'
import { isNewer, type ChannelState, type Revision } from './revision.ts'

/** Messages can be lost with a connection: a watcher looks by itself after this time without news, in ms. */
const look = 5_000

/** The states of a channel, from the one it is in; see {@link Channel.watch}. */
export function watch<T>(calls: ChannelCalls, signal: AbortSignal | undefined): AsyncIterableIterator<ChannelState<T>> {
  return stoppable(signal, (stop) => follow<T>(calls, stop))
}

async function* follow<T>(calls: ChannelCalls, signal: AbortSignal): AsyncGenerator<ChannelState<T>, undefined, undefined> {
  if (signal.aborted) return
  let seen: Revision | undefined
  let news = false
  let wake: (() => void) | undefined
  let failure: { readonly error: unknown } | undefined
  const hear = (): void => {
    news = true
    wake?.()
  }
  signal.addEventListener('abort', hear)
  const listening = calls.store.subscriber.listen(calls.changes, (message) => {
    if (message === undefined || isNewer(readRevision(message), seen)) hear()
  })
  // What comes before the subscription holds is found by the look that follows it.
  listening.then(hear, (error: unknown) => {
    failure = { error }
    hear()
  })
  try {
    for (;;) {
      news = false
      // In an outage it waits for the server; when the store closes, this throws the ClosingError.
      const state = await calls.look(seen, { budget: Infinity, signal })
      if (failure !== undefined) throw failure.error
      if (state !== undefined && isNewer(state, seen)) {
        seen = state
        yield state as ChannelState<T>
      }
      if (signal.aborted) return
      if (!news) await new Promise<void>((resolve) => callLater(resolve))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', hear)
    listening.then(
      (stop) => stop(),
      () => undefined, // it was thrown above, or the iteration had ended
    )
  }

  function callLater(resolve: () => void): void {
    const callOff = after(look, resolve)
    wake = () => {
      callOff()
      resolve()
    }
  }
}

function readRevision(message: string): Revision {
  const [epoch, rev] = message.split(' ')
  return { epoch: Number(epoch), rev: Number(rev) }
}
