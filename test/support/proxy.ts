import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { ProxiedConnection, type Conditions, type Cut } from './proxied-connection.ts'

/**
 * Which request: one whose bytes contain this text, match this expression, satisfy this function, or the nth
 * from now on (1 is the next).
 */
export type RequestMatch = string | RegExp | number | ((request: Buffer) => boolean)

/**
 * Starts a TCP proxy before a server on this machine, for networks that fail.
 *
 * @param target the server's port, or its URL, whose password the proxy's own URL keeps.
 */
export async function tcpProxy(target: number | string): Promise<TcpProxy> {
  const url = new URL(typeof target === 'number' ? `redis://127.0.0.1:${target}` : target)
  const proxy = new TcpProxy(url)
  await proxy.accept()
  return proxy
}

export class TcpProxy {
  readonly #target: URL
  readonly #conditions: Conditions = { delay: 0, silent: false, cut: undefined }
  readonly #connections = new Set<ProxiedConnection>()
  #server: Server | undefined
  #port = 0

  constructor(target: URL) {
    this.#target = target
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    const url = new URL(this.#target)
    url.host = `127.0.0.1:${this.#port}`
    return url.href.replace(/\/$/, '')
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#connections.size
  }

  /** Destroys all connections. New ones are accepted. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  /**
   * Lets the server apply one request, the next that matches, and destroys its client's connection before a
   * byte of the answer passes.
   *
   * @returns a promise that resolves when that has happened.
   */
  cutAfterRequest(match: RequestMatch): Promise<void> {
    return this.#cutOnce(match, 'after')
  }

  /** Destroys the connection of the next request that matches before the server sees it. */
  cutBeforeRequest(match: RequestMatch): Promise<void> {
    return this.#cutOnce(match, 'before')
  }

  /** Refuses new connections (ECONNREFUSED); those that are open stay. */
  refuse(): void {
    // The port is closed at once; only the callback, which is not given, would wait for connections to end.
    this.#server?.close()
    this.#server = undefined
  }

  /** Accepts connections again, on the same port. */
  async accept(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#connect(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port: this.#port }, resolve)
    })
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  /** Holds each byte back for so many ms, both ways. */
  delay(milliseconds: number): void {
    this.#conditions.delay = milliseconds
  }

  /**
   * From now on swallows everything, both ways and on new connections too, as when a cable is pulled: nobody
   * is told.
   */
  halfOpen(): void {
    this.#conditions.silent = true
    for (const connection of this.#connections) connection.silence()
  }

  /** From now on swallows everything on new connections; those that are open go on. */
  swallowNew(): void {
    this.#conditions.silent = true
  }

  /**
   * Ends `delay` and `halfOpen` for new connections; those that were half open stay so until they are cut.
   */
  restore(): void {
    this.#conditions.delay = 0
    this.#conditions.silent = false
  }

  close(): void {
    this.refuse()
    this.cut()
  }

  #connect(socket: Socket): void {
    const connection = new ProxiedConnection(
      socket,
      { host: this.#target.hostname, port: Number(this.#target.port || 6379) },
      this.#conditions,
    )
    this.#connections.add(connection)
    connection.onEnd(() => this.#connections.delete(connection))
  }

  #cutOnce(match: RequestMatch, when: Cut['when']): Promise<void> {
    if (this.#conditions.cut !== undefined) throw new Error('a cut is planned already')
    return new Promise((resolve) => {
      this.#conditions.cut = { accepts: predicate(match), when, done: resolve }
    })
  }
}

function predicate(match: RequestMatch): (request: Buffer) => boolean {
  if (typeof match === 'function') return match
  if (typeof match === 'string') return (request) => request.includes(match)
  if (match instanceof RegExp) return (request) => match.test(request.toString('latin1'))
  let left = match
  return () => --left === 0
}
