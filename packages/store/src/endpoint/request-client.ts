import { randomBytes } from 'node:crypto'
import { ClosingError, ConnectionError, EndpointError } from '../errors/errors.ts'
import { endpointRequestScript } from '../scripts.generated.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import type { Address } from './address.ts'
import { answerChannel } from './keys.ts'
import { ProviderState } from './provider-state.ts'
import { readAnswer, type EndpointAnswer, type EndpointRequest } from './request.ts'

/** Messages can be lost with a connection: who waits for an answer looks by itself this often, in ms. */
const look = 1_000

interface Wait {
  readonly id: string
  readonly state: ProviderState
  resolve(answer: EndpointAnswer): void
  reject(error: unknown): void
}

/** The client's side of requests. All wait on one channel, on the subscribing connection of the store. */
export class RequestClient {
  readonly name = randomBytes(8).toString('hex')
  readonly #store: RipenStore
  readonly #waits = new Map<string, Wait>()
  #listening: Promise<() => void> | undefined
  #requests = 0
  #closed = false

  constructor(store: Store) {
    this.#store = internals(store)
  }

  /**
   * Leaves a request with a provider and waits for the answer.
   *
   * @param bounds.timeout ms to wait. A request that nobody has taken before `deadline`, by the server's
   *   clock, is never carried out, however late it arrives there.
   * @throws EndpointError with the return code of the answer, 305 when there was none; ConnectionError when
   *   the server could not be reached; the signal's reason.
   */
  async send(
    { provider, node }: Address,
    request: Omit<EndpointRequest, 'client'>,
    { timeout, deadline, signal }: { readonly timeout: number; readonly deadline: number; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (this.#closed) throw new ClosingError('the endpoint client')
    const state = new ProviderState(this.#store, provider)
    let wait!: Wait
    const answered = new Promise<EndpointAnswer>((resolve, reject) => {
      wait = { id: `${this.name}-${(++this.#requests).toString(36)}${node === '' ? '' : `@${node}`}`, state, resolve, reject }
    })
    answered.catch(() => undefined) // heard below, but perhaps only after it has rejected
    let sent = false
    const late = (): void =>
      wait.reject(
        sent
          ? new EndpointError(305, `no answer of provider ${provider} within ${timeout} ms`)
          : new ConnectionError(`the request could not be sent within ${timeout} ms; it may still be carried out`),
      )
    // After a blocked event loop the timer comes before the answer that has long arrived: let that be read
    // first.
    const callOff = this.#store.clock.after(timeout, () => setImmediate(late))
    const abort = (): void => wait.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const over = new AbortController()
    const stopLooking = this.#store.clock.every(look, () => sent && this.#look(wait))
    this.#waits.set(wait.id, wait)
    try {
      this.#listening ??= this.#listen()
      await Promise.race([this.#listening, answered])
      const text = JSON.stringify({ ...request, client: this.name } satisfies EndpointRequest)
      const leaving = state.send(endpointRequestScript, { id: wait.id, request: text, deadline, channel: state.wake }, [], {
        budget: 2 * timeout,
        signal: over.signal,
      })
      await Promise.race([leaving, answered])
      sent = true
      const { retcode, message, payload } = await answered
      if (retcode !== 0) throw new EndpointError(retcode, message, payload)
      return payload
    } finally {
      this.#waits.delete(wait.id)
      stopLooking()
      callOff()
      over.abort()
      signal?.removeEventListener('abort', abort)
    }
  }

  #listen(): Promise<() => void> {
    const { prefix } = this.#store.options
    return this.#store.subscriber
      .listen(answerChannel(prefix, this.name, this.#store.selectedDatabase), (message) => {
        if (message === undefined) for (const wait of this.#waits.values()) this.#look(wait)
        else {
          const split = message.indexOf('\n')
          const wait = this.#waits.get(message.slice(0, split))
          // One that cannot be read is reported, and the row may hold the true answer.
          wait?.resolve(readAnswer(message.slice(split + 1)))
        }
      })
      .catch((error: unknown) => {
        this.#listening = undefined
        throw error
      })
  }

  /** Reads the row of a request: it holds the answer once there is one. */
  #look(wait: Wait): void {
    this.#store.caller
      .call((client) => client.hget(wait.state.keys.requests, wait.id))
      .then((row) => {
        if (row?.startsWith('a') === true) wait.resolve(readAnswer(row.slice(1)))
      })
      // An outage: the wait has its own bounds, so it goes on.
      .catch((error: unknown) => {
        if (error instanceof ClosingError || error instanceof EndpointError) wait.reject(error)
      })
  }

  /** Ends every wait with a ClosingError. */
  close(): void {
    this.#closed = true
    for (const wait of this.#waits.values()) wait.reject(new ClosingError('the endpoint client'))
    this.#listening?.then(
      (stop) => stop(),
      () => undefined,
    )
  }
}
