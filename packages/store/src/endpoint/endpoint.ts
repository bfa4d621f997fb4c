import { optional, parseOptions, text } from '../options/options.ts'
import type { Reading } from './calibration.ts'
import { jsonText } from './json-text.ts'
import type { EndpointState } from './endpoint-state.ts'
import { parseLockoutKey } from './lockout-key.ts'
import type { Provider } from './provider.ts'
import { showAs } from '../errors/shown-form.ts'

/** An endpoint, for the process that runs its {@link Provider}. Other processes use an EndpointClient. */
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
   * The current reading.
   *
   * @throws EndpointError 304 if the calibration does not accept the raw value; whatever `read` throws.
   */
  async get(): Promise<Reading> {
    return this.#state.read(await this.#state.load())
  }

  /**
   * Sets the endpoint as a client would: the lock is checked, and `write`, `get_on_set` and `log_on_set`
   * apply.
   *
   * @returns the stored value; with `get_on_set`, a {@link Reading}.
   * @throws EndpointError 306 if the endpoint is read-only, 307 or 308 if it is locked; ConfigurationError
   *   for a value that JSON cannot hold, or of more than 1 MiB.
   */
  async set(value: unknown, options?: { readonly lockoutKey?: string }): Promise<unknown> {
    const { lockoutKey } = parseOptions('set options', options, { lockoutKey: optional(text, '') })
    jsonText('value', value)
    return this.#state.set(value, parseLockoutKey(lockoutKey))
  }
}
