import { ClosingError } from '../errors.ts'
import type { RipenStore } from '../store.ts'
import type { Alert } from './alert.ts'
import { alertChannel } from './keys.ts'

/** How many alerts wait for a reader that is slow; the oldest are dropped, with a warning. */
const mostWaiting = 10_000

interface Reader {
  resolve(result: IteratorResult<Alert, undefined>): void
  reject(error: unknown): void
}

/** The alerts from now on. Listens until `return` is called (a `break` does), the signal aborts, or the store closes. */
export class AlertStream implements AsyncIterableIterator<Alert, undefined> {
  readonly #store: RipenStore
  readonly #matches: (routingKey: string) => boolean
  readonly #signal: AbortSignal | undefined
  readonly #waiting: Alert[] = []
  readonly #readers: Reader[] = []
  readonly #listening: Promise<() => void>
  #over: { readonly error: unknown } | undefined

  constructor(store: RipenStore, matches: (routingKey: string) => boolean, signal: AbortSignal | undefined) {
    this.#store = store
    this.#matches = matches
    this.#signal = signal
    const channel = alertChannel(store.options.prefix, store.selectedDatabase)
    this.#listening = store.subscriber.listen(channel, (message) => this.#hear(message))
    this.#listening.catch((error: unknown) => this.#end(error))
    if (signal?.aborted === true) this.#end(undefined)
    else signal?.addEventListener('abort', this.#abort, { once: true })
  }

  /** Resolves when it listens. */
  async listening(): Promise<void> {
    await this.#listening
  }

  readonly #abort = (): void => this.#end(undefined)

  #hear(message: string | undefined): void {
    // After a reconnect, or because the store closes.
    if (message === undefined)
      this.#store.caller
        .call((client) => client.ping())
        .catch((error: unknown) => {
          if (error instanceof ClosingError) this.#end(error)
        })
    else {
      const alert = JSON.parse(message) as Alert
      if (this.#over === undefined && this.#matches(alert.routingKey)) this.#deliver(alert)
    }
  }

  #deliver(alert: Alert): void {
    const reader = this.#readers.shift()
    if (reader !== undefined) return reader.resolve({ done: false, value: alert })
    this.#waiting.push(alert)
    if (this.#waiting.length <= mostWaiting) return
    this.#waiting.shift()
    this.#store.logger.warn({}, `a reader of alerts is too slow: of more than ${mostWaiting} that wait the oldest was dropped`)
  }

  /** @param reason undefined: quietly. */
  #end(reason: unknown): void {
    if (this.#over !== undefined) return
    this.#over = { error: reason }
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#listening.then(
      (stop) => stop(),
      () => undefined,
    )
    for (const reader of this.#readers.splice(0)) this.#tellEnd(reader, reason)
  }

  #tellEnd(reader: Reader, error: unknown): void {
    if (error === undefined) reader.resolve({ done: true, value: undefined })
    else reader.reject(error)
  }

  next(): Promise<IteratorResult<Alert, undefined>> {
    return new Promise((resolve, reject) => {
      const value = this.#over === undefined || this.#over.error !== undefined ? this.#waiting.shift() : undefined
      if (value !== undefined) resolve({ done: false, value })
      else if (this.#over === undefined) this.#readers.push({ resolve, reject })
      else this.#tellEnd({ resolve, reject }, this.#over.error)
    })
  }

  async return(): Promise<IteratorResult<Alert, undefined>> {
    this.#end(undefined)
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
