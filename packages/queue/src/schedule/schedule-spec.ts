import { ConfigurationError, type Duration } from '@ripen/store'
import { any, integer, oneOf, optional, parseOptions, span } from '@ripen/store/internal'
import type { Input } from '../job/job-map.ts'
import type { JobOptions } from '../job/job-options.ts'
import { parseTiming, type ScheduleTiming } from './timing.ts'

/**
 * Options of the jobs that a schedule adds. Each run has its own id and time. A `unique` key is decided when
 * the run is added; if another job holds it, the run counts as overlapped.
 */
export type ScheduledJobOptions = Omit<JobOptions, 'id' | 'delay' | 'runAt' | 'durability'>

/** What a schedule adds at each of its times. */
export type ScheduledJob<J> = {
  [Name in keyof J & string]: { readonly name: Name; readonly options?: ScheduledJobOptions } & (undefined extends Input<J, Name>
    ? { readonly data?: Input<J, Name> }
    : { readonly data: Input<J, Name> })
}[keyof J & string]

/** When a schedule runs, and what happens to runs that come too late or too soon. */
export interface ScheduleSpec<J = Record<string, any>> extends ScheduleTiming {
  readonly job: ScheduledJob<J>
  /**
   * What to do about runs missed while no worker was there. `'one'` (default): one run stands for all.
   * `'all'`: all are added, oldest first, but at most the last 10,000; the worker emits an `error` that says
   * what was skipped. `'skip'`: none is added.
   */
  readonly catchUp?: 'skip' | 'one' | 'all'
  /**
   * How late a run may be. Older ones are dropped. Default: no limit, or one minute with `catchUp: 'skip'`.
   */
  readonly catchUpWindow?: Duration
  /**
   * What to do while an earlier run has not ended. `'one'` (default): one run may wait. `'all'`: all are
   * added. `'skip'`: none is added.
   */
  readonly overlap?: 'skip' | 'one' | 'all'
  /**
   * Delays each run by a part of this, which depends only on the schedule and the time of the run. Default 0.
   */
  readonly jitter?: Duration
  /** The most runs in all. Default: no limit. */
  readonly limit?: number
}

/** The stored form. Two specs are the same if the JSON of this, with keys in this order, is the same. */
export interface StoredSpec {
  /** Durations and times as numbers. */
  readonly timing: ScheduleTiming
  readonly catchUp: 'skip' | 'one' | 'all'
  readonly catchUpWindow?: number
  readonly overlap: 'skip' | 'one' | 'all'
  readonly jitter: number
  readonly limit?: number
  /** Of the job, as {@link encodeRow} makes it. */
  readonly row: string
}

const rules = {
  cron: any<unknown>(),
  every: any<unknown>(),
  tz: any<unknown>(),
  start: any<unknown>(),
  end: any<unknown>(),
  job: any<unknown>(),
  catchUp: optional(oneOf('skip', 'one', 'all'), 'one' as const),
  catchUpWindow: optional(span(1), undefined),
  overlap: optional(oneOf('skip', 'one', 'all'), 'one' as const),
  jitter: optional(span(), 0),
  limit: optional(integer(1, Number.MAX_SAFE_INTEGER), undefined),
}
const jobRules = { name: any<string>(), data: any<unknown>(), options: any<unknown>() }
/** Each run has its own. */
const ownOptions = ['id', 'delay', 'runAt', 'durability']

/** For `'skip'`, in ms: a run that a worker comes to so late is in time. */
const grace = 60_000

/**
 * @param prepare makes the row of the job.
 * @throws ConfigurationError that names the option, its rule and the value; InvalidJobError.
 */
export async function parseSpec(
  input: unknown,
  prepare: (name: string, data: unknown, options: unknown) => { readonly row: string } | Promise<{ readonly row: string }>,
): Promise<StoredSpec> {
  const { cron, every, tz, start, end, job, ...policy } = parseOptions('a schedule', input, rules)
  const timing = normalized({ cron, every, tz, start, end })
  if (job === undefined) throw new ConfigurationError('job', 'is required: { name, data, options }', job)
  const { name, data, options } = parseOptions('the job of a schedule', job, jobRules, 'job')
  for (const option of ownOptions)
    if (typeof options === 'object' && options !== null && (options as Record<string, unknown>)[option] !== undefined)
      throw new ConfigurationError(
        `job.options.${option}`,
        'must not be given: each run has its own',
        (options as Record<string, unknown>)[option],
      )
  const { row } = await prepare(name, data, options)
  const { catchUp, overlap, jitter, limit } = policy
  const catchUpWindow = policy.catchUpWindow ?? (catchUp === 'skip' ? grace : undefined)
  return {
    timing,
    catchUp,
    ...(catchUpWindow === undefined ? {} : { catchUpWindow }),
    overlap,
    jitter,
    ...(limit === undefined ? {} : { limit }),
    row,
  }
}

/** Checks when a schedule runs. */
function normalized(given: Readonly<Record<'cron' | 'every' | 'tz' | 'start' | 'end', unknown>>): ScheduleTiming {
  const parsed = parseTiming('', Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  const { start, end } = parsed
  return {
    ...('every' in parsed ? { every: parsed.every } : { cron: given.cron as string, tz: (given.tz as string | undefined) ?? 'UTC' }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  }
}
