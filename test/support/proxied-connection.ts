import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { RequestFrames } from './request-frames.ts'

/** A planned cut: around the next request that it accepts. */
export interface Cut {
  readonly accepts: (request: Buffer) => boolean
  readonly when: 'before' | 'after'
  readonly done: () => void
}

/** What a proxy does to all its connections; changed while they are open. */
export interface Conditions {
  delay: number
  silent: boolean
  cut: Cut | undefined
}

/** One client's connection through the proxy, and the proxy's own to the server. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #conditions: Conditions
  readonly #requests = new RequestFrames()
  #silent: boolean
  /** After the request of a cut: what the server says when it has applied that request. */
  #applied: { readonly token: string; readonly done: () => void; heard: string } | undefined

  constructor(client: Socket, target: { host: string; port: number }, conditions: Conditions) {
    this.#client = client
    this.#conditions = conditions
    this.#silent = conditions.silent
    this.#server = connect({ ...target, noDelay: true })
    client.setNoDelay(true)
    client.on('data', (chunk: Buffer) => this.#later(() => this.#fromClient(chunk)))
    this.#server.on('data', (chunk: Buffer) => this.#later(() => this.#fromServer(chunk)))
    for (const [socket, other] of [
      [client, this.#server],
      [this.#server, client],
    ] as const) {
      socket.on('end', () => this.#later(() => this.#silent || other.end()))
      // A reset on one side is a reset on the other; the 'close' that follows does it.
      socket.on('error', () => undefined)
      socket.on('close', () => this.#later(() => this.#silent || other.destroy()))
    }
  }

  /** Calls back when both of its sockets are closed. */
  onEnd(listener: () => void): void {
    let open = 2
    for (const socket of [this.#client, this.#server]) socket.on('close', () => --open === 0 && listener())
  }

  silence(): void {
    this.#silent = true
  }

  destroy(): void {
    this.#silent = true
    this.#client.resetAndDestroy()
    this.#server.destroy()
  }

  /** Timers of one length end in the order in which they were set, so bytes keep theirs. */
  #later(forward: () => void): void {
    if (this.#conditions.delay === 0) forward()
    else setTimeout(forward, this.#conditions.delay)
  }

  #fromClient(chunk: Buffer): void {
    if (this.#silent || this.#applied !== undefined) return
    for (const request of this.#requests.push(chunk)) {
      const { cut } = this.#conditions
      if (cut?.accepts(request) !== true) {
        this.#server.write(request)
        continue
      }
      this.#conditions.cut = undefined
      if (cut.when === 'before') {
        this.destroy()
        cut.done()
      } else this.#sendLast(request, cut.done)
      return
    }
  }

  /** A PING behind the request tells when it has been applied, whatever its own answer looks like. */
  #sendLast(request: Buffer, done: () => void): void {
    const token = randomUUID()
    this.#applied = { token, done, heard: '' }
    this.#server.write(Buffer.concat([request, Buffer.from(`*2\r\n$4\r\nPING\r\n$36\r\n${token}\r\n`)]))
  }

  #fromServer(chunk: Buffer): void {
    if (this.#silent) return
    const applied = this.#applied
    if (applied === undefined) {
      this.#client.write(chunk)
      return
    }
    applied.heard = (applied.heard + chunk.toString('latin1')).slice(-1_000)
    if (!applied.heard.includes(applied.token)) return
    this.destroy()
    applied.done()
  }
}
