import type { ChainableCommander, Cluster, Redis } from 'ioredis'
import { shareRights } from '../access/rights.ts'
import type { Caller, Client } from '../call/caller.ts'
import type { Connections } from '../connection/connections.ts'
import { ClosingError } from '../errors/errors.ts'
import { text } from '../options/options.ts'
import type { ReplicatedCaller } from '../call/replicated-caller.ts'
import type { SharedOptions } from '../options/store-options.ts'
import { internals, RipenStore, type Store } from '../store.ts'
import type { Listening } from '../connection/subscriber-view.ts'
import { namedPipeline } from './named-pipeline.ts'
import { Telemetry, type TelemetryTarget } from './telemetry.ts'
import { tracedClient } from './traced-client.ts'

/**
 * A view of a store whose commands are traced and measured: those of `redis` and `blocking()`, and the
 * scripts of everything built on it (a queue, a lock, a set).
 * It uses the connections of the store. Closing it rejects waiting calls with a ClosingError, closes its
 * databases and blocking connections, and leaves the store open.
 */
export interface MonitoredStore extends Store {
  /**
   * Returns a pipeline whose `exec` is one span, `<name of the monitor>.pipeline_<name>`. Queueing commands
   * makes no spans. The span counts as failed if one of the commands failed.
   *
   * @throws ConfigurationError without a name.
   */
  pipeline(name: string): ChainableCommander
}

export class MonitoredRipenStore extends RipenStore implements MonitoredStore {
  readonly options: SharedOptions
  readonly connections: Connections
  readonly databaseNumber: number | undefined
  readonly caller: Caller
  readonly replicated: ReplicatedCaller
  readonly subscriber: Listening
  readonly #store: RipenStore
  readonly #target: TelemetryTarget
  readonly #telemetry: Telemetry | undefined
  readonly #blocking = new Set<Redis>()
  readonly #databases = new Map<string, MonitoredRipenStore>()
  #redis: Client | undefined
  #closed = false
  #faultTold = false

  constructor(store: RipenStore, target: TelemetryTarget) {
    super()
    this.options = store.options
    this.connections = store.connections
    this.databaseNumber = store.databaseNumber
    this.#store = store
    this.#target = target
    if (target.tracer !== undefined || target.instruments !== undefined)
      this.#telemetry = new Telemetry(target, store, (fault) => this.#tellFault(fault))
    this.caller = store.caller.view(this.#faces())
    this.replicated = store.replicated.view(this.#faces())
    this.subscriber = store.subscriber.view()
  }

  /** Once: a tracer that throws may do so for each command. */
  #tellFault(fault: unknown): void {
    if (!this.#faultTold)
      this.logger.warn({ err: fault, monitor: this.#target.name }, 'a tracer or a meter threw: commands continue without it')
    this.#faultTold = true
  }

  #traced<C extends Client>(client: C): C {
    return this.#telemetry === undefined ? client : tracedClient(client, this.#telemetry)
  }

  /** One face for each connection that calls are sent on, with what is known of the rights of its user. */
  #faces(): (client: Client) => Client {
    let known: { readonly client: Client; readonly face: Client } | undefined
    return (client) => {
      if (known?.client !== client) {
        known = { client, face: this.#traced(client) }
        shareRights(client, known.face)
      }
      return known.face
    }
  }

  #refuseClosed(): void {
    if (this.#closed) throw new ClosingError('the monitored store')
  }

  get clockOffset(): number {
    return this.#store.clockOffset
  }

  set clockOffset(milliseconds: number) {
    this.#store.clockOffset = milliseconds
  }

  get redis(): Redis | Cluster {
    this.#refuseClosed()
    return (this.#redis ??= this.#traced(this.#store.redis))
  }

  pipeline(name: string): ChainableCommander {
    const checked = text('name', name)
    this.#refuseClosed()
    const pipeline = this.#store.redis.pipeline()
    return this.#telemetry === undefined ? pipeline : namedPipeline(pipeline, checked, this.#telemetry)
  }

  async ready(): Promise<this> {
    this.#refuseClosed()
    await this.#store.ready()
    this.#refuseClosed()
    return this
  }

  check(): Promise<void> {
    return this.#store.check()
  }

  async blocking(): Promise<Redis> {
    this.#refuseClosed()
    const client = await this.#store.blocking()
    if (this.#closed) client.disconnect()
    this.#refuseClosed()
    this.#blocking.add(client)
    client.once('end', () => this.#blocking.delete(client))
    return this.#traced(client)
  }

  async database(name: string): Promise<Store> {
    this.#refuseClosed()
    const store = internals(await this.#store.database(name))
    this.#refuseClosed()
    let database = this.#databases.get(name)
    // One that was closed by itself is made anew.
    if (database === undefined || database.#closed || database.#store !== store)
      this.#databases.set(name, (database = new MonitoredRipenStore(store, this.#target)))
    return database
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const database of this.#databases.values()) await database.close()
    this.caller.close()
    this.replicated.close()
    this.subscriber.close()
    for (const client of this.#blocking) client.disconnect()
  }
}
