import type { Client } from '../call/caller.ts'
import type { Clock } from '../clock/clock.ts'
import { ClosingError, type RipenError } from '../errors/errors.ts'
import { classifyFailure } from '../call/reply-error.ts'

/**
 * One connection for calls, opened by the first of them and made anew when it is lost. A caller and its views
 * share it.
 */
export class CallConnection {
  readonly clock: Clock
  readonly #open: () => Promise<Client>
  #client: Client | undefined
  #opening: Promise<Client> | undefined
  #readying: Promise<Client> | undefined
  #closed = false
  #count = 0
  /** The last failure, until a connection succeeds: the cause that a timeout names. */
  trouble: RipenError | undefined

  constructor(open: () => Promise<Client>, clock: Clock) {
    this.clock = clock
    this.#open = open
  }

  /** How many connections were made or lost so far. */
  get count(): number {
    return this.#count
  }

  /** The client, if it can be used at once. */
  get ready(): Client | undefined {
    return this.#client?.status === 'ready' ? this.#client : undefined
  }

  /** One wait for all calls. */
  whenReady(): Promise<Client> {
    this.#readying ??= this.client()
      .then(async (client) => {
        await untilReady(client, (error) => (this.trouble = error))
        return client
      })
      .finally(() => (this.#readying = undefined))
    return this.#readying
  }

  /** The client, not necessarily ready; the first use opens it. */
  async client(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    this.#opening ??= this.#open().then(
      (client) => {
        if (this.#closed) client.disconnect()
        client.on('ready', () => (this.trouble = undefined))
        // Those of a cluster come and go one by one.
        for (const event of ['ready', '+node', '-node']) client.on(event, () => this.#count++)
        return (this.#client = client)
      },
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
  }

  close(): void {
    this.#closed = true
    this.#client?.disconnect()
  }
}

/**
 * Resolves when the connection is ready, however often it has to be made anew; rejects when the server
 * refuses access, which waiting does not mend.
 *
 * @param onError hears of failed attempts.
 */
export function untilReady(client: Client, onError: (error: RipenError) => void): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      client.off('ready', ready).off('error', failed).off('end', ended)
      finish()
    }
    const ready = (): void => settle(resolve)
    const failed = (error: unknown): void => {
      const failure = classifyFailure(error)
      if (failure.kind === 'final') settle(() => reject(failure.error))
      else onError(failure.error)
    }
    const ended = (): void => settle(() => reject(new ClosingError('the connection')))
    client.on('ready', ready).on('error', failed).on('end', ended)
    // A refused first connection also arrives as an 'error' event, and ioredis goes on trying.
    if (client.status === 'wait') client.connect().catch(failed)
  })
}
