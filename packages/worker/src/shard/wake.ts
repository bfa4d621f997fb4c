import type { Client, RipenStore } from '@ripen/store/internal'

/**
 * The server answers a blocking pop after this long, in seconds, so that a half-open connection is noticed.
 */
const blockSeconds = 3

/**
 * Waits for the shard's wake token, on a connection of its own. At most one pop is under way; a token is a
 * hint to call `settle`.
 */
export class Wake {
  readonly #store: RipenStore
  readonly #key: string
  readonly #woken: () => void
  #client: Promise<Client> | undefined
  #waiting = false
  #wanted = false
  #closed = false

  constructor(store: RipenStore, key: string, woken: () => void) {
    this.#store = store
    this.#key = key
    this.#woken = woken
  }

  /**
   * Whether a token is of use: a worker with no free hands must leave it to others. A pop that is under way
   * still ends with a token or its time.
   */
  want(wanted: boolean): void {
    this.#wanted = wanted
    if (wanted && !this.#waiting && !this.#closed) void this.#wait()
  }

  async #wait(): Promise<void> {
    this.#waiting = true
    while (this.#wanted && !this.#closed) {
      try {
        this.#client ??= this.#store.connections.open('wake', this.#store.databaseNumber)
        const client = await this.#client
        const token = await client.blpop(this.#key, blockSeconds)
        if (token !== null && !this.#closed) this.#woken()
      } catch {
        // The connection was lost; ioredis makes it anew, and the loop looks by itself every second
        // meanwhile.
        await this.#store.clock.pause(100, 'unref')
      }
    }
    this.#waiting = false
  }

  close(): void {
    this.#closed = true
    this.#wanted = false
    this.#client?.then(
      (client) => client.disconnect(),
      () => undefined,
    )
  }
}
