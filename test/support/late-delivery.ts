import { connect } from 'node:net'
import { within } from './deadline.ts'

/**
 * Sends a request to a server over a connection of its own, as a network does that comes back with what a
 * dead connection had in its buffers. Resolves when the server has answered it.
 */
export function deliverLate(port: number, request: Buffer): Promise<void> {
  return within(
    2_000,
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request))
      socket.once('error', reject).once('data', () => {
        socket.destroy()
        resolve()
      })
    }),
    'the delivery of the late copy',
  )
}
