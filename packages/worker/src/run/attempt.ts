import { TimedOutError } from '@ripen/store'
import { showAs, toError, type Clock } from '@ripen/store/internal'
import { encodeProgress, type DecodedRow, type JobStateRow, type StoredJob } from '@ripen/queue/internal'
import type { FeaturesByName } from '../features/open-features.ts'
import type { HeldJob } from './held-job.ts'
import type { JobContext } from './job-context.ts'
import type { RunContext } from './run-context.ts'

/** After an abort by timeout or cancel the handler has this long, in ms; then the attempt is settled without it. */
export const grace = 5_000

export interface AttemptHost {
  readonly context: RunContext
  readonly clock: Clock
  readonly features: FeaturesByName
  progressed(attempt: Attempt, value: unknown): Promise<void>
  /** A progress that JSON cannot hold. The handler may not have waited to hear of it. */
  refused(attempt: Attempt, reason: unknown): void
  /** The handler did not end within the grace after its abort. */
  overdue(attempt: Attempt): void
}

/** One run of a handler. It is the context that the handler gets; the signal is made only when asked for, since most handlers never look. */
export class Attempt implements JobContext {
  static {
    showAs(this.prototype, 'JobContext', ({ job: { id }, fence, attempt }) => ({ id, fence, attempt }))
  }

  readonly held: HeldJob
  readonly state: JobStateRow
  readonly row: DecodedRow
  /** As it is now: another object once a schema has given its data, and with each progress. */
  job: StoredJob
  readonly #host: AttemptHost
  readonly #maxPayload: number
  #controller: AbortController | undefined
  #callOff: (() => void) | undefined
  /** Why it was aborted: a timeout, a cancel, a lost lease or a close. */
  abortReason: Error | undefined
  /** When the handler was called, for the few that are measured. */
  sampledAt: number | undefined
  /** Settled, or given up: what the handler still does is of no account. */
  over = false
  /** The last progress as JSON. */
  progressText: string | undefined
  /** On the clock of the store; undefined without a timeout. */
  readonly deadline: number | undefined

  constructor(host: AttemptHost, held: HeldJob, row: DecodedRow, state: JobStateRow, job: StoredJob, maxPayload: number) {
    this.#host = host
    this.held = held
    this.row = row
    this.state = state
    this.job = job
    this.#maxPayload = maxPayload
    const { timeout } = row.options
    if (timeout !== undefined) {
      this.deadline = host.clock.now() + timeout
      this.#callOff = host.clock.after(timeout, () => this.abort(new TimedOutError(`the attempt ran for longer than ${timeout} ms`), true))
    }
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.abortReason !== undefined) this.#controller.abort(this.abortReason)
    }
    return this.#controller.signal
  }

  get fence(): number {
    return Number(this.held.fence)
  }

  get attempt(): number {
    return this.state.attempts + 1
  }

  /** Made when it is asked for: most handlers never ask. */
  get progress(): (value: unknown) => Promise<void> {
    return (value) => this.#progressed(value)
  }

  #progressed(value: unknown): Promise<void> {
    let text: string
    try {
      text = encodeProgress(value, this.#maxPayload)
    } catch (error) {
      const refused = Promise.reject<void>(toError(error))
      refused.catch((reason: unknown) => this.#host.refused(this, reason)) // most handlers do not wait for it
      return refused
    }
    if (this.over) return Promise.resolve()
    this.progressText = text
    this.job = this.job.with({ progress: value })
    return this.#host.progressed(this, value)
  }

  /** The first abort decides. @param bounded whether the attempt ends without the handler after the grace. */
  abort(reason: Error, bounded: boolean): void {
    if (this.over || this.abortReason !== undefined) return
    this.abortReason = reason
    this.#callOff?.()
    if (bounded) this.#callOff = this.#host.clock.after(grace, () => this.#host.overdue(this))
    if (this.#controller !== undefined) this.#host.context.call(() => this.#controller?.abort(reason), undefined, undefined)
  }

  end(): void {
    this.over = true
    this.#callOff?.()
  }
}
