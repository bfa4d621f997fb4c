import { optional, parseOptions, text } from '../options/options.ts'
import type { Reading } from './calibration.ts'
import { jsonText } from './json-text.ts'
import type { EndpointState } from './endpoint-state.ts'
import { parseLockoutKey } from './lockout-key.ts'
import type { Provider } from './provider.ts'
import { showAs } from '../errors/shown-form.ts'

/** An endpoint, for the code that has its {@link Provider}. Others reach it through an EndpointClient. */
export class Endpoint {
  static {
    // Its provider lists it.
    showAs(this.prototype, 'Endpoint', ({ name, provider }) => ({ name, provider: provider.name }))
  }

  readonly name: string
  readonly provider: Provider
  readonly #state: EndpointState

  /** Made by its provider. */
  constructor(provider: Provider, state: EndpointState) {
    this.name = state.name
    this.provider = provider
    this.#state = state
  }

  /**
   * What it reads.
   *
   * @throws EndpointError 304 when the calibration does not take the raw value; what `read` throws.
   */
  async get(): Promise<Reading> {
    return this.#state.read(await this.#state.load())
  }

  /**
   * Sets it, as a client would: the lock is checked, and what `write`, `get_on_set` and `log_on_set` say is done.
   *
   * @returns what was stored; with `get_on_set` a {@link Reading}.
   * @throws EndpointError 306 when it can only be read, 307 and 308 when it is locked; ConfigurationError for what JSON cannot tell, and for more than 1 MiB.
   */
  async set(value: unknown, options?: { readonly lockoutKey?: string }): Promise<unknown> {
    const { lockoutKey } = parseOptions('set options', options, { lockoutKey: optional(text, '') })
    jsonText('value', value)
    return this.#state.set(value, parseLockoutKey(lockoutKey))
  }
}
