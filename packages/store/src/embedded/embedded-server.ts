import { EventEmitter } from 'node:events'

/**
 * A server that belongs to this process.
 *
 * Emits `error` when the server ends without being asked to, or reports a fault of its own. As with every emitter, an `error` that nobody listens to is thrown: a server that
 * takes its data with it must not vanish in silence.
 */
export abstract class EmbeddedServer extends EventEmitter<{ error: [Error] }> {
  /** What a client, also one of another process of this user, connects to. */
  abstract readonly url: string
  /** Ends this process's part in the server. Idempotent and bounded in time. */
  abstract close(): Promise<void>
}
