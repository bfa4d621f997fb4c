import { CancelledError, ClosingError, InvalidJobError, LeaseLostError, StalledError } from '@ripen/store'
import { callForeign, describeError, milliseconds, toError } from '@ripen/store/internal'
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
import type { AnyHandler, HandlerTable } from './handlers.ts'
import { stateOf, type HeldJob } from './held-job.ts'
import { callThrough } from './middleware.ts'
import { delayOf, wishOf } from './outcomes.ts'
import { again, cancel, complete, fail, handBack, type Verdict } from './verdict.ts'
import type { ParsedWorkerOptions } from '../worker-options.ts'

/** How a job left this worker, and what to tell of it once the server has accepted it. */
export interface Outcome {
  readonly id: string
  readonly verdict: Verdict
  readonly event: 'completed' | 'failed' | 'retrying' | 'cancelled' | 'released'
  readonly job: StoredJob | undefined
  /** What goes back before it was read. */
  readonly unread?: HeldJob
  readonly value?: unknown
  readonly error?: Error
  readonly delay?: number
  /** This worker should let others take for a moment. */
  readonly shy?: true
}

/** A job whose name has no handler here comes back after so long, in ms: in a rolling deploy other workers know it. */
const unknownNameDelay = 5_000
/** Of a job whose rows cannot be read. */
const unread: JobStateRow = { attempts: 0, stalls: 0, due: undefined, fence: undefined }

export interface RunnerParts {
  readonly home: JobHome
  readonly definition: QueueDefinition<any>
  readonly handlers: HandlerTable
  readonly options: ParsedWorkerOptions
  readonly host: AttemptHost
  /** Hears what is no failure of a job. */
  readonly error: (error: unknown) => void
}

/** Runs handlers, and turns what they do into outcomes. */
export class Runner {
  readonly #home: JobHome
  readonly #definition: QueueDefinition<any>
  readonly #handlers: HandlerTable
  readonly #options: ParsedWorkerOptions
  readonly #host: AttemptHost
  readonly #onError: (error: unknown) => void
  #lastShy = Number.NEGATIVE_INFINITY
  /** Errors of ours about a payload: trying again would not help. A handler may throw errors of the same class for reasons of its own. */
  readonly #refusals = new WeakSet<object>()

  constructor({ home, definition, handlers, options, host, error }: RunnerParts) {
    this.#home = home
    this.#definition = definition
    this.#handlers = handlers
    this.#options = options
    this.#host = host
    this.#onError = error
  }

  /** Reads a held job; an outcome when it cannot be run at all. */
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
        [{ message: held.row === '' ? 'has no row' : 'has a row that cannot be read' }],
        cause,
      )
      this.#onError(error)
      return {
        id: held.id,
        verdict: this.#failUnread(held, row, error),
        event: 'failed',
        job: undefined,
        error,
      }
    }
  }

  #failUnread(held: HeldJob, row: DecodedRow | undefined, error: Error): Verdict {
    try {
      return fail(held, unread, row, 0, describeError(error), undefined)
    } catch {
      return fail(held, unread, undefined, 0, describeError(error), undefined) // its retention cannot be read either
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
    const now = this.#host.clock.now()
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
    return typeof this.#handlers === 'function' ? this.#handlers : this.#handlers.get(name)
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
        this.#onError(new InvalidJobError(`job ${id}`, [{ message: 'has expired, and has a row that cannot be read' }], cause))
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
        verdict: cancel(held, state, row, state.attempts, error, undefined),
        event: 'cancelled',
        job: this.#job(held, row, state, deserialize(row.data), 'cancelled'),
        error,
      }
    } catch {
      // A row that cannot be read: open() says so and sets it aside when its turn comes.
      return { id: held.id, verdict: handBack(held), event: 'released', job: undefined }
    }
  }

  /** Calls the handler, through the schema and the middleware where there are any. May throw as the handler does. */
  call(attempt: Attempt): unknown {
    const handler = this.handler(attempt.row.name) as AnyHandler
    const definition: JobDefinition<any, any, any> | undefined = this.#definition.jobs?.[attempt.row.name]
    const { context } = this.#host
    if (this.#options.middleware.length === 0 && definition?.data === undefined && definition?.result === undefined)
      return context.call(handler, attempt.job, attempt)
    return context.call(() => this.#callChecked(attempt, handler, definition), undefined, undefined)
  }

  async #callChecked(attempt: Attempt, handler: AnyHandler, definition: JobDefinition<any, any, any> | undefined): Promise<unknown> {
    const { row } = attempt
    const check = async (schema: NonNullable<typeof definition>['data'], what: string, value: unknown): Promise<unknown> => {
      if (schema === undefined) return value
      const result = await validate(schema, value)
      if ('issues' in result) throw this.#refusal(new InvalidJobError(`${what} of job ${row.name}`, result.issues))
      return result.value
    }
    if (definition?.data !== undefined) attempt.job = attempt.job.with({ data: await check(definition.data, 'data', attempt.job.data) })
    const result = await callThrough(this.#options.middleware, attempt, async () => handler(attempt.job, attempt))
    return check(definition?.result, 'result', result)
  }

  /** The handler returned. A timeout or a cancel has decided already. */
  returned(attempt: Attempt, result: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = attempt
    if (abortReason !== undefined && !(abortReason instanceof ClosingError)) return this.thrown(attempt, abortReason)
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

  /** The handler threw. Undefined when there is nothing to settle: the lease is lost. Never throws: what cannot be settled as it should fails this job alone. */
  thrown(attempt: Attempt, thrown: unknown): Outcome | undefined {
    try {
      return this.#thrown(attempt, thrown)
    } catch (fault) {
      this.#onError(fault)
      const { held, state, job } = attempt
      const verdict = fail(held, { ...unread, stalls: state.stalls }, undefined, state.attempts + 1, describeError(fault), '')
      return { id: held.id, verdict, event: 'failed', job, error: toError(fault) }
    }
  }

  #thrown(attempt: Attempt, thrown: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = attempt
    if (abortReason instanceof LeaseLostError) return undefined
    if (abortReason instanceof ClosingError) return { id: held.id, verdict: handBack(held), event: 'released', job }
    if (abortReason instanceof CancelledError)
      return {
        id: held.id,
        verdict: cancel(held, state, row, state.attempts + 1, abortReason, progressText),
        event: 'cancelled',
        job,
        error: abortReason,
      }
    // By a timeout: what the handler throws then is of no account.
    const wish = abortReason === undefined ? wishOf(thrown) : undefined
    const described = describeError(abortReason ?? thrown)
    if (wish === 'snooze') {
      const why = described.cause === undefined ? undefined : described
      return { id: held.id, verdict: again(held, state, state.attempts, delayOf(thrown) ?? 0, why, progressText), event: 'released', job }
    }
    const error = abortReason ?? toError(thrown)
    const attempts = state.attempts + 1
    const last = wish === 'discard' || this.#refusals.has(thrown as object) || attempts >= (row.options.attempts ?? 1)
    const delay = last ? undefined : wish === 'retry' ? delayOf(thrown) : this.#delay(error, attempt, attempts)
    if (delay === undefined)
      return { id: held.id, verdict: fail(held, state, row, attempts, described, progressText), event: 'failed', job, error }
    return { id: held.id, verdict: again(held, state, attempts, delay, described, progressText), event: 'retrying', job, error, delay }
  }

  /** ms until the next attempt; undefined for none. */
  #delay(error: Error, attempt: Attempt, failures: number): number | undefined {
    const { retryDelay } = this.#options
    try {
      const own: unknown = retryDelay && this.#host.context.call(retryDelay, error, attempt.job)
      if (own === false) return undefined
      // An async function, by mistake: what it rejects with belongs to the same complaint.
      callForeign(() => own, [], this.#onError)
      if (own !== undefined) return milliseconds('retryDelay', own as number)
    } catch (fault) {
      this.#onError(fault)
    }
    return backoffDelay(attempt.row.options.backoff ?? exponential, failures)
  }
}
