import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/**
 * A proxy before one server. It knows its clients by the names that they give their connections (CLIENT
 * SETNAME), so that a network can fail for one process alone. Sentinels are none of them.
 */
export class Proxy {
  #port
  #target
  #server
  #connections = new Set()
  /** What holds for clients of a name; '' for every client that has one. */
  #conditions = new Map()

  /** @param target the port of the server. */
  constructor(target) {
    this.#target = target
  }

  get port() {
    return this.#port
  }

  async listen(port = 0) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const connection = new Connection(socket, this.#target, (name) => this.#conditionsOf(name))
      this.#connections.add(connection)
      connection.onEnd(() => this.#connections.delete(connection))
    })
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = this.#server.address().port
  }

  /**
   * Lets the network fail for the clients of a name, '' being all that have one: `delay` holds each byte back
   * for so many ms, both ways; `silent` swallows everything, on connections that are open for as long as they
   * live, as when a cable is pulled: nobody is told.
   */
  impair(name, { delay = 0, silent = false }) {
    this.#conditions.set(name, { delay, silent })
    if (silent) for (const connection of this.#of(name)) connection.silence()
  }

  restore(name) {
    this.#conditions.delete(name)
  }

  cut(name) {
    for (const connection of this.#of(name)) connection.destroy()
  }

  /**
   * The next answer to each connection of these clients is lost, with the connection, after the server has
   * done what was asked.
   */
  loseReplies(name) {
    for (const connection of this.#of(name)) connection.loseReply()
  }

  close() {
    this.#server.close()
    for (const connection of this.#connections) connection.destroy()
  }

  #of(name) {
    return [...this.#connections].filter((connection) => connection.name !== '' && (name === '' || connection.name.includes(name)))
  }

  #conditionsOf(name) {
    if (name === '' || this.#conditions.size === 0) return perfect
    for (const [impaired, conditions] of this.#conditions) if (name.includes(impaired)) return conditions
    return perfect
  }
}

const perfect = { delay: 0, silent: false }

class Connection {
  name = ''
  #client
  #server
  #conditionsOf
  #silent = false
  #losing = false
  /** What a slow network still holds, in order. */
  #delayed = []

  constructor(client, port, conditionsOf) {
    this.#client = client
    this.#conditionsOf = conditionsOf
    this.#server = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true })
    client.on('data', (chunk) => {
      if (this.name === '') this.#findName(chunk)
      this.#forward(this.#server, chunk)
    })
    this.#server.on('data', (chunk) => {
      if (this.#losing && !this.#silent) return this.destroy()
      this.#forward(client, chunk)
    })
    for (const [socket, other] of [
      [client, this.#server],
      [this.#server, client],
    ]) {
      socket.on('end', () => this.#later(() => this.#silent || other.end()))
      // The 'close' that follows tells the other side.
      socket.on('error', () => undefined)
      socket.on('close', () => this.#later(() => this.#silent || other.destroy()))
    }
  }

  onEnd(listener) {
    let open = 2
    for (const socket of [this.#client, this.#server]) socket.once('close', () => --open === 0 && listener())
  }

  silence() {
    this.#silent = true
  }

  loseReply() {
    this.#losing = true
  }

  destroy() {
    this.#silent = true
    this.#client.resetAndDestroy()
    this.#server.destroy()
  }

  #findName(chunk) {
    this.name = /setname\r\n\$\d+\r\n(?!sentinel-)([^\r]+)\r\n/i.exec(chunk.toString('latin1'))?.[1] ?? ''
    if (this.#conditionsOf(this.name).silent) this.#silent = true
  }

  #forward(socket, chunk) {
    if (!this.#silent) this.#later(() => this.#silent || socket.write(chunk))
  }

  /** Now, or after the delay, in any case after what came before. */
  #later(act) {
    const { delay } = this.#conditionsOf(this.name)
    if (delay === 0 && this.#delayed.length === 0) return act()
    this.#delayed.push({ at: performance.now() + delay, act })
    if (this.#delayed.length === 1) setTimeout(this.#release, delay)
  }

  #release = () => {
    const now = performance.now()
    while (this.#delayed.length > 0 && this.#delayed[0].at <= now) this.#delayed.shift().act()
    if (this.#delayed.length > 0) setTimeout(this.#release, Math.max(1, this.#delayed[0].at - now))
  }
}
