import type { Redis } from 'ioredis'
import { ConnectionError } from './errors.ts'

/** Counts the dedicated connections that are out, and makes callers wait when all are. A connection is back when it has ended. */
export class ConnectionPool {
  readonly #limit: number
  readonly #timeout: number
  readonly #waiting: (() => void)[] = []
  readonly #clients = new Set<Redis>()
  #out = 0

  /** @param timeout ms that `take` waits for a place. */
  constructor(limit: number, timeout: number) {
    this.#limit = limit
    this.#timeout = timeout
  }

  async take(open: () => Promise<Redis>): Promise<Redis> {
    // A place that is handed on is never free in between.
    if (this.#out >= this.#limit) await this.#place()
    else this.#out++
    try {
      const client = await open()
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
      const place = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1)
        reject(new ConnectionError(`all ${this.#limit} blocking connections are in use, none came back within ${this.#timeout} ms`))
      }, this.#timeout)
      this.#waiting.push(place)
    })
  }

  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#out--
    else next()
  }

  /** Disconnects those that are out. */
  close(): void {
    for (const client of this.#clients) client.disconnect()
  }
}
