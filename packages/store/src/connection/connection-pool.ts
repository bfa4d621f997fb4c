import type { Redis } from 'ioredis'
import type { Clock } from '../clock/clock.ts'
import { disconnected } from './disconnected.ts'
import { ClosingError, ConnectionError } from '../errors/errors.ts'

/**
 * Counts the dedicated connections that are out, and makes callers wait when all are. A connection is back
 * when it has ended.
 */
export class ConnectionPool {
  readonly #limit: number
  readonly #timeout: number
  readonly #clock: Clock
  readonly #waiting: { readonly place: () => void; readonly refuse: () => void }[] = []
  #closed = false
  readonly #clients = new Set<Redis>()
  #out = 0

  /** @param timeout ms that `take` waits for a place. */
  constructor(limit: number, timeout: number, clock: Clock) {
    this.#limit = limit
    this.#timeout = timeout
    this.#clock = clock
  }

  async take(open: () => Promise<Redis>): Promise<Redis> {
    if (this.#closed) throw new ClosingError('the store')
    // A place that is handed on is never free in between.
    if (this.#out >= this.#limit) await this.#place()
    else this.#out++
    try {
      const client = await open()
      if (this.#closed) {
        client.disconnect()
        throw new ClosingError('the store')
      }
      this.#clients.add(client)
      client.once('end', () => {
        this.#clients.delete(client)
        this.#release()
      })
      return client
    } catch (error) {
      this.#release()
      throw error
    }
  }

  #place(): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        place: (): void => {
          callOff()
          resolve()
        },
        refuse: (): void => {
          callOff()
          reject(new ClosingError('the store'))
        },
      }
      const callOff = this.#clock.after(this.#timeout, () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(
          new ConnectionError(
            `all ${this.#limit} blocking connections are in use, and none came back within ${this.#timeout} ms: raise maxBlocking, or release them sooner`,
          ),
        )
      })
      this.#waiting.push(waiter)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#out--
    else next.place()
  }

  /** Disconnects those that are out. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { refuse } of this.#waiting.splice(0)) refuse()
    await Promise.all([...this.#clients].map(disconnected))
  }
}
