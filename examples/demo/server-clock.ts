import type { Store } from '@ripen/store'

/**
 * The server's time in epoch ms, without asking it each time: the times of jobs are the server's. Right to
 * about half a round trip.
 */
export async function serverClock(store: Store): Promise<() => number> {
  let best = { roundTrip: Number.POSITIVE_INFINITY, difference: 0 }
  for (let sample = 0; sample < 10; sample++) {
    const before = performance.now()
    // now() is cut to whole milliseconds: on average it is half of one ahead.
    const server = (await store.now()) + 0.5
    const after = performance.now()
    if (after - before < best.roundTrip) best = { roundTrip: after - before, difference: server - (before + after) / 2 }
  }
  return () => performance.now() + best.difference
}
