import { EventEmitter } from 'node:events'

/**
 * A server that belongs to this process.
 *
 * Emits `error` when the server ends without being asked to, or reports a fault of its own. As with every
 * emitter, an `error` that nobody listens to is thrown: a server that takes its data with it must not vanish
 * in silence.
 */
export abstract class EmbeddedServer extends EventEmitter<{ error: [Error] }> {
  /** The target for clients, including those of other processes of this user. */
  abstract readonly url: string
  /** Ends this process's part in the server. Idempotent and bounded in time. */
  abstract close(): Promise<void>
}
