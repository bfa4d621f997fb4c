import type { ChainableCommander, Cluster, Redis } from 'ioredis'
import { shareRights } from '../access/rights.ts'
import { Caller, type CallBounds, type Client, type Send } from '../caller.ts'
import { ClosingError } from '../errors.ts'
import { text } from '../options.ts'
import { internals, RipenStore, type Store } from '../store.ts'
import type { Subscriber } from '../subscriber.ts'
import { namedPipeline } from './named-pipeline.ts'
import { Telemetry, type TelemetryTarget } from './telemetry.ts'
import { tracedClient } from './traced-client.ts'

/**
 * A view of a store whose commands are traced and measured: those of `redis` and of `blocking()`, and the scripts of everything that is built on it (a queue, a lock, a set).
 * It uses the connections of the store. Closing it closes what `blocking()` gave out and leaves the store open.
 */
export interface MonitoredStore extends Store {
  /**
   * A pipeline that is one span, `<name of the monitor>.pipeline_<name>`, around its `exec`; queueing commands makes none. It counts as failed when one of its commands failed.
   *
   * @throws ConfigurationError without a name.
   */
  pipeline(name: string): ChainableCommander
}

export class MonitoredRipenStore extends RipenStore implements MonitoredStore {
  override readonly caller: MonitoredCaller
  override readonly subscriber: Subscriber
  readonly #store: RipenStore
  readonly #target: TelemetryTarget
  readonly #telemetry: Telemetry | undefined
  readonly #blocking = new Set<Redis>()
  #redis: Client | undefined
  #closed = false
  #faultTold = false

  constructor(store: RipenStore, target: TelemetryTarget) {
    super(store.options, store, store.databaseNumber)
    this.#store = store
    this.#target = target
    if (target.tracer !== undefined || target.instruments !== undefined)
      this.#telemetry = new Telemetry(target, store.selectedDatabase, store.topology, (fault) => this.#tellFault(fault))
    this.caller = new MonitoredCaller(store, (client) => this.#traced(client))
    this.subscriber = store.subscriber
  }

  /** Once: a tracer that throws may do so for each command. */
  #tellFault(fault: unknown): void {
    if (!this.#faultTold)
      this.logger.warn({ err: fault, monitor: this.#target.name }, 'a tracer or a meter threw; commands go on without it')
    this.#faultTold = true
  }

  #traced<C extends Client>(client: C): C {
    return this.#telemetry === undefined ? client : tracedClient(client, this.#telemetry)
  }

  override get redis(): Redis | Cluster {
    if (this.#closed) throw new ClosingError('the monitored store')
    return (this.#redis ??= this.#traced(this.#store.redis))
  }

  pipeline(name: string): ChainableCommander {
    const checked = text('name', name)
    if (this.#closed) throw new ClosingError('the monitored store')
    const pipeline = this.#store.redis.pipeline()
    return this.#telemetry === undefined ? pipeline : namedPipeline(pipeline, checked, this.#telemetry)
  }

  override async ready(): Promise<this> {
    await this.#store.ready()
    return this
  }

  override check(): Promise<void> {
    return this.#store.check()
  }

  override async blocking(): Promise<Redis> {
    if (this.#closed) throw new ClosingError('the monitored store')
    const client = await this.#store.blocking()
    this.#blocking.add(client)
    client.once('end', () => this.#blocking.delete(client))
    return this.#traced(client)
  }

  override async database(name: string): Promise<Store> {
    return new MonitoredRipenStore(internals(await this.#store.database(name)), this.#target)
  }

  override close(): Promise<void> {
    this.#closed = true
    this.caller.close()
    for (const client of this.#blocking) client.disconnect()
    return Promise.resolve()
  }
}

/** The call layer of a store; what it sends is traced, each try by itself. */
class MonitoredCaller extends Caller {
  readonly #caller: Caller
  readonly #trace: (client: Client) => Client
  #known: { readonly client: Client; readonly traced: Client } | undefined
  #closed = false

  constructor(store: RipenStore, trace: (client: Client) => Client) {
    super(() => store.caller.client(), store.options.enqueueTimeout)
    this.#caller = store.caller
    this.#trace = trace
  }

  override async call<T>(send: Send<T>, bounds?: CallBounds): Promise<T> {
    if (this.#closed) throw new ClosingError('the monitored store')
    return this.#caller.call((client, again, state) => send(this.#traced(client), again, state), bounds)
  }

  override client(): Promise<Client> {
    return this.#caller.client()
  }

  #traced(client: Client): Client {
    if (this.#known?.client !== client) {
      this.#known = { client, traced: this.#trace(client) }
      shareRights(client, this.#known.traced)
    }
    return this.#known.traced
  }

  override close(): void {
    this.#closed = true
  }
}
