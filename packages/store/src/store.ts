import type { Cluster, Redis } from 'ioredis'
import { acrossCopies } from './across-copies.ts'
import { Caller, untilReady, type Client } from './caller.ts'
import { ConnectionPool } from './connection-pool.ts'
import { Connections } from './connections.ts'
import { AccessError, ClosingError, ConfigurationError, ConnectionError } from './errors.ts'
import { describeError } from './foreign/describe-error.ts'
import type { Logger } from './logger.ts'
import { isOutage } from './reply-error.ts'
import { ReplicatedCaller } from './replicated-caller.ts'
import { showAs } from './shown-form.ts'
import { withoutPassword } from './shown-text.ts'
import { version } from './version.generated.ts'
import { warnOfEviction } from './warn-of-eviction.ts'
import { sharedKey } from './shared-key.ts'
import { parseStoreOptions, type ParsedStoreOptions, type SharedOptions, type StoreOptions } from './store-options.ts'
import { Subscriber } from './subscriber.ts'
import type { Topology } from './target.ts'

/** A server and Ripen's connections to it. Opens nothing before it is first used. */
export interface Store extends AsyncDisposable {
  /** An ioredis client for commands of your own, opened on first use and closed with the store. */
  readonly redis: Redis | Cluster
  readonly topology: Topology
  /** Another process can connect to it. For an embedded server only after `ready()`; it listens on loopback and the URL has its password. */
  readonly url: string
  /** ms added to the server's time, for tests. Default 0. */
  clockOffset: number
  /**
   * Connects and checks the server.
   *
   * @throws ConnectionError when the first attempt fails; AccessError.
   */
  ready(): Promise<this>
  /** The server's time plus {@link clockOffset}, in epoch ms. */
  now(): Promise<number>
  /**
   * A connection of its own for a blocking command. The caller disconnects it; closing the store does so too.
   *
   * @throws ConnectionError when `maxBlocking` are out and none came back within `enqueueTimeout`.
   */
  blocking(): Promise<Redis>
  /**
   * The store of a named database of the same server. It is closed with this store.
   *
   * @throws ConfigurationError for a name that is not in `names`.
   */
  database(name: string): Promise<Store>
  /** Ends waiting calls with a ClosingError and closes what the store opened. Idempotent; at most about 2 s. */
  close(): Promise<void>
}

/** The implementation, with what Ripen's own packages use. */
export class RipenStore implements Store {
  static {
    acrossCopies(this, ['RipenStore', 'MonitoredRipenStore'])
    showAs(this.prototype, 'Store', ({ topology, url, options: { prefix } }) => ({ topology, url: withoutPassword(url), prefix }))
  }

  readonly version: string = version
  #clockOffset = 0
  readonly caller: Caller
  readonly replicated: ReplicatedCaller
  readonly subscriber: Subscriber
  readonly options: SharedOptions
  readonly connections: Connections
  readonly databaseNumber: number | undefined
  readonly #blocking: ConnectionPool
  readonly #databases = new Map<string, RipenStore>()
  readonly #owner: RipenStore | undefined
  #commands: Client | undefined
  #ready: Promise<void> | undefined
  #checked: Promise<void> | undefined
  #closing: Promise<void> | undefined

  /** @param owner whose connections it uses, of another database. */
  constructor(options: ParsedStoreOptions, owner?: undefined)
  constructor(options: SharedOptions, owner: RipenStore, database?: number)
  constructor(options: SharedOptions | ParsedStoreOptions, owner?: RipenStore, database?: number) {
    // What may hold a password is for the connections alone.
    const { url, redis, implied, ...shared } = { url: '', redis: undefined, implied: false, ...options }
    this.options = shared
    this.#owner = owner
    this.databaseNumber = database
    this.connections = owner?.connections ?? new Connections(url, redis, options.logger, implied)
    const open = (): Promise<Client> => this.connections.open('calls', database)
    this.caller = new Caller(open, options.enqueueTimeout)
    this.replicated = new ReplicatedCaller(new Caller(open, options.enqueueTimeout))
    this.#blocking = new ConnectionPool(options.maxBlocking, options.enqueueTimeout)
    this.subscriber = new Subscriber(() => this.connections.open('subscribing', database), options.logger)
  }

  /** A named database keeps the time of its store. */
  get clockOffset(): number {
    return this.#owner?.clockOffset ?? this.#clockOffset
  }

  set clockOffset(milliseconds: number) {
    if (this.#owner === undefined) this.#clockOffset = milliseconds
    else this.#owner.clockOffset = milliseconds
  }

  get logger(): Logger {
    return this.options.logger
  }

  /** The number of the database that all connections select. */
  get selectedDatabase(): number {
    return this.databaseNumber ?? this.connections.database
  }

  get topology(): Topology {
    return this.connections.topology
  }

  get url(): string {
    return this.databaseNumber === undefined ? this.connections.url : this.connections.urlOf(this.databaseNumber)
  }

  get redis(): Redis | Cluster {
    if (this.#commands === undefined) this.#refuseClosed()
    return (this.#commands ??= this.connections.commands(this.databaseNumber))
  }

  async ready(): Promise<this> {
    this.#refuseClosed()
    this.#ready ??= this.#connect().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    await this.#ready
    return this
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new ClosingError('the store')
  }

  async #connect(): Promise<void> {
    const client = await this.caller.client()
    // The first failure ends the wait: connect() is for programs that want to know at once.
    let failed!: (error: unknown) => void
    const failure = new Promise<never>((_resolve, reject) => (failed = reject))
    const ready = untilReady(client, failed)
    const patience = setTimeout(() => failed(new ConnectionError('no answer in time')), this.options.enqueueTimeout)
    try {
      await Promise.race([ready, failure])
    } catch (error) {
      ready.catch(() => undefined)
      if (this.#closing !== undefined) throw new ClosingError('the store')
      if (error instanceof AccessError) throw error
      const { message } = describeError(error)
      throw new ConnectionError(`can not connect to ${withoutPassword(this.url)}: ${message}`, error, { final: !isOutage(error) })
    } finally {
      clearTimeout(patience)
    }
    await this.check().catch((error: unknown) => this.logger.debug({ err: error }, 'the server could not be checked'))
  }

  /** Looks once whether the server is set up for jobs, and warns if not. */
  check(): Promise<void> {
    this.#checked ??= warnOfEviction(this).catch((error: unknown) => {
      this.#checked = undefined
      throw error
    })
    return this.#checked
  }

  async now(): Promise<number> {
    const [seconds, microseconds] = await this.caller.call((client) => client.time())
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000) + this.clockOffset
  }

  async blocking(): Promise<Redis> {
    // A Cluster has the same commands; the type names the class that nearly everybody has.
    return this.#blocking.take(async () => (await this.connections.open('blocking', this.databaseNumber)) as Redis)
  }

  async database(name: string): Promise<Store> {
    this.#refuseClosed()
    const number = Object.hasOwn(this.options.names, name) ? this.options.names[name] : undefined
    if (number === undefined)
      throw new ConfigurationError(
        'database',
        `must be one of the names given to the store (${Object.keys(this.options.names).join(', ') || 'none'})`,
        name,
      )
    let store = this.#databases.get(name)
    if (store === undefined) this.#databases.set(name, (store = new RipenStore(this.options, this, number)))
    return store.ready()
  }

  #forget(store: RipenStore): void {
    for (const [name, known] of this.#databases) if (known === store) this.#databases.delete(name)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const store of this.#databases.values()) await store.close()
    this.caller.close()
    this.replicated.close()
    this.subscriber.close()
    await this.#blocking.close()
    this.#commands?.disconnect()
    if (this.#owner !== undefined) this.#owner.#forget(this)
    if (this.#owner === undefined) await this.connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Shared stores live on the process, not in this module: a hot reload loads the module anew. */
const registry = ((globalThis as Record<symbol, unknown>)[Symbol.for(`ripen.shared-stores ${version}`)] ??= new Map()) as Map<
  string,
  SharedStore
>

interface SharedStore {
  readonly store: RipenStore
  /** How many were given it, less those whose `connect` failed. */
  holders: number
}

/**
 * A store for module scope, serverless and tests: no I/O until it is used.
 *
 * @param target a URL, or options. Default: `RIPEN_URL`, else `REDIS_URL`, else `'embedded:'`, with a warning.
 * @throws ConfigurationError for a target or an option that breaks its rule, and without a target when `NODE_ENV` is `production`.
 */
export function openStore(target?: string | StoreOptions): Store {
  return open(parseStoreOptions(target)).store
}

function open(options: ParsedStoreOptions): SharedStore {
  if (!options.shared) return { store: new RipenStore(options), holders: 1 }
  const key = sharedKey(options)
  const known = registry.get(key)
  if (known !== undefined) {
    known.holders++
    return known
  }
  const store = new RipenStore(options)
  const shared = { store, holders: 1 }
  registry.set(key, shared)
  const close = store.close.bind(store)
  store.close = () => {
    if (registry.get(key) === shared) registry.delete(key)
    return close()
  }
  return shared
}

/**
 * A store for `main()`: connected, or failed at once.
 *
 * @throws ConfigurationError as {@link openStore}; ConnectionError when the server does not answer.
 */
export async function connect(target?: string | StoreOptions): Promise<Store> {
  const opened = open(parseStoreOptions(target))
  try {
    return await opened.store.ready()
  } catch (error) {
    // A shared store goes on trying for those who have it.
    if (--opened.holders === 0) await opened.store.close()
    throw error
  }
}

/**
 * The implementation behind a Store: for Ripen's own packages. It may be of another copy of this package.
 *
 * @throws ConfigurationError for anything else, and for a store of another version.
 */
export function internals(store: Store): RipenStore {
  if (!(store instanceof RipenStore)) throw new ConfigurationError('store', 'must be a store of openStore() or connect()', store)
  if (store.version !== version)
    throw new ConfigurationError(
      'store',
      `is of version ${store.version} of Ripen and is used with version ${version}: this process has loaded two copies, install one (npm ls @ripen/store)`,
    )
  return store
}
