import type { Duration } from '@ripen/store'
import type { JobHome } from './job-home.ts'
import type { Data, Result } from './job-map.ts'
import type { JobOptions } from './job-options.ts'
import type { DecodedRow, JobError, JobStateRow } from './row.ts'
import type { StoredOptions } from './stored-options.ts'

/** `blocked` jobs wait for something else than time and a free worker: for the job of their unique key that runs. */
export type JobState = 'scheduled' | 'ready' | 'active' | 'blocked' | 'completed' | 'failed' | 'cancelled'

/** A wait that ends: after `timeout` with a TimedOutError, or when the signal aborts with its reason. */
export interface WaitOptions {
  /** ms or text; default: until it happens. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** A watch that ends when the signal aborts. */
export interface WatchOptions {
  readonly signal?: AbortSignal
}

/** One job as it was when it was read, added, or given to a handler or a listener: it never changes. `refresh()` reads it again. */
export interface JobOf<Name, Payload, Answer> {
  readonly id: string
  readonly queue: string
  readonly name: Name
  readonly data: Payload
  /** As they were given, over the defaults; of a run of a schedule also which one it is. */
  readonly options: JobOptions & { readonly schedule?: { readonly id: string; readonly at: number } }
  readonly state: JobState
  /**
   * How many attempts have begun: 0 before the first, 1 in it and after it, the same for handlers, listeners and readers. What ends in a snooze, a hand-back or a stall is no attempt, so the
   * number goes back to what it was before. An active job counts the attempt that it was leased for. `retry()` starts at 0 again.
   */
  readonly attempt: number
  /** How many leases were lost. */
  readonly stalls: number
  /** The last value given to `context.progress()`. */
  readonly progress: unknown
  readonly result: Answer | undefined
  /** Of the last attempt that failed. */
  readonly error: JobError | undefined
  /** `add` found the job there already, by its id or its unique key. */
  readonly duplicate: boolean
  /** Times by the server's clock, in epoch ms. */
  readonly addedAt: number
  readonly dueAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /**
   * The result, once the job has completed. From now on retention spares it.
   *
   * @throws JobFailedError with the job's error as cause; CancelledError; JobGoneError when the job was removed; TimedOutError; InvalidJobError when how it ended cannot be read; ClosingError; the signal's reason.
   */
  wait(options?: WaitOptions): Promise<Answer>
  /**
   * The job as it is now, then after each change of its state or its progress as it is then, up to its end; who is slow skips to the newest. A removed job ends it as well. From now on
   * retention spares the job. An outage of the server is waited out.
   *
   * @param options.signal ends the iteration quietly.
   * @throws ClosingError when the queue or its store closes.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<JobOf<Name, Payload, Answer>>
  /** The job as it is now, as another object; null when it is gone. */
  refresh(): Promise<JobOf<Name, Payload, Answer> | null>
  /** A failed or cancelled job becomes ready with a full new set of attempts. False: its state forbids it, or another job holds its unique key. */
  retry(): Promise<boolean>
  /** A waiting job ends now, an active one is asked to through its signal. False: it has ended. */
  cancel(reason?: string): Promise<boolean>
  /** A scheduled job becomes ready now. False: it is not scheduled. */
  promote(): Promise<boolean>
  /** Forgets the job. False: it is active, or gone. */
  remove(): Promise<boolean>
}

/** A job of a job map; narrows by `name`. */
export type Job<J = Record<string, any>, Name extends keyof J = keyof J> = {
  [Each in Name]: JobOf<Each & string, Data<J, Each>, Result<J, Each>>
}[Name]

/** How a job stands, apart from what never changes. */
export interface Standing {
  readonly state: JobState
  readonly stateRow: JobStateRow
  /** The score in the set of its state: a time for all but ready ones. */
  readonly score?: number | undefined
  /** The fence of the lease, while active. */
  readonly fence?: number | undefined
  readonly duplicate?: boolean
}

/** What of a job may be another. */
export type JobChanges = Partial<Pick<StoredJob, 'data' | 'state' | 'progress' | 'result' | 'error' | 'duplicate'>>

const terminal: ReadonlySet<JobState> = new Set(['completed', 'failed', 'cancelled'])

export class StoredJob implements JobOf<string, any, any> {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly data: any
  readonly options: JobOf<string, any, any>['options']
  readonly state: JobState
  readonly attempt: number
  readonly stalls: number
  readonly progress: unknown
  readonly result: any
  readonly error: JobError | undefined
  readonly duplicate: boolean
  readonly addedAt: number
  readonly dueAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  readonly #home: JobHome

  /** @param data the parsed data, which a row holds as text. */
  constructor(
    home: JobHome,
    id: string,
    row: Pick<DecodedRow, 'name' | 'priority' | 'options'>,
    addedAt: number,
    data: unknown,
    standing: Standing,
  ) {
    const { state, stateRow, score, fence = stateRow.fence, duplicate = false } = standing
    this.#home = home
    this.id = id
    this.queue = home.name
    this.name = row.name
    this.data = data
    this.options = row.priority === 0 ? row.options : { ...row.options, priority: row.priority }
    this.state = state
    // The row counts those that have ended.
    this.attempt = state === 'active' ? stateRow.attempts + 1 : stateRow.attempts
    this.stalls = stateRow.stalls
    this.progress = stateRow.progress
    this.result = stateRow.result
    this.error = stateRow.error
    this.duplicate = duplicate
    this.addedAt = addedAt
    this.dueAt =
      state === 'scheduled' && score !== undefined ? score : (stateRow.due ?? row.options.runAt ?? addedAt + (row.options.delay ?? 0))
    this.startedAt = fence === undefined ? undefined : Math.floor(fence / 1_000)
    this.finishedAt = terminal.has(state) ? score : undefined
  }

  /** The same job as it is now. It is another object, so this is called only where somebody gets to see it. */
  with(changes: JobChanges): StoredJob {
    const { state = this.state, duplicate = this.duplicate } = changes
    const data: unknown = 'data' in changes ? changes.data : this.data
    const progress = 'progress' in changes ? changes.progress : this.progress
    const result: unknown = 'result' in changes ? changes.result : this.result
    const error = 'error' in changes ? changes.error : this.error
    const fence = this.startedAt === undefined ? undefined : this.startedAt * 1_000
    const attempts = state === 'active' ? this.attempt - 1 : this.attempt
    return new StoredJob(
      this.#home,
      this.id,
      { name: this.name, priority: 0, options: this.options as StoredOptions },
      this.addedAt,
      data,
      {
        state,
        stateRow: { attempts, stalls: this.stalls, due: this.dueAt, fence, error, result, progress },
        score: state === 'scheduled' ? this.dueAt : this.finishedAt,
        duplicate,
      },
    )
  }

  wait(options?: WaitOptions): Promise<any> {
    return this.#home.wait(this.id, options)
  }

  watch(options?: WatchOptions): AsyncIterableIterator<StoredJob> {
    return this.#home.watch(this.id, options)
  }

  async refresh(): Promise<StoredJob | null> {
    return (await this.#home.getJob(this.id)) as StoredJob | null
  }

  async retry(): Promise<boolean> {
    return (await this.#home.retry(this.id)) > 0
  }

  async cancel(reason?: string): Promise<boolean> {
    return (await this.#home.cancel(this.id, reason === undefined ? {} : { reason })) > 0
  }

  async promote(): Promise<boolean> {
    return (await this.#home.promote(this.id)) > 0
  }

  async remove(): Promise<boolean> {
    return (await this.#home.remove(this.id)) > 0
  }
}
