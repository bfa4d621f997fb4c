import { endpointAnswerScript, endpointClaimScript } from '../scripts.generated.ts'
import { resultText } from './json-text.ts'
import { answerChannel } from './keys.ts'
import type { ProviderState } from './provider-state.ts'
import { failure, readRequest, success, type EndpointRequest } from './request.ts'

/** The node's side of requests: takes those that no other node has taken, carries them out, and answers. */
export class RequestServer {
  readonly #state: ProviderState
  readonly #node: string
  readonly #handle: (request: EndpointRequest) => Promise<unknown>
  readonly #running = new Map<string, Promise<void>>()
  #closed = false
  /** It was told that a request cannot be read. */
  #told = false

  constructor(state: ProviderState, node: string, handle: (request: EndpointRequest) => Promise<unknown>) {
    this.#state = state
    this.#node = node
    this.#handle = handle
  }

  /** Serves a request, unless another does. An id that ends with @ and a node is for that node alone. */
  serve(id: string): void {
    const node = id.split('@')[1]
    if (this.#closed || this.#running.has(id) || (node !== undefined && node !== this.#node)) return
    const serving = this.#serve(id)
      // Not awaited: a request that was not taken is found again, and one whose answer is lost ends with its
      // deadline.
      .catch((error: unknown) =>
        this.#state.store.logger.warn({ err: error, provider: this.#state.provider }, 'a request was not answered'),
      )
      .finally(() => this.#running.delete(id))
    this.#running.set(id, serving)
  }

  async #serve(id: string): Promise<void> {
    // A token for each attempt, so that one request is never taken twice.
    const text = await this.#state.script(endpointClaimScript, { id, token: this.#state.nextId() })
    if (text === '') return
    const request = this.#read(text)
    if (request === undefined) return
    const answer = await this.#answer(request)
    const { prefix } = this.#state.store.options
    const channel = answerChannel(prefix, request.client, this.#state.store.selectedDatabase)
    await this.#state.script(endpointAnswerScript, { id, answer, channel })
  }

  #read(text: string): EndpointRequest | undefined {
    try {
      return readRequest(text)
    } catch {
      if (!this.#told)
        this.#state.store.logger.warn(
          { provider: this.#state.provider },
          'a request cannot be read and is left out; further ones are left out in silence',
        )
      this.#told = true
      return undefined
    }
  }

  async #answer(request: EndpointRequest): Promise<string> {
    try {
      // A result that JSON cannot hold, or that is too long, fails here, where it can still be answered.
      return resultText('the result', success(await this.#handle(request)))
    } catch (error) {
      const answer = failure(error)
      if (answer.retcode === 999)
        this.#state.store.logger.warn({ err: error, provider: this.#state.provider, endpoint: request.endpoint }, 'an endpoint failed')
      return JSON.stringify(answer)
    }
  }

  /** Takes nothing more, and resolves when what is being carried out has ended. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#running.values())
  }
}
