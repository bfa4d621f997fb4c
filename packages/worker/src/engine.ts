import { AccessError, ClosingError, ConnectionError } from '@ripen/store'
import type { Queue } from '@ripen/queue'
import { jobHomeOf, leaveScript, startScript, type Session, type Shard, type StoredJob } from '@ripen/queue/internal'
import type { Clock, RipenStore } from '@ripen/store/internal'
import { Dispatcher } from './dispatcher.ts'
import { OpenFeatures } from './features/open-features.ts'
import { Heartbeat } from './heartbeat/heartbeat.ts'
import type { Beat } from './heartbeat/heartbeat-messages.ts'
import { monotonic } from './heartbeat/monotonic.ts'
import { Prefetch } from './prefetch.ts'
import { grace, type Execution } from './run/execution.ts'
import { Executor } from './run/executor.ts'
import type { HandlerTable } from './run/handlers.ts'
import type { HeldJob } from './run/held-job.ts'
import { HeldJobReader } from './run/held-job-reader.ts'
import { Judge } from './run/judge.ts'
import { ProgressWriter } from './run/progress-writer.ts'
import type { RunContext } from './run/run-context.ts'
import { SelfWait } from './self-wait.ts'
import { settledWithin } from './settled-within.ts'
import { Cancels } from './shard/cancels.ts'
import { Settler } from './shard/settler.ts'
import { ShardLoop, type ShardLoopEvents } from './shard/shard-loop.ts'
import { Wake } from './shard/wake.ts'
import { Slots, type SlotsOptions } from './slots.ts'
import type { ParsedWorkerOptions } from './worker-options.ts'

/** What the engine tells its worker. */
export interface EngineHost extends ShardLoopEvents {
  drained(): void
  /** It had not started in time and has failed. */
  expired(job: StoredJob): void
  progress(execution: Execution, value: unknown): void
  /** See {@link SelfWait}. */
  warn(message: string): void
}

export interface EngineParts {
  readonly queue: Queue<any>
  readonly shard: Shard
  readonly session: Session
  readonly handlers: HandlerTable
  readonly options: ParsedWorkerOptions
  /** What is stored of this worker, as JSON. */
  readonly about: string
  readonly context: RunContext
  readonly host: EngineHost
}

/** The last part of a close's time, in ms, is for saying goodbye. */
const farewell = 500

/**
 * Everything that turns while a worker runs: made with its session, in start-up order, and taken down in
 * reverse.
 */
export class Engine {
  readonly #dispatcher: Dispatcher
  readonly #slots: Slots
  readonly #shard: Shard
  readonly #clock: Clock
  readonly #session: Session
  readonly #host: EngineHost
  readonly #end = new AbortController()
  readonly #slotsOptions: SlotsOptions
  readonly #progress: ProgressWriter
  readonly #features: OpenFeatures
  readonly #wake: Wake
  readonly #heartbeat: Heartbeat
  readonly #cancels: Cancels
  readonly #selfWait: SelfWait
  #beats = 0
  #beatTrouble = ''
  #beating: Promise<boolean> | undefined

  constructor({ queue, shard, session, handlers, options, about, context, host }: EngineParts) {
    const { clock } = shard.store
    const { signal } = this.#end
    const { lease, maxBlocked, maxStalls, concurrency, middleware, retryDelay } = options
    const { definition } = queue
    const { maxPayload } = definition.settings
    const suspectAt = Math.min(2, maxStalls)
    const prefetch = new Prefetch(maxStalls === 0 ? 0 : options.prefetch, clock)
    const error = (fault: unknown): void => host.error(fault)
    this.#shard = shard
    this.#clock = clock
    this.#session = session
    this.#host = host
    this.#progress = new ProgressWriter(shard, error)
    const settler = new Settler({ shard, index: 0, session, options: { lease, suspectAt }, signal })
    this.#features = new OpenFeatures({
      shard,
      session,
      logger: options.logger ?? shard.store.logger,
      signal,
      now: () => settler.now,
      look: () => this.#dispatcher.look(),
      error,
      expired: (jobs) => reader.expired(jobs).forEach((job) => host.expired(job)),
    })
    const reader = new HeldJobReader({
      home: jobHomeOf(queue),
      maxStalls,
      error,
      host: {
        context,
        clock,
        maxPayload,
        features: this.#features.byName,
        executor: new Executor({ handlers, definition, middleware, context }),
        judge: new Judge({ context, retryDelay, maxPayload, error }),
        ended: (execution, outcome) => this.#slots.ended(execution, outcome),
        progressed: (execution, value) => {
          host.progress(execution, value)
          return this.#progress.changed(execution)
        },
        refused: ({ held: { id } }, err) => shard.store.logger.warn({ err, queue: queue.name, job: id }, 'progress was refused'),
      },
    })
    this.#slotsOptions = { concurrency, prefetch, suspectAt, clock }
    this.#slots = new Slots({
      reader,
      options: this.#slotsOptions,
      host: {
        left: (outcome) => this.#dispatcher.left(outcome),
        freed: () => this.#dispatcher.turn(),
        markStarted: (job) => this.#markStarted(job),
        error,
      },
    })
    this.#wake = new Wake(shard.store, shard.keys.wake, () => this.#dispatcher.look())
    const loop = { shard, index: 0, session, settler, slots: this.#slots, prefetch, features: this.#features, events: host, signal }
    this.#dispatcher = new Dispatcher({
      loops: (dealer) => [new ShardLoop({ ...loop, dealer })],
      slots: this.#slots,
      host: { drained: () => host.drained(), idle: (idle) => this.#wake.want(idle) },
      options: this.#slotsOptions,
      signal,
    })
    this.#cancels = new Cancels(shard, (id, reason) => this.#slots.cancel(id, reason))
    this.#selfWait = new SelfWait({ queue, shard, running: this.#slots.running, tell: (message) => host.warn(message) })
    this.#heartbeat = new Heartbeat(shard, {
      worker: session.name,
      lease,
      maxBlocked,
      about,
      deadline: () => this.#deadline(),
      beat: (beat) => this.#beat(beat),
      failed: (message) => this.#beatFailed(message),
    })
  }

  /** When the server last answered, on the clock. */
  get lastAnswer(): number | undefined {
    return this.#dispatcher.lastAnswer
  }

  /** How many handlers run. */
  get active(): number {
    return this.#slots.running.size
  }

  /** Takes nothing, and hands back what has not started, because the worker is paused. */
  hold(held: boolean): void {
    this.#dispatcher.hold('worker', held)
  }

  /** Resolves once everything is reported and nothing runs, or when the worker is resumed. */
  whenQuiet(): Promise<void> {
    return this.#dispatcher.whenQuiet('worker')
  }

  get concurrency(): number {
    return this.#slotsOptions.concurrency
  }

  set concurrency(value: number) {
    this.#slotsOptions.concurrency = value
    this.#slots.fill()
    this.#dispatcher.look()
  }

  /**
   * Begins the heartbeat, once. Resolves to true when the queue knows it; to false when the engine was closed
   * before.
   */
  beat(): Promise<boolean> {
    return (this.#beating ??= this.#heartbeat.start())
  }

  async start(): Promise<void> {
    this.#cancels.listen().catch((error: unknown) => {
      if (error instanceof AccessError) this.#host.error(error)
      else this.#shard.store.logger.debug({ err: error }, 'cancels arrive only with the heartbeat')
    })
    // Leases without a heartbeat would be taken for those of a dead worker, and on a busy machine the thread
    // may be slow to come up.
    if (!(await this.beat())) return
    this.#dispatcher.start()
    this.#selfWait.watch(() => this.concurrency)
  }

  /**
   * The first time at which a running job is past its timeout and grace: from then on a blocked event loop is
   * not spoken for.
   */
  #deadline(): number {
    let first = 0
    for (const { deadline } of this.#slots.running) if (deadline !== undefined && (first === 0 || deadline < first)) first = deadline
    return first === 0 ? 0 : monotonic() - this.#clock.now() + first + grace
  }

  async #markStarted({ id, fence }: HeldJob): Promise<boolean> {
    const bounds = { budget: Number.POSITIVE_INFINITY, signal: this.#end.signal }
    return (await this.#shard.script(startScript, { id, fence }, [], bounds)) === 1
  }

  #beat(beat: Beat): void {
    // The first heartbeat is always late: nobody knew of this worker.
    if (this.#beats++ > 0 && beat.late) this.#dispatcher.reconcile()
    for (let index = 0; index < beat.cancels.length; index += 2)
      this.#cancels.asked(beat.cancels[index] ?? '', beat.cancels[index + 1] ?? '')
    this.#dispatcher.hold('queue', beat.paused)
  }

  /** A worker takes nothing before its first heartbeat. Later ones may fail: the lease lasts longer. */
  #beatFailed(message: string): void {
    this.#shard.store.logger.debug({ worker: this.#session.name, message }, 'heartbeat failed, trying again')
    this.#beatTrouble = message
    if (this.#beats === 0 && this.#shard.store.subscriber.closed) this.#host.storeClosed()
  }

  /** Why nothing is taken before the first heartbeat; undefined after it. */
  get unheard(): string | undefined {
    if (this.#beats > 0) return undefined
    return `its first heartbeat has not reached the server${this.#beatTrouble === '' ? '' : `: ${this.#beatTrouble}`}`
  }

  /**
   * No new jobs; waits for what runs; then aborts it; then hands it back. Ends within `timeout` ms, also
   * while the server is away.
   */
  async close(timeout: number): Promise<void> {
    const limit = this.#clock.now() + timeout
    const left = (): number => Math.max(0, limit - this.#clock.now())
    const abortAt = timeout < 10_000 ? timeout / 2 : timeout - 5_000
    this.#dispatcher.hold('closing', true)
    await settledWithin(this.#clock, abortAt, this.#dispatcher.whenQuiet('closing'))
    for (const execution of this.#slots.running) execution.abort(new ClosingError('the worker'), false)
    await settledWithin(this.#clock, left() - Math.min(farewell, timeout / 4), this.#dispatcher.whenQuiet('closing'))
    for (const execution of this.#slots.running) execution.abandon()
    await settledWithin(this.#clock, left() / 2, this.#dispatcher.whenQuiet('closing'))
    this.#dispatcher.stop()
    this.#selfWait.close()
    this.#wake.close()
    this.#cancels.close()
    this.#progress.close()
    this.#features.close()
    this.#heartbeat.stop()
    try {
      await this.#shard.script(leaveScript, { id: this.#session.name }, [], { budget: Math.max(1, left()) })
    } catch (error) {
      // The server is away: it gives the worker up when its heartbeat ends.
      this.#shard.store.logger.debug({ err: error }, 'the worker could not say goodbye')
    }
    this.#end.abort(new ClosingError('the worker'))
  }
}

/** What a worker tells whose calls are not answered. */
export function silenceError(address: string, { caller }: RipenStore, engine: Engine | undefined): ConnectionError {
  const trouble = engine?.unheard ?? caller.trouble?.message ?? 'the server does not answer'
  return new ConnectionError(`worker ${address} takes no jobs: ${trouble}`)
}
