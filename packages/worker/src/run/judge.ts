import { CancelledError, ClosingError, LeaseLostError } from '@ripen/store'
import { callForeign, describeError, milliseconds, toError } from '@ripen/store/internal'
import { backoffDelay, exponential } from '@ripen/queue/internal'
import type { WorkerOptions } from '../worker-options.ts'
import type { Execution } from './execution.ts'
import type { Outcome } from './outcome.ts'
import { delayOf, wishOf } from './wishes.ts'
import { isPayloadRefusal, refusePayload } from './payload-refusals.ts'
import type { RunContext } from './run-context.ts'
import { again, cancel, complete, fail, failUnread, handBack } from './verdict.ts'

export interface JudgeParts {
  readonly context: RunContext
  readonly retryDelay: WorkerOptions['retryDelay']
  /** Characters of a result, at most. */
  readonly maxPayload: number
  /** Hears what is no failure of a job. */
  readonly error: (error: unknown) => void
}

/** Turns what a handler did into the outcome of its job. */
export class Judge {
  readonly #context: RunContext
  readonly #retryDelay: WorkerOptions['retryDelay']
  readonly #maxPayload: number
  readonly #error: (error: unknown) => void

  constructor({ context, retryDelay, maxPayload, error }: JudgeParts) {
    this.#context = context
    this.#retryDelay = retryDelay
    this.#maxPayload = maxPayload
    this.#error = error
  }

  /** The handler returned. An abort by timeout or cancel that came first decides. */
  returned(execution: Execution, result: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = execution
    if (abortReason !== undefined && !(abortReason instanceof ClosingError)) return this.thrown(execution, abortReason)
    try {
      const verdict = complete(held, state, row, result, progressText, this.#maxPayload)
      return { held, verdict, event: 'completed', job, value: result }
    } catch (error) {
      return this.thrown(execution, refusePayload(error))
    }
  }

  /**
   * The handler threw, or was given up. Never throws: a verdict that cannot be written fails this job alone.
   *
   * @returns undefined when there is nothing to settle: the lease is lost.
   */
  thrown(execution: Execution, thrown: unknown): Outcome | undefined {
    try {
      return this.#thrown(execution, thrown)
    } catch (fault) {
      this.#error(fault)
      const { held, state, job } = execution
      const verdict = failUnread(held, { attempts: state.attempts + 1, stalls: state.stalls }, describeError(fault))
      return { held, verdict, event: 'failed', job, error: toError(fault) }
    }
  }

  #thrown(execution: Execution, thrown: unknown): Outcome | undefined {
    const { abortReason, held, state, row, job, progressText } = execution
    if (abortReason instanceof LeaseLostError) return undefined
    if (abortReason instanceof ClosingError) return { held, verdict: handBack(held), event: 'handedBack', job }
    const attempts = state.attempts + 1
    if (abortReason instanceof CancelledError) {
      const verdict = cancel(held, state, row, attempts, abortReason, progressText)
      return { held, verdict, event: 'cancelled', job, error: abortReason }
    }
    // After a timeout, what the handler throws does not matter.
    const wish = abortReason === undefined ? wishOf(thrown) : undefined
    const described = describeError(abortReason ?? thrown)
    if (wish === 'snooze') {
      const why = described.cause === undefined ? undefined : described
      return { held, verdict: again(held, state, state.attempts, delayOf(thrown) ?? 0, why, progressText), event: 'snoozed', job }
    }
    const error = abortReason ?? toError(thrown)
    const last = wish === 'discard' || isPayloadRefusal(thrown) || attempts >= (row.options.attempts ?? 1)
    const delay = last ? undefined : wish === 'retry' ? delayOf(thrown) : this.#delay(execution, error, attempts)
    if (delay === undefined)
      return { held, verdict: fail(held, state, row, attempts, described, progressText), event: 'failed', job, error }
    return { held, verdict: again(held, state, attempts, delay, described, progressText), event: 'retrying', job, error, delay }
  }

  /** ms until the next attempt; undefined for none. */
  #delay({ job, row }: Execution, error: Error, failures: number): number | undefined {
    try {
      const own: unknown = this.#retryDelay && this.#context.call(this.#retryDelay, error, job)
      if (own === false) return undefined
      // An async function, by mistake: its rejection is part of the same complaint.
      callForeign(() => own, [], this.#error)
      if (own !== undefined) return milliseconds('retryDelay', own as number)
    } catch (fault) {
      this.#error(fault)
    }
    return backoffDelay(row.options.backoff ?? exponential, failures)
  }
}
