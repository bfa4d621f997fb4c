import { AccessError, ClosingError, ConnectionError } from '@ripen/store'
import type { Queue } from '@ripen/queue'
import { jobHomeOf, leaveScript, startScript, type Session, type Shard, type StoredJob } from '@ripen/queue/internal'
import type { Clock, RipenStore } from '@ripen/store/internal'
import { settledWithin } from './settled-within.ts'
import { grace, type Attempt } from './run/attempt.ts'
import { Cancels } from './shard/cancels.ts'
import { OpenFeatures } from './features/open-features.ts'
import type { HandlerTable } from './run/handlers.ts'
import type { HeldJob } from './run/held-job.ts'
import { Heartbeat } from './heartbeat/heartbeat.ts'
import type { Beat } from './heartbeat/heartbeat-messages.ts'
import { Loop, type LoopHost } from './shard/loop.ts'
import { monotonic } from './heartbeat/monotonic.ts'
import { Prefetch } from './prefetch.ts'
import { ProgressWriter } from './run/progress-writer.ts'
import type { RunContext } from './run/run-context.ts'
import { Runner, type Outcome } from './run/runner.ts'
import { SelfWait } from './self-wait.ts'
import { Settler } from './shard/settler.ts'
import { Slots, type SlotsOptions } from './slots.ts'
import { Wake } from './shard/wake.ts'
import type { ParsedWorkerOptions } from './worker-options.ts'

/** What the engine tells its worker. */
export interface EngineHost extends Omit<LoopHost, 'idle' | 'reported'> {
  /** It had not started in time and has failed. */
  expired(job: StoredJob): void
  progress(attempt: Attempt, value: unknown): void
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

/** Everything that turns while a worker runs: made with its session, in start-up order, and taken down in reverse. */
export class Engine {
  readonly #loop: Loop
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
    this.#shard = shard
    const { clock } = shard.store
    this.#clock = clock
    this.#session = session
    this.#host = host
    const { lease, maxBlocked, maxStalls, concurrency } = options
    const suspectAt = Math.min(2, maxStalls)
    this.#progress = new ProgressWriter(shard, (error) => host.error(error))
    const before = (finished: readonly Outcome[]): Promise<void> | undefined => this.#features.beforeSettling(finished)
    const settler = new Settler(shard, session, { lease, suspectAt, before }, this.#end.signal)
    this.#features = new OpenFeatures({
      shard,
      session,
      logger: options.logger ?? shard.store.logger,
      signal: this.#end.signal,
      now: () => settler.now,
      look: () => this.#loop.look(),
      error: (error) => host.error(error),
      expired: (jobs) => runner.expired(jobs).forEach((job) => host.expired(job)),
    })
    const attemptHost = {
      context,
      clock,
      features: this.#features.byName,
      refused: ({ held: { id } }: Attempt, reason: unknown): void =>
        shard.store.logger.warn({ err: reason, queue: queue.name, id }, 'a progress was refused'),
      progressed: (attempt: Attempt, value: unknown): Promise<void> => {
        host.progress(attempt, value)
        return this.#progress.changed(attempt)
      },
      overdue: (attempt: Attempt): void => this.#slots.abandon(attempt),
    }
    const runner = new Runner({
      home: jobHomeOf(queue),
      definition: queue.definition,
      handlers,
      options,
      host: attemptHost,
      error: (error) => host.error(error),
    })
    this.#slotsOptions = { concurrency, prefetch: new Prefetch(maxStalls === 0 ? 0 : options.prefetch, clock), suspectAt, clock }
    this.#wake = new Wake(shard.store, shard.keys.wake, () => this.#loop.look())
    const slotsHost = {
      ended: (outcome: Outcome | undefined): void => this.#loop.ended(outcome),
      markStarted: (job: HeldJob): Promise<boolean> => this.#markStarted(job),
      error: (error: unknown): void => host.error(error),
    }
    this.#slots = new Slots(runner, slotsHost, this.#slotsOptions)
    this.#loop = new Loop({
      shard,
      session,
      settler,
      slots: this.#slots,
      host: {
        ...host,
        idle: (idle) => this.#wake.want(idle),
        reported: (reports, now) => this.#features.report(reports, now),
      },
      options: this.#slotsOptions,
      signal: this.#end.signal,
    })
    this.#cancels = new Cancels({ shard, slots: this.#slots, runner, ended: (outcome) => this.#loop.ended(outcome) })
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

  /** Of the server, on the clock. */
  get lastAnswer(): number | undefined {
    return this.#loop.lastAnswer
  }

  /** How many handlers run. */
  get active(): number {
    return this.#slots.running.size
  }

  /** Takes nothing, and hands back what has not started, by the wish of the worker. */
  hold(held: boolean): void {
    this.#loop.hold('worker', held)
  }

  /** Resolves once everything is reported and nothing runs, or when the worker holds it no longer. */
  whenQuiet(): Promise<void> {
    return this.#loop.whenQuiet('worker')
  }

  get concurrency(): number {
    return this.#slotsOptions.concurrency
  }

  set concurrency(value: number) {
    this.#slotsOptions.concurrency = value
    this.#slots.fill()
    this.#loop.look()
  }

  /** Begins the heartbeat, once. Resolves to true when the queue knows it; to false when the engine was closed before. */
  beat(): Promise<boolean> {
    return (this.#beating ??= this.#heartbeat.start())
  }

  async start(): Promise<void> {
    this.#cancels.listen().catch((error: unknown) => {
      if (error instanceof AccessError) this.#host.error(error)
      else this.#shard.store.logger.debug({ err: error }, 'cancels are heard with the heartbeat only')
    })
    // Leases without a heartbeat would be taken for those of a dead worker, and on a busy machine the thread may be slow to come up.
    if (!(await this.beat())) return
    this.#loop.start()
    this.#selfWait.watch(() => this.concurrency)
  }

  /** The first time at which a running job is past its timeout and grace: from then on a blocked event loop is not spoken for. */
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
    if (this.#beats++ > 0 && beat.late) this.#loop.doubt()
    for (let index = 0; index < beat.cancels.length; index += 2)
      this.#cancels.asked(beat.cancels[index] ?? '', beat.cancels[index + 1] ?? '')
    this.#loop.hold('queue', beat.paused)
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
    return `its heartbeat does not reach the server, and before it nothing is taken${this.#beatTrouble === '' ? '' : `: ${this.#beatTrouble}`}`
  }

  /**
   * No new jobs; waits for what runs; then aborts it; then hands it back. Ends within `timeout` ms, also while the server is away.
   */
  async close(timeout: number): Promise<void> {
    const limit = this.#clock.now() + timeout
    const left = (): number => Math.max(0, limit - this.#clock.now())
    const abortAt = timeout < 10_000 ? timeout / 2 : timeout - 5_000
    this.#loop.hold('closing', true)
    await settledWithin(this.#clock, abortAt, this.#loop.whenQuiet('closing'))
    for (const attempt of this.#slots.running) attempt.abort(new ClosingError('the worker'), false)
    await settledWithin(this.#clock, left() - Math.min(farewell, timeout / 4), this.#loop.whenQuiet('closing'))
    for (const attempt of this.#slots.running) this.#slots.abandon(attempt)
    await settledWithin(this.#clock, left() / 2, this.#loop.whenQuiet('closing'))
    this.#loop.stop()
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
  return new ConnectionError(`worker ${address} takes nothing: ${trouble}`)
}
