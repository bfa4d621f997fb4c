import { InvalidJobError, StalledError, type CancelledError } from '@ripen/store'
import { describeError } from '@ripen/store/internal'
import { decodeRow, decodeState, deserialize, StoredJob, type DecodedRow, type JobHome, type JobStateRow } from '@ripen/queue/internal'
import type { JobState } from '@ripen/queue'
import { Execution, type ExecutionHost } from './execution.ts'
import { stateOf, type HeldJob } from './held-job.ts'
import type { Outcome } from './outcome.ts'
import { again, cancel, fail, failUnread, handBack, type Verdict } from './verdict.ts'

/**
 * A job whose name has no handler here comes back after this long, in ms: in a rolling deploy other workers
 * know it.
 */
const unknownNameDelay = 5_000

export interface HeldJobReaderParts {
  readonly home: JobHome
  readonly maxStalls: number
  readonly host: ExecutionHost
  /** Hears what is no failure of a job. */
  readonly error: (error: unknown) => void
}

/** Reads the rows of jobs that this worker holds. */
export class HeldJobReader {
  readonly #home: JobHome
  readonly #maxStalls: number
  readonly #host: ExecutionHost
  readonly #error: (error: unknown) => void
  #lastYield = Number.NEGATIVE_INFINITY

  constructor({ home, maxStalls, host, error }: HeldJobReaderParts) {
    this.#home = home
    this.#maxStalls = maxStalls
    this.#host = host
    this.#error = error
  }

  /** @returns an outcome for a job that cannot be run. */
  open(held: HeldJob): Execution | Outcome {
    let row: DecodedRow | undefined
    try {
      row = decodeRow(held.row)
      const state = stateOf(held)
      if (state.stalls > this.#maxStalls) return this.#stalled(held, row, state)
      if (!this.#host.executor.has(row.name)) return this.#unknown(held, row, state)
      return new Execution(this.#host, held, row, state, this.#job(held, row, state, deserialize(row.data)))
    } catch (cause) {
      const issue = { message: held.row === '' ? 'has no row' : 'has a row that cannot be read' }
      const error = new InvalidJobError(`job ${held.id}`, [issue], cause)
      this.#error(error)
      return { held, verdict: unreadVerdict(held, row, error), event: 'failed', job: undefined, error }
    }
  }

  #stalled(held: HeldJob, row: DecodedRow, state: JobStateRow): Outcome {
    const error = new StalledError(state.stalls)
    const verdict = fail(held, state, row, state.attempts, describeError(error), undefined)
    return { held, verdict, event: 'failed', job: this.#job(held, row, state, undefined, 'failed'), error }
  }

  /**
   * Puts back a job of an unknown name, to come again after a delay, so that such jobs do not fill the
   * worker's slots. A job that comes here again is now and then put back at once, while this worker takes
   * nothing for a moment: another worker with a free slot is woken, and may know the name.
   */
  #unknown(held: HeldJob, row: DecodedRow, state: JobStateRow): Outcome {
    const message = `has the name ${row.name}, for which this worker has no handler; it is put back`
    this.#error(new InvalidJobError(`job ${held.id}`, [{ message }]))
    const outcome = { held, event: 'handedBack', job: undefined } as const
    const now = this.#host.clock.now()
    if (held.stateRow === '' || now - this.#lastYield < unknownNameDelay)
      return { ...outcome, verdict: again(held, state, state.attempts, unknownNameDelay, undefined, undefined) }
    this.#lastYield = now
    return { ...outcome, verdict: handBack(held), yielding: true }
  }

  /**
   * @param state an active job counts the attempt that begins; a job that ends without its handler does not.
   */
  #job(held: HeldJob, row: DecodedRow, stateRow: JobStateRow, data: unknown, state: JobState = 'active'): StoredJob {
    return new StoredJob(this.#home, held.id, row, row.addedAt, data, { state, stateRow, fence: Number(held.fence) })
  }

  /** A cancel came before the handler was called. */
  cancelled(held: HeldJob, error: CancelledError): Outcome {
    try {
      const row = decodeRow(held.row)
      const state = stateOf(held)
      const verdict = cancel(held, state, row, state.attempts, error, undefined)
      return { held, verdict, event: 'cancelled', job: this.#job(held, row, state, deserialize(row.data), 'cancelled'), error }
    } catch {
      // The row cannot be read: open() says so and sets the job aside when its turn comes.
      return { held, verdict: handBack(held), event: 'handedBack', job: undefined }
    }
  }

  /**
   * Jobs that failed because they had not started in time. @param jobs id, row and state row of each in turn.
   */
  expired(jobs: readonly string[]): StoredJob[] {
    const found: StoredJob[] = []
    for (let i = 0; i < jobs.length; i += 3) {
      const [id = '', text = '', stateRow = ''] = jobs.slice(i, i + 3)
      try {
        const row = decodeRow(text)
        const read = { state: 'failed', stateRow: decodeState(stateRow) } as const
        found.push(new StoredJob(this.#home, id, row, row.addedAt, deserialize(row.data), read))
      } catch (cause) {
        this.#error(new InvalidJobError(`job ${id}`, [{ message: 'has expired, and has a row that cannot be read' }], cause))
      }
    }
    return found
  }
}

function unreadVerdict(held: HeldJob, row: DecodedRow | undefined, error: Error): Verdict {
  const described = describeError(error)
  try {
    return fail(held, { attempts: 0, stalls: 0, due: undefined, fence: undefined }, row, 0, described, undefined)
  } catch {
    return failUnread(held, { attempts: 0, stalls: 0 }, described) // its retention cannot be read either
  }
}
