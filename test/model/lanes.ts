import type { Model } from './model.ts'
import { sent } from './wire.ts'

/** How long a session is remembered that is used no more, in ms. */
const remembered = 600_000

/** One call at a time goes on the last lane of a session, which workers do not have. */
const lastLane = ':3'

/** The session that a client has just opened: nothing was sent on its lane before. */
function newSession(model: Model): string {
  const lane = [...sent.keys()].find((name) => name.endsWith(lastLane) && !model.calls.has(name))
  if (lane === undefined) throw new Error('no new session was opened')
  return lane.slice(0, -lastLane.length)
}

/**
 * A client has sent a numbered call, by one of its two sessions, and the server has applied it.
 *
 * @param sessions those of all clients that adds, or moves by hand, go through.
 */
export function numberedCall(model: Model, sessions: Map<number, string>, client: number): void {
  let session = sessions.get(client)
  if (session === undefined) {
    session = newSession(model)
    // The queue was opened.
    model.rest()
    sessions.set(client, session)
    model.sessions.set(session, model.now + remembered)
  }
  model.call(session + lastLane)
}
