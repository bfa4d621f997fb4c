import { ClosingError, ConfigurationError, EndpointError } from '../errors/errors.ts'
import { any, boolean, optional, parseOptions, text } from '../options/options.ts'
import { endpointRegisterScript, endpointStartScript, endpointUnregisterScript } from '../scripts.generated.ts'
import type { Store } from '../store.ts'
import { lock } from './endpoint-handler.ts'
import { addressName, parseEndpoint, type EndpointConfig } from './endpoint-config.ts'
import { EndpointState } from './endpoint-state.ts'
import { Endpoint } from './endpoint.ts'
import { passingKeys, providerItself, providerKeys, registryKeys } from './keys.ts'
import { malformedKey, parseLockoutKey } from './lockout-key.ts'
import { ProviderHandler } from './provider-handler.ts'
import { ProviderState } from './provider-state.ts'
import { RequestServer } from './request-server.ts'
import { Schedule } from './schedule.ts'

export interface ProviderOptions {
  /** 1 to 128 characters of `A-Z a-z 0-9 _ : -`. */
  readonly name: string
  /** The node, for addresses such as `node.provider.endpoint`, in the same form. Default: none. */
  readonly node?: string
  readonly endpoints: readonly EndpointConfig[]
  /**
   * Locks the provider and its endpoints when it starts: 32 hexadecimal digits, dashes are ignored. Default:
   * not locked.
   */
  readonly lockoutKey?: string
  /**
   * True if this name will not be used again. Its endpoints are found by `provider.endpoint` only, and
   * everything about it is deleted after a day of silence. Default false.
   */
  readonly transient?: boolean
}

/** How often a provider tells that it is there, and how long one that is silent stays known, in ms. */
const renewal = 60_000
const known = 86_400_000
/** How long `close` waits for what is under way, in ms. */
const patience = 2_000

/**
 * A group of endpoints that clients can read, set and command from other processes.
 *
 * Several processes may run the same provider: each request and each tick of a schedule goes to one of them.
 * The server keeps values, locks, set attributes, last logged readings and schedules, so they survive
 * restarts.
 */
export class Provider implements AsyncDisposable {
  readonly name: string
  readonly node: string | undefined
  /** The endpoints in the order of the options. */
  readonly endpoints: readonly Endpoint[]
  readonly #state: ProviderState
  readonly #states: ReadonlyMap<string, EndpointState>
  readonly #requests: RequestServer
  readonly #schedule: Schedule
  readonly #lockoutKey: string
  readonly #transient: boolean
  #starting: Promise<void> | undefined
  #stopListening: (() => void) | undefined
  #stopRenewing: (() => void) | undefined
  #closing: Promise<void> | undefined

  /**
   * No I/O.
   *
   * @throws ConfigurationError for an option that breaks its rule, or for two endpoints with one name.
   */
  constructor(store: Store, options: ProviderOptions) {
    const { name, node, endpoints, lockoutKey, transient } = parseOptions('ProviderOptions', options ?? null, {
      name: addressName,
      node: optional(addressName, undefined),
      endpoints: any<readonly EndpointConfig[]>(),
      lockoutKey: optional(text, ''),
      transient: optional(boolean, false),
    })
    if (!Array.isArray(endpoints)) throw new ConfigurationError('endpoints', 'must be a list of endpoints', endpoints)
    this.name = name
    this.node = node
    this.#transient = transient
    this.#lockoutKey = parseLockoutKey(lockoutKey)
    if (this.#lockoutKey === malformedKey) throw new ConfigurationError('lockoutKey', 'must be 32 hexadecimal digits; dashes are ignored')
    this.#state = new ProviderState(store, name)
    const states = new Map<string, EndpointState>()
    for (const [index, config] of (endpoints as readonly EndpointConfig[]).entries()) {
      const parsed = parseEndpoint(config, `endpoints[${index}]`)
      if (states.has(parsed.name))
        throw new ConfigurationError(`endpoints[${index}].name`, `endpoint (${parsed.name}) already present`, parsed.name)
      states.set(parsed.name, new EndpointState(this.#state, parsed))
    }
    this.#states = states
    this.endpoints = [...states.values()].map((state) => new Endpoint(this, state))
    const handler = new ProviderHandler(this.#state, states)
    this.#requests = new RequestServer(this.#state, node ?? '', (request) => handler.handle(request))
    this.#schedule = new Schedule(this.#state, states, (id) => this.#requests.serve(id))
  }

  /** The endpoint of that name. @throws ConfigurationError if there is none. */
  endpoint(name: string): Endpoint {
    const found = this.endpoints.find((endpoint) => endpoint.name === name)
    if (found === undefined) throw new ConfigurationError('name', `must be an endpoint of ${this.name}`, name)
    return found
  }

  /**
   * Registers the provider, serves requests, and starts every schedule with an interval above 0 that was not
   * stopped by hand. Idempotent.
   *
   * @throws ConnectionError; ClosingError after `close`.
   */
  async start(): Promise<this> {
    if (this.#closing !== undefined) throw new ClosingError(`provider ${this.name}`)
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined
      throw error
    })
    await this.#starting
    return this
  }

  async #start(): Promise<void> {
    await this.#announce()
    if (this.#lockoutKey !== '') await this.#lock()
    const stop = await this.#state.store.subscriber.listen(this.#state.wake, (message) => this.#hear(message))
    if (this.#closing !== undefined) return stop()
    this.#stopListening = stop
    this.#stopRenewing = this.#state.store.clock.every(renewal, () => this.#announceAgain(), 'unref')
    this.#schedule.look()
  }

  /** A reconnect may be to a server that has forgotten everything. */
  #hear(message: string | undefined): void {
    if (message === undefined) this.#announceAgain()
    else if (message === '') this.#schedule.look()
    else this.#requests.serve(message)
  }

  #announceAgain(): void {
    this.#announce().then(
      () => this.#schedule.look(),
      (error: unknown) => {
        if (error instanceof ClosingError) void this.close()
        else this.#state.store.logger.warn({ err: error, provider: this.name }, 'a provider could not register, trying again')
      },
    )
  }

  async #announce(): Promise<void> {
    const { store } = this.#state
    const names = [...this.#states.keys()]
    const [forgotten, transient] = await store.caller.script(endpointRegisterScript, {
      keys: registryKeys(store.options.prefix),
      arguments: {
        offset: store.clockOffset,
        provider: this.name,
        node: this.node ?? '',
        endpoints: names.join('\n'),
        transient: this.#transient ? 1 : 0,
        keep: known,
      },
    })
    for (const provider of forgotten) {
      const all = providerKeys(store.options.prefix, provider)
      const useless = transient.includes(provider) ? (Object.values(all) as string[]) : passingKeys(all)
      await store.caller.call((client) => client.unlink(...useless))
    }
    const schedules = [...this.#states.values()].flatMap((state) => [state.name, state.configuredInterval])
    await this.#state.script(endpointStartScript, {}, schedules)
  }

  /** A lock with another key is kept. */
  async #lock(): Promise<void> {
    try {
      await lock(this.#state, this.name, providerItself, this.#lockoutKey, [...this.#states.keys()])
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      this.#state.store.logger.warn({ err: error, provider: this.name }, 'a provider is locked with another key than its own')
    }
  }

  /**
   * Stops serving requests and schedules. Those under way get 2 s to end. What is on the server stays, and
   * another process, or the next one, goes on with it. Idempotent.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopRenewing?.()
    this.#stopListening?.()
    let callOff: () => void = () => undefined
    const enough = new Promise<void>((resolve) => (callOff = this.#state.store.clock.after(patience, resolve)))
    await Promise.race([Promise.all([this.#schedule.close(), this.#requests.close()]), enough])
    callOff()
  }

  /**
   * Closes the provider, and deletes it from the server with the values, locks and schedules of its
   * endpoints. Use it for a provider that will not come back.
   */
  async forget(): Promise<void> {
    await this.close()
    const { store, keys } = this.#state
    await store.caller.script(endpointUnregisterScript, {
      keys: registryKeys(store.options.prefix),
      arguments: { provider: this.name, node: this.node ?? '' },
    })
    await store.caller.call((client) => client.unlink(...(Object.values(keys) as string[])))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
