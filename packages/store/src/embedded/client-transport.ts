import type { Socket } from 'node:net'
import {
  ClientSession,
  createDefaultParkHandler,
  Resp2SessionAdapter,
  type CommandExecutor,
  type ConnectionTransport,
  type ConnectionTransportEvent,
  type ConnectionTransportListener,
  type ParkHandler,
  type RedisServerState,
} from 'js-redis-server/core'

/** Requests of one client that wait to be read, in bytes, above which its socket is paused. */
const maxUnread = 8 * 1024 * 1024

/**
 * What a client may send before it has given the password, in bytes: the first requests of clients are a few
 * hundred.
 */
const maxUnknown = 64 * 1024

/** Serves one client until it goes. */
export function serveClient(socket: Socket, state: RedisServerState, executor: CommandExecutor, report: (error: unknown) => void): void {
  const transport = new ClientTransport(socket)
  // A failure after the client has gone does not matter.
  const error = (fault: unknown): void => (transport.signal.aborted ? undefined : report(fault))
  const session = new ClientSession({
    server: state,
    executor,
    clientAddress: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
    signal: transport.signal,
    park: transport.park,
    closeConnection: () => transport.close(),
  })
  transport.knows = () => session.isAuthenticated
  new Resp2SessionAdapter({ transport, session, logger: { error } }).run().then(() => transport.close(), error)
}

/**
 * The socket of a client.
 *
 * js-redis-server's own transport learns that a client has gone when it reads on, which it does not while a
 * command blocks: the next push to a list then goes to a client that is no longer there. This one reads on
 * and ends the blocking command.
 */
class ClientTransport implements ConnectionTransport {
  readonly id = ''
  readonly #socket: Socket
  readonly #gone = new AbortController()
  readonly #unread: Buffer[] = []
  #unreadBytes = 0
  /** What was read before the client gave the password, in bytes. */
  #unknownBytes = 0
  /** Whether the client has given the password. */
  knows: () => boolean = () => false
  #ended = false
  #parked = 0
  #wake: (() => void) | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#end())
    socket.on('error', () => this.#abort())
    socket.on('close', () => this.#abort())
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** How a blocking command waits: not for longer than its client stays. */
  readonly park: ParkHandler = async (request) => {
    if (this.#ended) this.#abort()
    this.#parked += 1
    try {
      return await parkByDefault(request)
    } finally {
      this.#parked -= 1
    }
  }

  async *read(): AsyncGenerator<Buffer> {
    while (!this.signal.aborted) {
      const chunk = this.#unread.shift()
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.length
        // Everything before this was carried out, so a password would have been read.
        if (this.#unknownBytes > maxUnknown && !this.knows()) return this.close()
        this.#unknownBytes = Math.min(this.#unknownBytes + chunk.length, maxUnknown + 1)
        if (this.#unreadBytes < this.#most) this.#socket.resume()
        yield chunk
      } else if (this.#ended) return
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  write(chunk: Buffer): void | Promise<void> {
    if (this.#socket.destroyed || this.#socket.write(chunk)) return
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done).off('close', done)
        resolve()
      }
      this.#socket.on('drain', done).on('close', done)
    })
  }

  close(): void {
    this.#socket.destroySoon()
    this.#abort()
  }

  on(event: ConnectionTransportEvent, listener: ConnectionTransportListener): () => void {
    this.#socket.on(event, listener)
    return () => this.#socket.off(event, listener)
  }

  get #most(): number {
    return this.knows() ? maxUnread : maxUnknown
  }

  #receive(chunk: Buffer): void {
    this.#unread.push(chunk)
    this.#unreadBytes += chunk.length
    if (this.#unreadBytes >= this.#most) this.#socket.pause()
    this.#wake?.()
  }

  /** The client will send nothing more. What it has sent is still done, except to wait for it. */
  #end(): void {
    this.#ended = true
    if (this.#parked > 0) this.#abort()
    this.#wake?.()
  }

  #abort(): void {
    this.#ended = true
    this.#gone.abort()
    this.#wake?.()
  }
}

const parkByDefault = createDefaultParkHandler()
