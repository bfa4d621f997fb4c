import { AccessError, ClosingError, ConfigurationError, ExpiredError, type Duration, type Logger } from '@ripen/store'
import { internals, isOutage, optional, parseOptions, showAs, signal as signalRule, span, type Clock } from '@ripen/store/internal'
import { Queue, type Job, type QueueDefinition } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { EventEmitter } from 'node:events'
import { hostname } from 'node:os'
import { Announcer } from './announcer.ts'
import { Engine, silenceError, type EngineHost } from './engine.ts'
import { readHandlers, type Handler, type Handlers, type HandlerTable } from './run/handlers.ts'
import { heartbeatFile } from './heartbeat/heartbeat.ts'
import { requireRights } from './require-rights.ts'
import { RunContext } from './run/run-context.ts'
import type { Outcome } from './run/outcome.ts'
import { SettledRate } from './settled-rate.ts'
import { SilenceWatch } from './heartbeat/silence-watch.ts'
import { settledWithin } from './settled-within.ts'
import type { WorkerEvents } from './worker-events.ts'
import { concurrency, parseWorkerOptions, requireStore, type ParsedWorkerOptions, type WorkerOptions } from './worker-options.ts'
import { newAddress, WorkerProvider } from './worker-provider.ts'

/** The pause before the server is tried again at the start, in ms. */
const startPause = 500
/** The same if the user lacks a right, which someone has to grant. */
const grantPause = 5_000

/**
 * Runs the jobs of a queue. `run()` starts it, and it takes jobs until it is closed.
 *
 * Jobs run at least once: if a worker dies, another runs its jobs. Guard writes with `context.fence`.
 */
export class Worker<J = Record<string, any>> extends EventEmitter<WorkerEvents<J>> implements AsyncDisposable {
  static {
    showAs(this.prototype, 'Worker', (worker) => {
      const { address, concurrency: most, active, paused } = worker
      return { queue: worker.#queue, address, concurrency: most, active, paused }
    })
  }

  /**
   * The name under which this worker serves endpoints while it runs. An EndpointClient in any process reads
   * `<address>.concurrency`, `.paused`, `.active`, `.rate` and `.rss` (bytes), and sets the first two. It is
   * unique, and known from the start. With `steering: false` nothing answers there.
   */
  readonly address: string = newAddress()
  readonly #queue: Queue<any>
  readonly #ownQueue: boolean
  readonly #handlers: HandlerTable
  readonly #context = new RunContext()
  readonly #options: ParsedWorkerOptions
  readonly #logger: Logger
  readonly #announcer: Announcer<J>
  readonly #provider: WorkerProvider | undefined
  readonly #clock: Clock
  readonly #rate: SettledRate
  readonly #watch: SilenceWatch
  readonly #closed: Promise<void>
  #resolveClosed!: () => void
  #concurrency: number
  #engine: Promise<Engine> | undefined
  #started: Engine | undefined
  #paused = false
  #closing: Promise<void> | undefined

  /**
   * @param queue a Queue; or a definition or a name, with the option `store`.
   * @param handlers one for each job name, or one for all.
   * @throws ConfigurationError for an option that breaks its rule.
   */
  constructor(queue: Queue<J> | QueueDefinition<J> | string, handlers: NoInfer<Handlers<J> | Handler<J>>, options?: WorkerOptions) {
    super()
    this.#options = parseWorkerOptions(options)
    // A bundle without it would find out when the first job is due.
    heartbeatFile()
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.#handlers = readHandlers(handlers)
    this.#ownQueue = !(queue instanceof Queue)
    this.#queue = queue instanceof Queue ? queue : new Queue<any>(queue, { store: requireStore(this.#options.store) })
    if (queue instanceof Queue && this.#options.store !== undefined)
      throw new ConfigurationError('store', 'must be absent: the Queue has one')
    this.#logger = this.#options.logger ?? internals(this.#queue.store).logger
    this.#clock = internals(this.#queue.store).clock
    this.#announcer = new Announcer<J>({ emitter: this, context: this.#context, logger: this.#logger, queue: this.#queue.name })
    this.#rate = new SettledRate(this.#clock)
    this.#watch = new SilenceWatch(this.#clock, {
      lastAnswer: () => this.#started?.lastAnswer,
      silent: () => this.#announcer.error(silenceError(this.address, internals(this.#queue.store), this.#started)),
      recovered: () => {
        this.#logger.info({ queue: this.#queue.name, worker: this.address }, 'the worker takes jobs again')
        this.#announcer.tell('recovered')
      },
    })
    this.#concurrency = this.#options.concurrency
    const error = (fault: unknown): void => this.#announcer.error(fault)
    if (this.#options.steering) this.#provider = new WorkerProvider(this.#queue.store, this, { logger: this.#logger, error })
  }

  /** How many jobs run at the same time. May be set at any time. */
  get concurrency(): number {
    return this.#concurrency
  }

  set concurrency(value: number) {
    this.#concurrency = concurrency('concurrency', value)
    this.#withEngine((engine) => (engine.concurrency = this.#concurrency))
  }

  /** Whether this worker is paused, here or from elsewhere. A pause of the queue does not count. */
  get paused(): boolean {
    return this.#paused
  }

  /** How many handlers run now. */
  get active(): number {
    return this.#started?.active ?? 0
  }

  /** Jobs settled per second, over the last 10 s. Those snoozed or handed back do not count. */
  get rate(): number {
    return this.#rate.perSecond
  }

  /** Connects, so that `run()` takes jobs at once. @throws as {@link run}, AccessError, ClosingError. */
  async ready(): Promise<this> {
    const { store } = this.#queue
    this.#refuseClosed()
    await store.ready()
    this.#refuseClosed()
    const engine = await this.#open()
    this.#refuseClosed()
    await settledWithin(this.#clock, internals(store).options.enqueueTimeout, engine.beat())
    return this
  }

  /**
   * Takes and runs jobs until the worker is closed. Aborting the signal closes it.
   *
   * While the server is away it waits. So it does for a missing right, an `error` every five seconds.
   *
   * @throws ConfigurationError, LayoutTooNewError; ConnectionError if the server refuses the login.
   */
  async run(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = parseOptions('run options', options, { signal: optional(signalRule, undefined) })
    this.#refuseClosed()
    if (this.#started === undefined) this.#context.capture()
    const close = (): void => void this.close()
    if (signal?.aborted === true) close()
    signal?.addEventListener('abort', close, { once: true })
    try {
      await Promise.race([this.#start(), this.#closed])
      await this.#closed
    } finally {
      this.#watch.stop()
      signal?.removeEventListener('abort', close)
    }
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new ClosingError('the worker')
  }

  async #start(): Promise<void> {
    this.#watch.start()
    while (this.#closing === undefined) {
      try {
        const engine = await this.#open()
        if (this.#closing !== undefined || this.#started !== undefined) return
        this.#started = engine
        await engine.start()
        if (this.#closing !== undefined) return
        this.#rate.start()
        this.#provider?.open()
        return
      } catch (error) {
        if (!isOutage(error) && !(error instanceof AccessError)) throw error
        this.#watch.told()
        this.#announcer.error(error)
        await settledWithin(this.#clock, error instanceof AccessError ? grantPause : startPause, this.#closed)
      }
    }
  }

  #open(): Promise<Engine> {
    this.#engine ??= this.#makeEngine().catch((error: unknown) => {
      this.#engine = undefined
      throw error
    })
    return this.#engine
  }

  async #makeEngine(): Promise<Engine> {
    const shard = new Shard(this.#queue.store, this.#queue.name, this.#queue.definition.settings)
    await requireRights(shard)
    const session = await shard.openSession()
    const about = JSON.stringify({ host: hostname(), pid: process.pid, startedAt: await this.#queue.store.now() })
    const [queue, handlers, options] = [this.#queue, this.#handlers, { ...this.#options, concurrency: this.#concurrency }]
    const host: EngineHost = {
      settled: (outcome) => this.#settled(outcome),
      stalled: (ids) => ids.forEach((id) => this.#announcer.tell('stalled', id)),
      expired: (job) => this.#announcer.tell('failed', job as unknown as Job<J>, new ExpiredError()),
      drained: () => this.#announcer.tell('drained'),
      warn: (message) => this.#logger.warn({ queue: this.#queue.name }, message),
      error: (error) => this.#announcer.error(error),
      resting: () => this.#watch.told(),
      // Nothing can be reported any more: what runs is aborted, and comes back when the lease ends.
      storeClosed: () => void this.close({ timeout: 0 }),
      progress: ({ job }, value) => this.#announcer.tell('progress', job as unknown as Job<J>, value),
    }
    const engine = new Engine({ queue, shard, session, handlers, options, about, context: this.#context, host })
    if (this.#paused) engine.hold(true)
    return engine
  }

  /** Stops taking jobs. Resolves when the running ones have ended, or when the worker is resumed. */
  async pause(): Promise<void> {
    this.#paused = true
    const engine = await this.#engine?.catch(() => undefined)
    if (engine === undefined || !this.paused) return
    engine.hold(true)
    if (this.#started !== undefined) await Promise.race([engine.whenQuiet(), this.#closed])
  }

  /** Values set before the engine exists are read when it is created. */
  #withEngine(act: (engine: Engine) => void): void {
    this.#engine?.then(act, () => undefined)
  }

  resume(): void {
    this.#paused = false
    this.#withEngine((engine) => engine.hold(false))
  }

  /**
   * Stops taking jobs and waits for the running ones. Aborts them 5 s before the time is up, or halfway if it
   * is shorter than 10 s. Hands back those that still have not ended, which uses no attempt. Idempotent.
   *
   * @param options.timeout the longest it may take; default `closeTimeout`.
   */
  async close(options?: { readonly timeout?: Duration }): Promise<void> {
    const { timeout } = parseOptions('close options', options, { timeout: optional(span(), this.#options.closeTimeout) })
    this.#closing ??= this.#close(timeout).finally(() => this.#resolveClosed())
    await this.#closing
  }

  async #close(timeout: number): Promise<void> {
    const limit = this.#clock.now() + timeout
    this.#watch.stop()
    let engine = this.#started
    const making = this.#engine?.then((made) => (engine = made)).catch(() => undefined)
    // It may still wait for the server; one that is made later is not started any more.
    if (engine === undefined && making !== undefined) await settledWithin(this.#clock, timeout, making)
    await engine?.close(Math.max(0, limit - this.#clock.now()))
    // The last: while jobs come to their end, others may want to know how many are left.
    await settledWithin(this.#clock, Math.max(0, limit - this.#clock.now()), this.#provider?.close() ?? Promise.resolve())
    this.#rate.stop()
    if (this.#ownQueue) await this.#queue.close()
    this.#announcer.over = true
    this.#announcer.tell('closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #settled(outcome: Outcome): void {
    const { event } = outcome
    if (event === 'snoozed' || event === 'handedBack') return
    this.#rate.count()
    this.#announcer.settled(outcome, event)
  }
}
