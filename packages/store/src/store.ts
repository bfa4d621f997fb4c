import type { Cluster, Redis } from 'ioredis'
import { acrossCopies } from './errors/across-copies.ts'
import type { Caller } from './call/caller.ts'
import type { Clock } from './clock/clock.ts'
import type { Connections } from './connection/connections.ts'
import { ConfigurationError } from './errors/errors.ts'
import type { Logger } from './logger.ts'
import type { ReplicatedCaller } from './call/replicated-caller.ts'
import { showAs } from './errors/shown-form.ts'
import { withoutPassword } from './errors/shown-text.ts'
import type { SharedOptions } from './options/store-options.ts'
import type { Listening } from './connection/subscriber-view.ts'
import type { Topology } from './connection/target.ts'
import { version } from './version.generated.ts'

/** A server and Ripen's connections to it. It opens none before it is first used. */
export interface Store extends AsyncDisposable {
  /** An ioredis client for your own commands, opened on first use and closed with the store. */
  readonly redis: Redis | Cluster
  readonly topology: Topology
  /**
   * A URL with which another process can connect, including the password. For an embedded server, which
   * listens on loopback only, it is known after `ready()`.
   */
  readonly url: string
  /** ms added to the server's time, for tests. Default 0. */
  clockOffset: number
  /**
   * Connects and checks the server.
   *
   * @throws ConnectionError if the first attempt fails; AccessError.
   */
  ready(): Promise<this>
  /** The server's time plus {@link clockOffset}, in epoch ms. */
  now(): Promise<number>
  /**
   * Opens a separate connection for a blocking command. The caller disconnects it; closing the store does so
   * too.
   *
   * @throws ConnectionError if `maxBlocking` connections are in use and none comes back within
   *   `enqueueTimeout`.
   */
  blocking(): Promise<Redis>
  /**
   * The store of a named database of the same server. It is closed with this store.
   *
   * @throws ConfigurationError for a name that is not in `names`.
   */
  database(name: string): Promise<Store>
  /**
   * Rejects waiting calls with a ClosingError, and closes what the store opened. Takes about 2 s at most.
   * Idempotent.
   */
  close(): Promise<void>
}

/**
 * A store with what Ripen's own packages use. Whatever is done with a connection is abstract: a view of a
 * store that forgets any of it does not compile.
 */
export abstract class RipenStore implements Store {
  static {
    acrossCopies(this, ['RipenStore', 'OpenedStore', 'MonitoredRipenStore'])
    showAs(this.prototype, 'Store', ({ topology, url, options: { prefix } }) => ({ topology, url: withoutPassword(url), prefix }))
  }

  readonly version: string = version
  abstract readonly options: SharedOptions
  abstract readonly caller: Caller
  abstract readonly replicated: ReplicatedCaller
  abstract readonly subscriber: Listening
  abstract readonly connections: Connections
  /** The number of a named database. */
  abstract readonly databaseNumber: number | undefined
  abstract readonly redis: Redis | Cluster
  abstract clockOffset: number
  abstract ready(): Promise<this>
  /** Looks once whether the server is set up for jobs, and warns if not. */
  abstract check(): Promise<void>
  abstract blocking(): Promise<Redis>
  abstract database(name: string): Promise<Store>
  abstract close(): Promise<void>

  /** The only source of time and timers in what is built on the store. */
  get clock(): Clock {
    return this.options.clock
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

  async now(): Promise<number> {
    const [seconds, microseconds] = await this.caller.call((client) => client.time())
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000) + this.clockOffset
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * The implementation behind a Store: for Ripen's own packages. It may be of another copy of this package.
 *
 * @throws ConfigurationError for anything else, and for a store of another version.
 */
export function internals(store: Store): RipenStore {
  if (!(store instanceof RipenStore)) throw new ConfigurationError('store', 'must be a store from openStore() or connect()', store)
  if (store.version !== version)
    throw new ConfigurationError(
      'store',
      `comes from version ${store.version} of Ripen, but this is version ${version}: the process has loaded two copies, so install only one (npm ls @ripen/store shows them)`,
    )
  return store
}
