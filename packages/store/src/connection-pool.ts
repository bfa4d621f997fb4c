import type { Redis } from 'ioredis'
import { ConnectionError } from './errors.ts'

/** Counts the dedicated connections that are out, and makes callers wait when all are. A connection is back when it has ended. */
export class ConnectionPool {
  readonly #limit: number
  readonly #timeout: number
  readonly #waiting: (() => void)[] = []
  #out = 0

  /** @param timeout ms that `take` waits for a place. */
  constructor(limit: number, timeout: number) {
    this.#limit = limit
    this.#timeout = timeout
  }

  async take(open: () => Promise<Redis>): Promise<Redis> {
    if (this.#out >= this.#limit) await this.#place()
    this.#out++
    try {
      const client = await open()
      client.once('end', () => this.#release())
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
    this.#out--
    this.#waiting.shift()?.()
  }
}
