import { ConfigurationError, type Duration, type Logger, type Store } from '@ripen/store'
import { any, boolean, integer, logger, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import { batchJobs } from '@ripen/queue/internal'
import type { Job } from '@ripen/queue'
import type { JobContext } from './run/job-context.ts'

/** Runs around every handler; the first one is outermost. Call `next()` once and return its result. */
export type Middleware = (job: Job, context: JobContext, next: () => Promise<unknown>) => Promise<unknown>

export interface WorkerOptions {
  /** Required unless the first argument is a Queue, which has one. */
  readonly store?: Store
  /** How many jobs run at the same time, from 1 to 100,000. Default 1. */
  readonly concurrency?: number
  /**
   * How many jobs to hold beyond those that run, at most 500. `'auto'` (default) measures: many for short
   * jobs, none for long ones.
   */
  readonly prefetch?: 'auto' | number
  /** How long this worker keeps its jobs after its last heartbeat, at least 1 s. Default 10 s. */
  readonly lease?: Duration
  /** How long the event loop may be blocked before heartbeats stop. Default 60 s. */
  readonly maxBlocked?: Duration
  /** How often a job may lose its lease. The next loss fails the job. Default 3. */
  readonly maxStalls?: number
  /** The longest that `close()` may take. Default 25 s. */
  readonly closeTimeout?: Duration
  readonly middleware?: readonly Middleware[]
  /**
   * Called after a failed attempt, unless it was the last. Returns the delay before the next attempt, `false`
   * for no more attempts, or `undefined` to use the job's backoff. Default: the job's backoff.
   */
  readonly retryDelay?: (error: Error, job: Job) => Duration | false | undefined
  /**
   * Whether this worker serves endpoints. Anyone who may use the store's endpoints can then read the worker,
   * pause it and set its concurrency: see {@link Worker.address}. Default true. With false, the user of the
   * worker needs no rights for endpoints.
   */
  readonly steering?: boolean
  /** Default: the store's. */
  readonly logger?: Logger
}

export interface ParsedWorkerOptions {
  readonly store: Store | undefined
  readonly concurrency: number
  readonly prefetch: 'auto' | number
  readonly lease: number
  readonly maxBlocked: number
  readonly maxStalls: number
  readonly closeTimeout: number
  readonly middleware: readonly Middleware[]
  readonly retryDelay: WorkerOptions['retryDelay']
  readonly steering: boolean
  readonly logger: Logger | undefined
}

export const concurrency: Rule<number> = integer(1, 100_000)

const functions: Rule<readonly Middleware[]> = (option, value) => {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'function'))
    throw new ConfigurationError(option, 'must be an array of functions', value)
  return value as readonly Middleware[]
}

const aFunction: Rule<NonNullable<WorkerOptions['retryDelay']>> = (option, value) => {
  if (typeof value !== 'function') throw new ConfigurationError(option, 'must be a function', value)
  return value as NonNullable<WorkerOptions['retryDelay']>
}

const rules = {
  store: any<Store | undefined>(),
  concurrency: optional(concurrency, 1),
  prefetch: optional<'auto' | number, 'auto'>((option, value) => (value === 'auto' ? value : integer(0, batchJobs)(option, value)), 'auto'),
  lease: optional(span(1_000), 10_000),
  maxBlocked: optional(span(1_000), 60_000),
  maxStalls: optional(integer(0, 1_000), 3),
  closeTimeout: optional(span(1), 25_000),
  middleware: optional(functions, []),
  retryDelay: optional(aFunction, undefined),
  steering: optional(boolean, true),
  logger: optional(logger, undefined),
}

/** @throws ConfigurationError for an option that breaks its rule. */
export function parseWorkerOptions(input: unknown): ParsedWorkerOptions {
  return parseOptions('Worker options', input, rules)
}

export function requireStore(store: Store | undefined): Store {
  if (store === undefined) throw new ConfigurationError('store', 'is required unless the first argument is a Queue, which has one')
  return store
}
