import type { Cluster, Redis } from 'ioredis'
import { CallConnection, untilReady } from './connection/call-connection.ts'
import { Caller, type Client } from './call/caller.ts'
import { ConnectionPool } from './connection/connection-pool.ts'
import { Connections } from './connection/connections.ts'
import { AccessError, ClosingError, ConfigurationError, ConnectionError } from './errors/errors.ts'
import { describeError } from './foreign/describe-error.ts'
import { isOutage } from './call/reply-error.ts'
import { ReplicatedCaller } from './call/replicated-caller.ts'
import { withoutPassword } from './errors/shown-text.ts'
import type { ParsedStoreOptions, SharedOptions } from './options/store-options.ts'
import { RipenStore, type Store } from './store.ts'
import { Subscriber } from './connection/subscriber.ts'
import { warnOfEviction } from './doctor/warn-of-eviction.ts'

/** A store that has connections: its own, or, for a named database, those of its store. */
export class OpenedStore extends RipenStore {
  #clockOffset = 0
  readonly caller: Caller
  readonly replicated: ReplicatedCaller
  readonly subscriber: Subscriber
  readonly options: SharedOptions
  readonly connections: Connections
  readonly databaseNumber: number | undefined
  readonly #blocking: ConnectionPool
  readonly #databases = new Map<string, OpenedStore>()
  readonly #owner: OpenedStore | undefined
  #commands: Client | undefined
  #ready: Promise<void> | undefined
  #checked: Promise<void> | undefined
  #closing: Promise<void> | undefined

  /** @param owner whose connections it uses, of another database. */
  constructor(options: ParsedStoreOptions, owner?: undefined)
  constructor(options: SharedOptions, owner: OpenedStore, database?: number)
  constructor(options: SharedOptions | ParsedStoreOptions, owner?: OpenedStore, database?: number) {
    super()
    // Options that may hold a password are for the connections only.
    const { url, redis, implied, ...shared } = { url: '', redis: undefined, implied: false, ...options }
    this.options = shared
    const { enqueueTimeout, logger, clock } = shared
    this.#owner = owner
    this.databaseNumber = database
    this.connections = owner?.connections ?? new Connections({ url, redis, logger, implied })
    const caller = (): Caller => new Caller(new CallConnection(() => this.connections.open('calls', database), clock), enqueueTimeout)
    this.caller = caller()
    this.replicated = new ReplicatedCaller(caller())
    this.#blocking = new ConnectionPool(options.maxBlocking, enqueueTimeout, clock)
    this.subscriber = new Subscriber(() => this.connections.open('subscribing', database), logger, clock)
  }

  /** A named database keeps the time of its store. */
  get clockOffset(): number {
    return this.#owner?.clockOffset ?? this.#clockOffset
  }

  set clockOffset(milliseconds: number) {
    if (this.#owner === undefined) this.#clockOffset = milliseconds
    else this.#owner.clockOffset = milliseconds
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
    const callOff = this.clock.after(this.options.enqueueTimeout, () => failed(new ConnectionError('no answer in time')))
    try {
      await Promise.race([ready, failure])
    } catch (error) {
      ready.catch(() => undefined)
      if (this.#closing !== undefined) throw new ClosingError('the store')
      if (error instanceof AccessError) throw error
      const { message } = describeError(error)
      throw new ConnectionError(`cannot connect to ${withoutPassword(this.url)}: ${message}`, error, { final: !isOutage(error) })
    } finally {
      callOff()
    }
    await this.check().catch((error: unknown) => this.logger.debug({ err: error }, 'the server could not be checked'))
  }

  check(): Promise<void> {
    this.#checked ??= warnOfEviction(this).catch((error: unknown) => {
      this.#checked = undefined
      throw error
    })
    return this.#checked
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
    if (store === undefined) this.#databases.set(name, (store = new OpenedStore(this.options, this, number)))
    return store.ready()
  }

  #forget(store: OpenedStore): void {
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
}
