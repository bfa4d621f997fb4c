import type { RedisOptions } from 'ioredis'
import { randomBytes } from 'node:crypto'
import type { NetConnectOpts } from 'node:net'
import type { Client } from '../call/caller.ts'
import { watchRights } from '../access/rights.ts'
import { createClient } from './create-client.ts'
import { DeferredConnector } from './deferred-connector.ts'
import { disconnected } from './disconnected.ts'
import type { EmbeddedServer } from '../embedded/embedded-server.ts'
import { startEmbedded, startPersistent } from '../embedded/index.ts'
import { ClosingError } from '../errors/errors.ts'
import { plainCause } from '../foreign/plain-cause.ts'
import type { Logger } from '../logger.ts'
import { isCluster, ownOptions, type OwnRedis } from './own-redis.ts'
import { portableTarget } from './portable-target.ts'
import { showAs } from '../errors/shown-form.ts'
import { withoutPassword } from '../errors/shown-text.ts'
import { parseTarget, reconnectDelay, withDatabase, type Target, type Topology } from './target.ts'

/** A socket that owes an answer for this long, in ms, is taken for dead: half-open connections end here. */
const socketTimeout = 5_000

/** How long a connection that is being closed may linger, in ms. */
const disconnectTimeout = 200

/**
 * Calls have deadlines of their own: a timeout of ioredis would end a blocking pop, and give up a call whose
 * answer is still to come.
 */
const everywhere: RedisOptions = {
  disconnectTimeout,
  retryStrategy: reconnectDelay,
  commandTimeout: undefined,
  protocol: 2,
  disableClientInfo: true,
}

/**
 * For the call layer: nothing is re-sent, nothing is held back, and what was in flight fails at once when the
 * connection goes. Numbers come as numbers.
 */
export const calls: RedisOptions = {
  ...everywhere,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  stringNumbers: false,
  socketTimeout,
}

/** For short blocking pops: what was in flight must not be sent again. */
const wake: RedisOptions = {
  ...everywhere,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: true,
  socketTimeout,
}

/** For blocking commands of the application, which may wait for ever. */
const blocking: RedisOptions = { ...everywhere, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, socketTimeout: undefined }

/** For subscriptions: ioredis subscribes again after a reconnect. */
const subscribing: RedisOptions = {
  ...everywhere,
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  autoResubscribe: true,
  socketTimeout,
}

/** For commands of the application: as ioredis does by default. */
const commands: RedisOptions = { disconnectTimeout }

const behaviours = { calls, wake, blocking, subscribing, commands }

export interface ConnectionsOptions {
  readonly url: string
  /** What the user passed to connect with. */
  readonly redis: OwnRedis | undefined
  readonly logger: Logger
  /** True if the URL was not asked for. */
  readonly implied: boolean
}

/** Opens the connections of a store, and starts and stops its embedded server. */
export class Connections {
  readonly topology: Topology
  readonly #own: OwnRedis | undefined
  readonly #logger: Logger
  readonly #implied: boolean
  readonly #declared: Target
  /** The password of an embedded server in memory, known before it starts. */
  readonly #password = randomBytes(16).toString('hex')
  #server: Promise<EmbeddedServer> | undefined
  #target: Target
  #clients = new Set<Client>()
  #closed = false

  constructor({ url, redis, logger, implied }: ConnectionsOptions) {
    this.#implied = implied
    this.#declared = parseTarget(url)
    this.#target = this.#declared
    this.topology = this.#declared.topology
    this.#own = redis
    this.#logger = logger
  }

  /** Whether it is the embedded server that keeps nothing. */
  get inMemory(): boolean {
    return this.#declared.directory === ''
  }

  /** The URL for other processes. For an embedded server it is known once the server has started. */
  get url(): string {
    return this.#target.url
  }

  /** The number of the database that connections select when none is named. */
  get database(): number {
    return ownOptions(this.#own).db ?? this.#declared.options.db ?? 0
  }

  urlOf(database: number): string {
    return withDatabase(this.#target, database).url
  }

  /**
   * The options of ioredis and, for a cluster, its nodes: for a thread that opens a connection of its own.
   */
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
    const target = await this.target(database)
    if (this.#closed) throw new ClosingError('the store')
    const client = this.#track(createClient(target, this.#own, this.#behaviour(behaviour)))
    // An embedded server has no users.
    if (behaviour === 'calls' && this.topology !== 'embedded') watchRights(client)
    return client
  }

  /** A socket timeout of the user is for calls alone: others wait for things to happen. */
  #behaviour(name: keyof typeof behaviours): RedisOptions {
    const own = isCluster(this.#own) ? undefined : ownOptions(this.#own).socketTimeout
    return name === 'calls' && own !== undefined ? { ...calls, socketTimeout: own } : behaviours[name]
  }

  /**
   * A client for the application, made at once: for an embedded server that has not started, the first
   * command starts it.
   */
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

  /** The target in a form that can be posted to a thread, as far as there is one: see {@link unportable}. */
  async portableTarget(database?: number): Promise<Target> {
    return portableTarget(await this.target(database), this.#own).target
  }

  /**
   * Options that cannot be posted to a thread, by name. A connection without them might check less than the
   * user asked for, or lead elsewhere.
   */
  get unportable(): readonly string[] {
    return portableTarget(this.#declared, this.#own).missing
  }

  #track(client: Client): Client {
    this.#clients.add(client)
    // A client that has ended is not disconnected again: ioredis would wait for its stream once more.
    client.on('end', () => this.#clients.delete(client))
    client.on('error', (error: Error) => {
      hideLogin(error)
      this.#logger.debug({ err: plainCause(error) }, 'connection error, trying again')
    })
    showAs(client, 'Redis', ({ status }) => ({ status, url: withoutPassword(this.url) }))
    return client
  }

  async #start(directory: string): Promise<EmbeddedServer> {
    const server = directory === '' ? await startEmbedded(this.#password) : await startPersistent(directory)
    server.on('error', (error: Error) => this.#logger.error({ err: error }, 'the embedded server failed'))
    if (this.#implied)
      this.#logger.warn(
        {},
        'neither RIPEN_URL nor REDIS_URL is set: an embedded server was started, which keeps nothing after this process exits',
      )
    else if (directory === '') this.#logger.info({}, 'embedded server started: it keeps nothing after this process exits')
    return server
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#clients].map(disconnected))
    await (await this.#server?.catch(() => undefined))?.close()
  }
}

/**
 * The application hears the errors of its own client as they are, and ioredis puts the arguments of the
 * refused command into them.
 */
function hideLogin(error: Error & { command?: { name: string; args: unknown[] }; lastNodeError?: Error }): void {
  const { command, lastNodeError } = error
  if (command?.name === 'auth' || command?.name === 'hello') command.args = []
  if (lastNodeError instanceof Error) hideLogin(lastNodeError)
}
