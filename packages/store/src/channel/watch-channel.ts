import { Bell } from '../connection/bell.ts'
import { stoppable } from '../connection/stoppable.ts'
import type { ChannelSource } from './channel-source.ts'
import { isNewer, type ChannelState, type Revision } from './revision.ts'

/** Messages can be lost with a connection: a watcher looks by itself after this time without news, in ms. */
const look = 5_000

/** The states of a channel, from the one it is in; see {@link Channel.watch}. */
export function watchChannel<T>(source: ChannelSource, signal: AbortSignal | undefined): AsyncIterableIterator<ChannelState<T>> {
  return stoppable(signal, (stop) => follow<T>(source, stop))
}

async function* follow<T>(source: ChannelSource, signal: AbortSignal): AsyncGenerator<ChannelState<T>, undefined, undefined> {
  if (signal.aborted) return
  let seen: Revision | undefined
  let failure: { readonly error: unknown } | undefined
  const news = new Bell(source.store.clock)
  const ring = (): void => news.ring()
  signal.addEventListener('abort', ring)
  const listening = source.store.subscriber.listen(source.changes, (message) => {
    if (message === undefined || isNewer(readRevision(message), seen)) ring()
  })
  // The look after subscribing finds changes made before the subscription was in place.
  listening.then(ring, (error: unknown) => {
    failure = { error }
    ring()
  })
  try {
    for (;;) {
      // In an outage it waits for the server; when the store closes, this throws the ClosingError.
      const state = await source.look(seen, { budget: Infinity, signal })
      if (failure !== undefined) throw failure.error
      if (state !== undefined && isNewer(state, seen)) {
        seen = state
        yield state as ChannelState<T>
      }
      if (signal.aborted) return
      await news.heard(look)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', ring)
    listening.then(
      (stop) => stop(),
      () => undefined, // it was thrown above, or the iteration had ended
    )
  }
}

function readRevision(message: string): Revision {
  const [epoch, rev] = message.split(' ')
  return { epoch: Number(epoch), rev: Number(rev) }
}
