import type { Client } from '../call/caller.ts'
import { realClock } from '../clock/real-clock.ts'

/**
 * ioredis tells nothing of the end of a client that is between two connections, so the wait has this bound,
 * in ms.
 */
const longest = 300

/** Disconnects and waits for the end. */
export function disconnected(client: Client): Promise<void> {
  return new Promise((resolve) => {
    if (client.status === 'end') return resolve()
    const callOff = realClock.after(longest, () => {
      // Nor does it answer the commands that such a client holds back.
      const { flushQueue } = client as unknown as { flushQueue?: (this: Client, error: Error) => void }
      flushQueue?.call(client, new Error('Connection is closed.'))
      resolve()
    })
    client.once('end', () => {
      callOff()
      resolve()
    })
    client.disconnect()
  })
}
