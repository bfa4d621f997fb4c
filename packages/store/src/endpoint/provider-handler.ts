import { EndpointError } from '../errors/errors.ts'
import { scheduleState } from './endpoint-attributes.ts'
import { handleEndpoint, lock, unlock } from './endpoint-handler.ts'
import type { EndpointState } from './endpoint-state.ts'
import { providerItself } from './keys.ts'
import { parseLockoutKey } from './lockout-key.ts'
import type { ProviderState } from './provider-state.ts'
import { endpointReadScript } from '../scripts.generated.ts'
import { refuse, type EndpointRequest } from './request.ts'

/** The attributes of a provider itself. */
export const providerAttributes = ['name', 'endpoint_names', 'is_locked', 'schedule_status', 'logging_status'] as const

/** Carries out the requests to a provider and to its endpoints. */
export class ProviderHandler {
  readonly #state: ProviderState
  readonly #endpoints: ReadonlyMap<string, EndpointState>

  constructor(state: ProviderState, endpoints: ReadonlyMap<string, EndpointState>) {
    this.#state = state
    this.#endpoints = endpoints
  }

  /** @throws EndpointError; whatever a function of an endpoint throws. */
  async handle(request: EndpointRequest): Promise<unknown> {
    if (request.endpoint === '') return this.#handleOwn(request)
    const endpoint = this.#endpoints.get(request.endpoint)
    if (endpoint === undefined) throw new EndpointError(102, `${this.#name} has no endpoint '${request.endpoint}' on this node`)
    return handleEndpoint(this.#state, endpoint, request)
  }

  get #name(): string {
    return this.#state.provider
  }

  get #names(): string[] {
    return [...this.#endpoints.keys()]
  }

  async #handleOwn({ op, specifier, values, key: given, force }: EndpointRequest): Promise<unknown> {
    const key = parseLockoutKey(given)
    if (op === 'get' && specifier !== '') return this.#get(specifier)
    if (op === 'set' && specifier !== '') return this.#set(specifier, values[0], key)
    if (op === 'cmd') return this.#command(specifier, values)
    if (op === 'ping') return null
    if (op === 'list') return this.#names
    if (op === 'lock') return lock(this.#state, this.#name, providerItself, key, this.#names)
    if (op === 'unlock') return unlock(this.#state, this.#name, providerItself, key, force, this.#names)
    throw new EndpointError(306, `${this.#name} is a provider, and providers do not support ${op}`)
  }

  async #get(attribute: string): Promise<unknown> {
    if (attribute === 'name') return this.#name
    if (attribute === 'endpoint_names') return this.#names
    if (attribute === 'is_locked') return (await this.#read(''))[3] === 1
    if (attribute !== 'schedule_status' && attribute !== 'logging_status')
      throw new EndpointError(304, `${this.#name} has no '${attribute}' attribute`)
    return Promise.all([...this.#endpoints.values()].map(async (endpoint) => [endpoint.name, (await endpoint.load()).scheduled]))
  }

  /**
   * Starts or stops the schedules of all endpoints. Those without an interval, and those that another key
   * locks, are left alone.
   */
  async #set(attribute: string, value: unknown, key: string): Promise<unknown> {
    if (attribute !== 'schedule_status' && attribute !== 'logging_status') {
      const known = (providerAttributes as readonly string[]).includes(attribute)
      throw new EndpointError(304, `${this.#name}.${attribute} ${known ? 'cannot be set' : 'is not an attribute'}`)
    }
    const state = scheduleState(value)
    refuse((await this.#read(key))[0], this.#name)
    await Promise.all([...this.#endpoints.values()].map((endpoint) => this.#schedule(endpoint, state, key)))
    return this.#get('schedule_status')
  }

  async #schedule(endpoint: EndpointState, state: boolean, key: string): Promise<void> {
    if ((await endpoint.load()).settings.schedule_interval === -1) return
    try {
      await endpoint.configure('schedule_status', String(state), key)
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      this.#state.store.logger.warn({ err: error, provider: this.#name, endpoint: endpoint.name }, 'a schedule was left as it was')
    }
  }

  /** `set_condition` reaches every endpoint that has such a command, and passes locks, as a ping does. */
  async #command(method: string, values: readonly unknown[]): Promise<unknown> {
    if (method === '') throw new EndpointError(309, 'a cmd needs the name of a method')
    if (method === 'ping') return null
    if (method !== 'set_condition') throw new EndpointError(306, `${this.#name} has no method '${method}'`)
    if (values.length !== 1 || !Number.isInteger(values[0])) throw new EndpointError(304, 'set_condition takes one whole number')
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.parsed.commands.get(method)?.(...values)))
    return null
  }

  #read(key: string): Promise<[retcode: number, value: unknown, scheduled: number, locked: number, settings: unknown[]]> {
    return this.#state.script(endpointReadScript, { endpoint: providerItself, key })
  }
}
