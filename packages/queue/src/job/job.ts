import type { Duration } from '@ripen/store'
import { readLogs, type LogLine, type LogsOptions } from '../features/logs/read-logs.ts'
import type { JobHome } from './job-home.ts'
import type { Data, Result } from './job-map.ts'
import type { JobOptions } from './job-options.ts'
import type { DecodedRow, JobError, JobStateRow } from './row.ts'
import type { StoredOptions } from './stored-options.ts'

/** Where a job stands. A `blocked` job waits for the active job of its unique key to end. */
export type JobState = 'scheduled' | 'ready' | 'active' | 'blocked' | 'completed' | 'failed' | 'cancelled'

/** How long to wait. */
export interface WaitOptions {
  /** Then the wait rejects with a TimedOutError. Default: no limit. */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

/** How long to watch. */
export interface WatchOptions {
  readonly signal?: AbortSignal
}

/**
 * A job as it was when it was added, read, or passed to a handler or listener. It never changes; `refresh()`
 * reads it again.
 */
export interface JobOf<Name, Payload, Answer> {
  readonly id: string
  readonly queue: string
  readonly name: Name
  readonly data: Payload
  /**
   * The given options over the defaults. A run of a schedule also has `schedule`: the schedule's id and the
   * time of the run, `at`, in epoch ms.
   */
  readonly options: JobOptions & { readonly schedule?: { readonly id: string; readonly at: number } }
  readonly state: JobState
  /**
   * How many attempts have begun: 0 before the first, 1 during and after it. Handlers, listeners and readers
   * see the same number. A snooze, a hand-back or a stall does not count, so the number goes back. An active
   * job counts its current attempt. `retry()` starts again at 0.
   */
  readonly attempt: number
  /** How many leases the job has lost. */
  readonly stalls: number
  /** The latest value passed to `context.progress()`; undefined if there is none. */
  readonly progress: unknown
  readonly result: Answer | undefined
  /** The error of the last failed attempt. */
  readonly error: JobError | undefined
  /** True if `add` found this job already there, by its id or its unique key. */
  readonly duplicate: boolean
  /** Times by the server's clock, in epoch ms. */
  readonly addedAt: number
  readonly dueAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /**
   * Waits for the job to end, and returns its result. Retention spares the job from now on.
   *
   * @throws JobFailedError with the job's error as its cause; CancelledError; JobGoneError if the job was
   *   removed or its retention ended; TimedOutError; InvalidJobError if its end cannot be read; ClosingError
   *   if the queue closes; the reason of the signal.
   */
  wait(options?: WaitOptions): Promise<Answer>
  /**
   * Yields the job as it is now, then again after each change of its state or progress, until it ends or is
   * removed. A slow reader skips to the newest. Retention spares the job from now on. Outages of the server
   * are waited out.
   *
   * @param options.signal ends the iteration without an error.
   * @throws ClosingError if the queue or its store closes.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<JobOf<Name, Payload, Answer>>
  /** Reads the job again, into a new object. Null if it is gone. */
  refresh(): Promise<JobOf<Name, Payload, Answer> | null>
  /**
   * Returns what its handlers have logged with `context.log()`, over all attempts, oldest first; nothing for
   * a job that is gone. Only the last lines are kept: a first `n` above `after + 1` means that older lines
   * have gone. To read on, pass the last `n` as `after`. The user needs the role `reader` or `operator`.
   *
   * @throws ConfigurationError for an option that breaks its rule; AccessError; ConnectionError.
   */
  logs(options?: LogsOptions): Promise<LogLine[]>
  /**
   * Makes a failed or cancelled job ready again, with a full new set of attempts. Returns false if its state
   * does not allow it, or if another job holds its unique key.
   */
  retry(): Promise<boolean>
  /**
   * Ends a waiting job as cancelled, or aborts the signal of an active one. Returns false if the job has
   * ended.
   */
  cancel(reason?: string): Promise<boolean>
  /** Makes a scheduled job ready now. Returns false if it is not scheduled. */
  promote(): Promise<boolean>
  /** Deletes the job. Returns false if it is active or gone. */
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

/** The members of a job that may change between two readings. */
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

  /**
   * The same job as it is now. It is another object, so this is called only where somebody gets to see it.
   */
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

  logs(options?: LogsOptions): Promise<LogLine[]> {
    return readLogs(this.#home.shard, this.id, options)
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
