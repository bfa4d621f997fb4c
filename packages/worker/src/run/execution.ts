import { TimedOutError, type LeaseLostError, type Logger } from '@ripen/store'
import { showAs, toError, type Clock } from '@ripen/store/internal'
import { encodeProgress, type DecodedRow, type JobStateRow, type StoredJob } from '@ripen/queue/internal'
import type { FeaturesByName } from '../features/open-features.ts'
import type { Executor } from './executor.ts'
import type { HeldJob } from './held-job.ts'
import type { JobContext } from './job-context.ts'
import type { Judge } from './judge.ts'
import type { Outcome } from './outcome.ts'
import type { RunContext } from './run-context.ts'

/**
 * How long a handler may go on after an abort by timeout or cancel, in ms; then the attempt is settled
 * without it.
 */
export const grace = 5_000

/** What all executions of a worker share. */
export interface ExecutionHost {
  readonly context: RunContext
  readonly clock: Clock
  readonly executor: Executor
  readonly judge: Judge
  readonly features: FeaturesByName
  /** Characters of progress, at most. */
  readonly maxPayload: number
  /** Called once for each execution. @param outcome undefined when the lease is lost. */
  ended(execution: Execution, outcome: Outcome | undefined): void
  progressed(execution: Execution, value: unknown): Promise<void>
  /** JSON cannot hold this progress. The handler may not have waited to hear of it. */
  refused(execution: Execution, reason: unknown): void
}

/**
 * One run of one job: the call of its handler, its abort, its end. It is also the context that the handler
 * gets.
 */
export class Execution implements JobContext {
  static {
    showAs(this.prototype, 'JobContext', ({ job: { id }, fence, attempt }) => ({ id, fence, attempt }))
  }

  readonly held: HeldJob
  readonly row: DecodedRow
  readonly state: JobStateRow
  /** On the clock of the store; undefined without a timeout. */
  readonly deadline: number | undefined
  /** When the handler was called, for the few that are measured. */
  sampledAt: number | undefined
  readonly #host: ExecutionHost
  #job: StoredJob
  #over = false
  #abortReason: Error | undefined
  #progressText: string | undefined
  /** Made when it is asked for: most handlers never look. */
  #controller: AbortController | undefined
  /** Calls off the timeout, or the end of the grace. */
  #callOff: (() => void) | undefined

  constructor(host: ExecutionHost, held: HeldJob, row: DecodedRow, state: JobStateRow, job: StoredJob) {
    this.#host = host
    this.held = held
    this.row = row
    this.state = state
    this.#job = job
    const { timeout } = row.options
    if (timeout !== undefined) {
      this.deadline = host.clock.now() + timeout
      this.#callOff = host.clock.after(timeout, () => this.abort(new TimedOutError(`the attempt ran for longer than ${timeout} ms`), true))
    }
  }

  /** As it is now: another object once a schema has given its data, and with each progress. */
  get job(): StoredJob {
    return this.#job
  }

  /** Settled, or given up: what the handler still does has no effect. */
  get over(): boolean {
    return this.#over
  }

  /** A timeout, a cancel, a lost lease or a close. */
  get abortReason(): Error | undefined {
    return this.#abortReason
  }

  /** The last progress as JSON. */
  get progressText(): string | undefined {
    return this.#progressText
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  get fence(): number {
    return Number(this.held.fence)
  }

  get attempt(): number {
    return this.state.attempts + 1
  }

  /** A function of its own, so that a handler may take it out of the context. */
  get progress(): (value: unknown) => Promise<void> {
    return (value) => this.#progressed(value)
  }

  get log(): JobContext['log'] {
    return (message, fields) => this.#host.features.logs.write(this, message, fields)
  }

  get logger(): Logger {
    return this.#host.features.logs.loggerOf(this)
  }

  /** From now on the job has this data. */
  use(changed: { readonly data: unknown }): void {
    this.#job = this.#job.with(changed)
  }

  /** Calls the handler. */
  run(): void {
    try {
      Promise.resolve(this.#host.executor.call(this)).then(
        (result) => {
          if (!this.#over) this.#end(this.#host.judge.returned(this, result))
        },
        (error: unknown) => this.#threw(error),
      )
    } catch (error) {
      // In a turn of its own, as a rejection would come: the caller fills slots in a loop.
      queueMicrotask(() => this.#threw(error))
    }
  }

  #threw(error: unknown): void {
    if (!this.#over) this.#end(this.#host.judge.thrown(this, error))
  }

  /**
   * The first abort decides. @param bounded whether the execution ends without the handler after the grace.
   */
  abort(reason: Error, bounded: boolean): void {
    if (this.#over || this.#abortReason !== undefined) return
    this.#abortReason = reason
    this.#callOff?.()
    if (bounded) this.#callOff = this.#host.clock.after(grace, () => this.abandon())
    if (this.#controller !== undefined) this.#host.context.call(() => this.#controller?.abort(reason), undefined, undefined)
  }

  /** Ends an execution that was aborted without waiting for its handler. */
  abandon(): void {
    if (this.#abortReason !== undefined) this.#threw(this.#abortReason)
  }

  /** The lease is lost: the handler is told, and nothing is reported. */
  lose(reason: LeaseLostError): void {
    this.abort(reason, false)
    if (!this.#over) this.#end(undefined)
  }

  #end(outcome: Outcome | undefined): void {
    this.#over = true
    this.#callOff?.()
    this.#host.ended(this, outcome)
  }

  #progressed(value: unknown): Promise<void> {
    let text: string
    try {
      text = encodeProgress(value, this.#host.maxPayload)
    } catch (error) {
      const refused = Promise.reject<void>(toError(error))
      refused.catch((reason: unknown) => this.#host.refused(this, reason)) // most handlers do not wait for it
      return refused
    }
    if (this.#over) return Promise.resolve()
    this.#progressText = text
    this.#job = this.#job.with({ progress: value })
    return this.#host.progressed(this, value)
  }
}
