import { CancelledError, ClosingError, InvalidJobError, LeaseLostError, StalledError, TimedOutError } from '@ripen/store'
import { milliseconds } from '@ripen/store/internal'
import {
  backoffDelay,
  decodeRow,
  decodeState,
  deserialize,
  exponential,
  StoredJob,
  validate,
  type DecodedRow,
  type JobHome,
  type JobStateRow,
} from '@ripen/queue/internal'
import type { JobDefinition, JobState, QueueDefinition } from '@ripen/queue'
import { Attempt, type AttemptHost } from './attempt.ts'
import { stateOf, type HeldJob } from './held-job.ts'
import { Discard, RetryIn, Snooze } from './outcomes.ts'
import { again, cancel, complete, describeError, fail, handBack, type Verdict } from './verdict.ts'
import type { ParsedWorkerOptions } from './worker-options.ts'

export type AnyHandler = (job: any, context: any) => unknown

/** How a job left this worker, and what to tell of it once the server has accepted it. */
export interface Outcome {
  readonly id: string
  readonly verdict: Verdict
  readonly event: 'completed' | 'failed' | 'retrying' | 'cancelled' | 'released'
  readonly job: StoredJob | undefined
  readonly value?: unknown
  readonly error?: Error
  readonly delay?: number
  /** This worker should let others take for a moment. */
  readonly shy?: true
}

/** A job whose name has no handler here comes back after so long, in ms: in a rolling deploy other workers know it. */
const unknownNameDelay = 5_000

/** Runs handlers, and turns what they do into outcomes. */
export class Runner {
  readonly #home: JobHome
  readonly #definition: QueueDefinition<any>
  readonly #handlers: AnyHandler | Readonly<Record<string, AnyHandler>>
  readonly #options: ParsedWorkerOptions
  readonly #host: AttemptHost
  readonly #onError: (error: unknown) => void
  #lastShy = Number.NEGATIVE_INFINITY
  /** Errors of ours about a payload: trying again would not help. A handler may throw errors of the same class for reasons of its own. */
  readonly #refusals = new WeakSet<object>()

  constructor(
    home: JobHome,
    definition: QueueDefinition<any>,
    handlers: AnyHandler | Readonly<Record<string, AnyHandler>>,
    options: ParsedWorkerOptions,
    host: AttemptHost,
    onError: (error: unknown) => void,
  ) {
    this.#home = home
    this.#definition = definition
    this.#handlers = handlers
    this.#options = options
    this.#host = host
    this.#onError = onError
  }

  /** Reads a held job; an outcome when it can not be run at all. */
  open(held: HeldJob): Attempt | Outcome {
    let row: DecodedRow | undefined
    try {
      row = decodeRow(held.row)
      const state = stateOf(held)
      if (state.stalls > this.#options.maxStalls) {
        const error = new StalledError(state.stalls)
        return {
          id: held.id,
          verdict: fail(held, state, row, state.attempts, describeError(error), undefined),
          event: 'failed',
          job: this.#job(held, row, state, undefined, 'failed'),
          error,
        }
      }
      if (this.handler(row.name) === undefined) return this.#unknown(held, row, state)
      return new Attempt(
        this.#host,
        held,
        row,
        state,
        this.#job(held, row, state, deserialize(row.data)),
        this.#definition.settings.maxPayload,
      )
    } catch (cause) {
      const error = new InvalidJobError(
        `job ${held.id}`,
        [{ message: held.row === '' ? 'has no row' : 'has a row that can not be read' }],
        cause,
      )
      this.#onError(error)
      return {
        id: held.id,
        verdict: fail(held, { attempts: 0, stalls: 0, due: undefined, fence: undefined }, row, 0, describeError(error), undefined),
        event: 'failed',
        job: undefined,
        error,
      }
    }
  }

  /**
   * Puts back a job of an unknown name, to come again after a delay: such jobs must not fill this worker's hands. Should it come here again, then now and then at once, while
   * this worker takes nothing for a moment: a worker with free hands is woken, and may know it.
   */
  #unknown(held: HeldJob, row: DecodedRow, state: JobStateRow): Outcome {
    this.#onError(
      new InvalidJobError(`job ${held.id}`, [
        { message: `has the name ${row.name}, for which this worker has no handler; it is put back` },
      ]),
    )
    const outcome = { id: held.id, event: 'released', job: undefined } as const
    const now = performance.now()
    if (held.stateRow === '' || now - this.#lastShy < unknownNameDelay) {
      return { ...outcome, verdict: again(held, state, state.attempts, unknownNameDelay, undefined, undefined) }
    }
    this.#lastShy = now
    return { ...outcome, verdict: handBack(held), shy: true }
  }

  /** @param state an active job counts the attempt that begins, one that ends without its handler does not. */
  #job(held: HeldJob, row: DecodedRow, stateRow: JobStateRow, data: unknown, state: JobState = 'active'): StoredJob {
    return new StoredJob(this.#home, held.id, row, row.addedAt, data, { state, stateRow, fence: Number(held.fence) })
  }

  handler(name: string): AnyHandler | undefined {
    if (typeof this.#handlers === 'function') return this.#handlers
    return Object.hasOwn(this.#handlers, name) ? this.#handlers[name] : undefined
  }

  /** Jobs that have failed because they had not started in time. @param jobs id, row and state row of each in turn. */
  expired(jobs: readonly string[]): StoredJob[] {
    const found: StoredJob[] = []
    for (let i = 0; i < jobs.length; i += 3) {
      const [id = '', text = '', stateRow = ''] = jobs.slice(i, i + 3)
      try {
        const row = decodeRow(text)
        found.push(
          new StoredJob(this.#home, id, row, row.addedAt, deserialize(row.data), { state: 'failed', stateRow: decodeState(stateRow) }),
        )
      } catch (cause) {
        this.#onError(new InvalidJobError(`job ${id}`, [{ message: 'has expired, and has a row that can not be read' }], cause))
      }
    }
    return found
  }

  /** A cancel came before the handler was called. */
  cancelled(held: HeldJob, error: CancelledError): Outcome {
    try {
      const row = decodeRow(held.row)
      const state = stateOf(held)
      return {
        id: held.id,
        verdict: cancel(held, state, row, state.attempts, describeError(error), undefined),
        event: 'cancelled',
        job: this.#job(held, row, state, deserialize(row.data), 'cancelled'),
        error,
      }
    } catch {
      // A row that can not be read: open() says so and sets it aside when its turn comes.
      return { id: held.id, verdict: handBack(held), event: 'released', job: undefined }
    }
  }

  /** Calls the handler, through the schema and the middleware where there are any. May throw as the handler does. */
  call(attempt: Attempt): unknown {
    const handler = this.handler(attempt.row.name) as AnyHandler
    const definition: JobDefinition<any, any, any> | undefined = this.#definition.jobs?.[attempt.row.name]
    const { middleware } = this.#options
    if (middleware.length === 0 && definition?.data === undefined && definition?.result === undefined) return handler(attempt.job, attempt)
    return this.#callChecked(attempt, handler, definition)
  }

  async #callChecked(attempt: Attempt, handler: AnyHandler, definition: JobDefinition<any, any, any> | undefined): Promise<unknown> {
    const { job, row } = attempt
    const check = async (schema: NonNullable<typeof definition>['data'], what: string, value: unknown): Promise<unknown> => {
      if (schema === undefined) return value
      const result = await validate(schema, value)
      if ('issues' in result) throw this.#refusal(new InvalidJobError(`${what} of job ${row.name}`, result.issues))
      return result.value
    }
    Object.assign(job, { data: await check(definition?.data, 'data', job.data) })
    const chain = this.#options.middleware.reduceRight<() => Promise<unknown>>(
      (next, layer) => async () => layer(job, attempt, next),
      async () => handler(job, attempt),
    )
    return check(definition?.result, 'result', await chain())
  }

  /** The handler returned. A timeout or a cancel has decided already. */
  returned(attempt: Attempt, result: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = attempt
    if (abortReason instanceof TimedOutError || abortReason instanceof CancelledError || abortReason instanceof LeaseLostError)
      return this.thrown(attempt, abortReason)
    try {
      return {
        id: held.id,
        verdict: complete(held, state, row, result, progressText, this.#definition.settings.maxPayload),
        event: 'completed',
        job,
        value: result,
      }
    } catch (error) {
      return this.thrown(attempt, this.#refusal(error))
    }
  }

  #refusal(error: unknown): unknown {
    if (error instanceof InvalidJobError) this.#refusals.add(error)
    return error
  }

  /** The handler threw. Undefined when there is nothing to settle: the lease is lost. */
  thrown(attempt: Attempt, thrown: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = attempt
    if (abortReason instanceof LeaseLostError) return undefined
    if (abortReason instanceof ClosingError) return { id: held.id, verdict: handBack(held), event: 'released', job }
    if (abortReason instanceof CancelledError)
      return {
        id: held.id,
        verdict: cancel(held, state, row, state.attempts + 1, describeError(abortReason), progressText),
        event: 'cancelled',
        job,
        error: abortReason,
      }
    const decided = abortReason !== undefined // by a timeout: what the handler throws then is of no account
    if (thrown instanceof Snooze && !decided)
      return { id: held.id, verdict: again(held, state, state.attempts, thrown.delay, undefined, progressText), event: 'released', job }
    const error = abortReason ?? asError(thrown)
    const attempts = state.attempts + 1
    const delay =
      (thrown instanceof Discard && !decided) ||
      (thrown instanceof InvalidJobError && this.#refusals.has(thrown)) ||
      attempts >= (row.options.attempts ?? 1)
        ? undefined
        : this.#delay(error, attempt, attempts)
    const described = describeError(abortReason ?? thrown)
    if (delay === undefined)
      return { id: held.id, verdict: fail(held, state, row, attempts, described, progressText), event: 'failed', job, error }
    return { id: held.id, verdict: again(held, state, attempts, delay, described, progressText), event: 'retrying', job, error, delay }
  }

  /** ms until the next attempt; undefined for none. */
  #delay(error: Error, attempt: Attempt, failures: number): number | undefined {
    if (error instanceof RetryIn) return error.delay
    try {
      const own = this.#options.retryDelay?.(error, attempt.job)
      if (own === false) return undefined
      if (own !== undefined) return milliseconds('retryDelay', own)
    } catch (fault) {
      this.#onError(fault)
    }
    return backoffDelay(attempt.row.options.backoff ?? exponential, failures)
  }
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  const { name, message } = describeError(thrown)
  return Object.assign(new Error(message), { name })
}
