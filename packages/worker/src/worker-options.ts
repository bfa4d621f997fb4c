import { ConfigurationError, type Duration, type Logger, type Store } from '@ripen/store'
import { any, boolean, integer, logger, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import type { Job } from '@ripen/queue'
import type { JobContext } from './run/job-context.ts'

/** Runs around every handler, first given first: call `next()` once, and answer its result. */
export type Middleware = (job: Job, context: JobContext, next: () => Promise<unknown>) => Promise<unknown>

export interface WorkerOptions {
  /** Required unless a Queue is given, which has one. */
  readonly store?: Store
  /** How many jobs run at the same time. Default 1, at most 100,000. */
  readonly concurrency?: number
  /** How many jobs to hold ready beyond those that run. `'auto'` (default) measures: many for short jobs, none for long ones; at most 500. */
  readonly prefetch?: 'auto' | number
  /** How long a job stays with this worker after its last heartbeat. Default 10 s, at least 1 s. */
  readonly lease?: Duration
  /** How long the event loop may be blocked before the heartbeat stops speaking for it. Default 60 s. */
  readonly maxBlocked?: Duration
  /** How many times a job may lose its lease; the next time fails it. Default 3. */
  readonly maxStalls?: number
  /** The whole bound of `close()`. Default 25 s. */
  readonly closeTimeout?: Duration
  readonly middleware?: readonly Middleware[]
  /** Asked after a failed attempt that is not the last: the delay before the next, `false` for no more, `undefined` for the job's backoff. */
  readonly retryDelay?: (error: Error, job: Job) => Duration | false | undefined
  /**
   * Whether this worker serves its endpoints, by which whoever may use the store's endpoints reads it, pauses it and sets its concurrency: see {@link Worker.address}. Default true.
   * With false it serves none, and its user needs no rights for them.
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
  prefetch: optional<'auto' | number, 'auto'>((option, value) => (value === 'auto' ? value : integer(0, 500)(option, value)), 'auto'),
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
