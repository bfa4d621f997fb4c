import type { Duration } from '../options/duration.ts'
import { ConfigurationError, EndpointError } from '../errors/errors.ts'
import { messages } from '../connection/messages.ts'
import { boolean, optional, parseOptions, signal as signalRule, span, text } from '../options/options.ts'
import { endpointFindScript } from '../scripts.generated.ts'
import { stoppable } from '../connection/stoppable.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { resolveAddress, splitAddress, type Address } from './address.ts'
import { readAlert, type Alert } from './alert.ts'
import type { Reading } from './calibration.ts'
import { jsonText } from './json-text.ts'
import { glob } from './glob.ts'
import { alertChannel, registryKeys } from './keys.ts'
import { parseLockoutKey } from './lockout-key.ts'
import { RequestClient } from './request-client.ts'

/** Options of every call. */
export interface EndpointCallOptions {
  /** How long to wait for the answer, at least 1 ms. Default: the timeout of the client. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

export interface LockedCallOptions extends EndpointCallOptions {
  /** The key of a lock: 32 hexadecimal digits, dashes are ignored. Used only if the endpoint is locked. */
  readonly lockoutKey?: string
}

export interface UnlockOptions extends EndpointCallOptions {
  readonly key?: string
  /** Unlocks without the key. Default false. */
  readonly force?: boolean
}

/** Characters of the name of a method. */
const longestMethod = 1_024
/** How many alerts wait for a reader that is slow; the oldest are dropped, with a warning. */
const mostWaiting = 10_000

const callRules = { timeout: optional(span(1), undefined), signal: optional(signalRule, undefined) }
const lockedRules = { ...callRules, lockoutKey: optional(text, '') }
const unlockRules = { ...callRules, key: optional(text, ''), force: optional(boolean, false) }

interface Call {
  readonly op: string
  readonly specifier?: string
  readonly values?: readonly unknown[]
  readonly key?: string
  readonly force?: boolean
}

/**
 * Reads, sets and commands the endpoints of providers in any process.
 *
 * An address is `foo`, `kv_example.foo` or `somenode.kv_example.foo`, each with an optional `.attribute`, or
 * a provider itself. Every call goes to a process that runs the provider. It is carried out at most once, and
 * never after its timeout.
 *
 * Every call may reject with an EndpointError. Its return code says why:
 *
 * - 102: nothing has this address, or several endpoints have it.
 * - 303: the result, or what the endpoint publishes, has more than 1 MiB of JSON.
 * - 304: the endpoint does not have this value or attribute.
 * - 305: no answer came in time.
 * - 306: the endpoint does not support the call.
 * - 307: it is locked.
 * - 308: the key is malformed.
 * - 999: the endpoint threw.
 *
 * A call may also reject with a ConnectionError, or with the reason of the signal.
 */
export class EndpointClient implements AsyncDisposable {
  readonly #store: RipenStore
  readonly #timeout: number
  readonly #requests: RequestClient
  /**
   * Resolves when the last stream of alerts listens. Requests wait for it, so that the stream hears the
   * alerts that they cause.
   */
  #listening: Promise<unknown> | undefined

  /** No I/O. @param options.timeout how long a call waits for the answer. Default 10 s. */
  constructor(store: Store, options?: { readonly timeout?: Duration }) {
    this.#store = internals(store)
    this.#timeout = parseOptions('EndpointClient options', options, { timeout: optional(span(1), 10_000) }).timeout
    this.#requests = new RequestClient(store)
  }

  /** The reading of an endpoint, or its attribute if the address has one. */
  async get<T = Reading>(address: string, options?: EndpointCallOptions): Promise<T> {
    return (await this.#call(address, { op: 'get' }, parseOptions('get options', options, callRules))) as T
  }

  /**
   * Sets an endpoint, or an attribute.
   *
   * @returns the stored value; with `get_on_set`, a reading; for an attribute, the attribute.
   * @throws ConfigurationError for a value that JSON cannot hold, or of more than 1 MiB.
   */
  async set<T = unknown>(address: string, value: unknown, options?: LockedCallOptions): Promise<T> {
    const { lockoutKey, ...bounds } = parseOptions('set options', options, lockedRules)
    jsonText('value', value)
    return (await this.#call(address, { op: 'set', values: [value], key: lockoutKey }, bounds)) as T
  }

  /**
   * Calls a method of an endpoint: one of its `commands`, or `single_schedule`, `log_a_value` or `ping`. A
   * provider has `set_condition` and `ping`.
   *
   * @param args a list of arguments; anything else is the only argument. At most 1 MiB of JSON.
   * @returns the result of the method, or null if it is undefined.
   */
  async cmd<T = unknown>(address: string, method: string, args?: unknown, options?: LockedCallOptions): Promise<T> {
    const { lockoutKey, ...bounds } = parseOptions('cmd options', options, lockedRules)
    if (typeof method !== 'string' || method.length > longestMethod)
      throw new ConfigurationError('method', `must be text of at most ${longestMethod} characters`, method)
    const values = args === undefined ? [] : Array.isArray(args) ? (args as unknown[]) : [args]
    jsonText('args', values)
    return (await this.#call(address, { op: 'cmd', specifier: method, values, key: lockoutKey }, bounds)) as T
  }

  /** Checks that a provider or endpoint answers, even if it is locked. */
  async ping(name: string, options?: EndpointCallOptions): Promise<null> {
    await this.#call(name, { op: 'ping' }, parseOptions('ping options', options, callRules))
    return null
  }

  /**
   * Locks an endpoint, or a provider with all its endpoints that are not locked. Calls that change them then
   * need the key. Locking again with the same key is allowed.
   *
   * @param key 32 hexadecimal digits, dashes are ignored. Default: a random key.
   * @returns the key, without dashes.
   */
  async lock(name: string, key?: string, options?: EndpointCallOptions): Promise<string> {
    const bounds = parseOptions('lock options', options, callRules)
    return (await this.#call(name, { op: 'lock', key: optional(text, '')('key', key) }, bounds)) as string
  }

  /**
   * Unlocks an endpoint, or a provider with all its endpoints that have the same key.
   *
   * @returns the return code: 0, or 1 if it was not locked.
   */
  async unlock(name: string, options?: UnlockOptions): Promise<number> {
    const { key, force, ...bounds } = parseOptions('unlock options', options, unlockRules)
    return (await this.#call(name, { op: 'unlock', key, force }, bounds)) as number
  }

  /** The names of a provider's endpoints, in the order of its configuration. */
  async list(provider: string, options?: EndpointCallOptions): Promise<string[]> {
    return (await this.#call(provider, { op: 'list' }, parseOptions('list options', options, callRules))) as string[]
  }

  /**
   * Yields the alerts of all providers from now on. It ends when the loop is left, the signal aborts or the
   * store closes. Alerts published while the connection is lost are missed.
   *
   * @param options.match a glob over the routing key: `*` matches any number of characters, `?` one. Default:
   *   all.
   */
  alerts(options?: { readonly match?: string; readonly signal?: AbortSignal }): AsyncIterableIterator<Alert> {
    const { match, signal } = parseOptions('alerts options', options, {
      match: optional(text, '*'),
      signal: optional(signalRule, undefined),
    })
    const { subscriber, logger } = this.#store
    const channel = alertChannel(this.#store.options.prefix, this.#store.selectedDatabase)
    const matches = glob(match)
    const keep = (waiting: Alert[], message: string | undefined): void => {
      if (message === undefined) return
      const alert = readAlert(message)
      if (!matches(alert.routingKey)) return
      waiting.push(alert)
      if (waiting.length <= mostWaiting) return
      waiting.shift()
      logger.warn({}, `a reader of alerts is too slow: more than ${mostWaiting} are waiting, so the oldest was dropped`)
    }
    return stoppable(signal, (stop) => {
      const { listening, iteration } = messages(subscriber, channel, keep, stop)
      this.#listening = listening
      return iteration
    })
  }

  async #call(
    address: string,
    call: Call,
    bounds: { readonly timeout: number | undefined; readonly signal: AbortSignal | undefined },
  ): Promise<unknown> {
    const { timeout = this.#timeout, signal } = bounds
    const end = this.#store.clock.now() + timeout
    const parts = splitAddress(address)
    signal?.throwIfAborted()
    const [first = '', second = ''] = parts
    const found = await this.#store.caller.script(
      endpointFindScript,
      { keys: registryKeys(this.#store.options.prefix), arguments: { offset: this.#store.clockOffset, first, second } },
      { budget: timeout, signal },
    )
    // By the server's clock, and no later than the caller's own end: the server had said its time before
    // this.
    const deadline = Number(found[0]) + Math.round(end - this.#store.clock.now())
    const target = resolveAddress(parts, found)
    if (this.#listening !== undefined) await this.#hearing(this.#listening)
    const { op, values = [], key = '', force = false } = call
    const request = { op, endpoint: target.endpoint, specifier: specifierOf(target, call), values, key: parseLockoutKey(key), force }
    return this.#requests.send(target, request, { timeout: Math.max(1, Math.round(end - this.#store.clock.now())), deadline, signal })
  }

  /**
   * Without end while the server is away, so not without the bounds of the request: it is only for the first
   * moment of a stream.
   */
  async #hearing(listening: Promise<unknown>): Promise<void> {
    this.#listening = undefined
    await Promise.race([listening.catch(() => undefined), this.#store.clock.pause(500, 'unref')])
  }

  /** Rejects waiting calls with a ClosingError. Alerts end with their own signals. Idempotent. */
  async close(): Promise<void> {
    this.#requests.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * The attribute: from the address for a get or set, the method for a cmd. Calls on a whole endpoint have
 * none.
 */
function specifierOf(target: Address, { op, specifier }: Call): string {
  if (op === 'get' || op === 'set') return target.specifier
  if (target.specifier !== '')
    throw new EndpointError(102, `a ${op} takes the address of an endpoint or a provider, without '.${target.specifier}'`)
  if (op === 'list' && target.endpoint !== '') throw new EndpointError(306, `${target.endpoint} is an endpoint: only a provider can list`)
  return specifier ?? ''
}
