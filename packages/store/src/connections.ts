import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { randomBytes } from 'node:crypto'
import type { NetConnectOpts } from 'node:net'
import type { Client } from './caller.ts'
import { DeferredConnector } from './deferred-connector.ts'
import type { EmbeddedServer } from './embedded/embedded-server.ts'
import { startEmbedded, startPersistent } from './embedded/index.ts'
import { ClosingError } from './errors.ts'
import type { Logger } from './logger.ts'
import { createClient, parseTarget, reconnectDelay, withDatabase, type Target, type Topology } from './target.ts'

/** How long a connection that is being closed may linger, in ms. */
const disconnectTimeout = 200

const everywhere: RedisOptions = { disconnectTimeout, retryStrategy: reconnectDelay, protocol: 2, disableClientInfo: true }

/** For the call layer: nothing is re-sent, nothing is held back, and what was in flight fails at once when the connection goes. */
export const calls: RedisOptions = {
  ...everywhere,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
}

/** For blocking pops: they may wait for long, and what was in flight must not be sent again. */
const blocking: RedisOptions = { ...everywhere, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 }

/** For subscriptions: ioredis subscribes again after a reconnect. */
const subscribing: RedisOptions = { ...everywhere, maxRetriesPerRequest: null }

/** For commands of the application: as ioredis does by default. */
const commands: RedisOptions = { disconnectTimeout }

const behaviours = { calls, blocking, subscribing, commands }

/** Opens the connections of a store, and starts and stops its embedded server. */
export class Connections {
  readonly topology: Topology
  readonly #own: RedisOptions | Redis | Cluster | undefined
  readonly #logger: Logger
  readonly #declared: Target
  /** Of an embedded server in memory: known before it starts. */
  readonly #password = randomBytes(16).toString('hex')
  #server: Promise<EmbeddedServer> | undefined
  #target: Target
  #clients = new Set<Client>()
  #closed = false

  constructor(url: string, own: RedisOptions | Redis | Cluster | undefined, logger: Logger) {
    this.#declared = parseTarget(url)
    this.#target = this.#declared
    this.topology = this.#declared.topology
    this.#own = own
    this.#logger = logger
  }

  /** What another process can connect to; for an embedded server only once it has started. */
  get url(): string {
    return this.#target.url
  }

  /** The options of ioredis and, for a cluster, its nodes: for a thread that opens a connection of its own. */
  async target(database?: number): Promise<Target> {
    if (this.#declared.directory !== undefined) {
      this.#server ??= this.#start(this.#declared.directory)
      const server = await this.#server
      this.#target = { ...parseTarget(server.url), topology: 'embedded' }
    }
    return database === undefined ? this.#target : withDatabase(this.#target, database)
  }

  /** A client that connects on first use. */
  async open(behaviour: Exclude<keyof typeof behaviours, 'commands'>, database?: number): Promise<Client> {
    if (this.#closed) throw new ClosingError('the store')
    return this.#track(createClient(await this.target(database), this.#own, behaviours[behaviour]))
  }

  /** A client for the application, made at once: for an embedded server that has not started, the first command starts it. */
  commands(database?: number): Client {
    if (this.#closed) throw new ClosingError('the store')
    const known = database === undefined ? this.#target : withDatabase(this.#target, database)
    if (this.#declared.directory === undefined) return this.#track(createClient(known, this.#own, behaviours.commands))
    const address = async (): Promise<NetConnectOpts> => {
      const { path, host = '127.0.0.1', port = 0 } = (await this.target()).options
      return path === undefined ? { host, port } : { path }
    }
    const Connector = class extends DeferredConnector {
      constructor() {
        super(address, disconnectTimeout)
      }
    }
    const password = this.#declared.directory === '' ? { password: this.#password } : {}
    return this.#track(createClient(known, this.#own, { ...behaviours.commands, ...password, Connector }))
  }

  /** The target in a form that can be posted to a thread: options that are functions or objects of a class stay behind. */
  async portableTarget(database?: number): Promise<Target> {
    const target = await this.target(database)
    const own = this.#own instanceof Redis ? this.#own.options : this.#own instanceof Cluster ? this.#own.options.redisOptions : this.#own
    const options = JSON.parse(JSON.stringify({ ...own, ...target.options })) as RedisOptions
    return { ...target, options }
  }

  #track(client: Client): Client {
    this.#clients.add(client)
    // A client that has ended is not disconnected again: ioredis would wait for its stream once more.
    client.on('end', () => this.#clients.delete(client))
    client.on('error', (error: Error) => this.#logger.debug({ err: error }, 'connection error, trying again'))
    return client
  }

  async #start(directory: string): Promise<EmbeddedServer> {
    const server = directory === '' ? await startEmbedded(this.#password) : await startPersistent(directory)
    server.on('error', (error: Error) => this.#logger.error({ err: error }, 'the embedded server failed'))
    if (directory === '') this.#logger.info({}, 'embedded server started: it keeps nothing after this process exits')
    return server
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const client of this.#clients) client.disconnect()
    await (await this.#server?.catch(() => undefined))?.close()
  }
}
