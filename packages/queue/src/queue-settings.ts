import { ConfigurationError, type Duration } from '@ripen/store'
import { any, integer, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import { completedAge, completedCount, failedAge, failedCount } from './constants.ts'
import { parseJobOptions, type JobOptions, type ParsedJobOptions } from './job/job-options.ts'
import type { Job } from './job/job.ts'
import type { Scorer } from './sets/scorer.ts'

/**
 * How long a queue keeps ended jobs (`age`), and how many (`count`). The first limit that is reached applies.
 */
export interface QueueRetention {
  /** For completed and for cancelled jobs. Default 1 day and 1,000 jobs; `count: 0` keeps none. */
  readonly completed?: { readonly age?: Duration; readonly count?: number }
  /** For failed jobs, the dead letters. Default 30 days and 10,000 jobs. */
  readonly failed?: { readonly age?: Duration; readonly count?: number }
}

/**
 * Returns the place of a job within its priority: a whole number in [0, 2^42), lower is taken sooner. Called
 * once, in `add`, with the data as given.
 */
export type JobScorer = Scorer<Pick<Job, 'name' | 'data' | 'options'>>

/** The order as a queue keeps it. */
export type QueueOrder = 'fifo' | 'lifo' | 'deadline' | 'scorer'

export interface QueueSettings {
  /** Options that every job starts from. */
  readonly defaults?: Omit<JobOptions, 'id' | 'runAt'>
  /**
   * Which ready job of one priority is taken first. `'fifo'` (default): the one that became ready first.
   * `'lifo'`: the one that became ready last. `'deadline'`: the one whose `expiresIn` ends first; jobs
   * without one come last, in the order in which they became ready. A function: the one with the lowest
   * place, which stays with the job. Among equals the lower id is first. The queue keeps the order of its
   * first use. Another one later is a ConfigurationError.
   */
  readonly order?: 'fifo' | 'lifo' | 'deadline' | JobScorer
  /** The longest data, and the longest result, of a job in bytes of JSON. Default 1 MiB, at most 16 MiB. */
  readonly maxPayload?: number
  /**
   * How to keep ended jobs. Stored with the queue: the last definition wins. A job's own `retain` overrides
   * the ages.
   */
  readonly retain?: QueueRetention
}

export interface ParsedQueueSettings {
  readonly defaults: ParsedJobOptions
  readonly order: QueueOrder | undefined
  /** With the order `'scorer'`, where it was given; a queue that was made of its name alone has none. */
  readonly scorer: JobScorer | undefined
  readonly maxPayload: number
  /** In the form that the shard keeps: `<age> <count> <age> <count>`, or `''` to leave it unchanged. */
  readonly retain: string
}

const retention =
  (age: number, count: number): Rule<string> =>
  (option, value) => {
    const parsed = parseOptions('retain', value, { age: optional(span(), age), count: optional(integer(0, 100_000_000), count) }, option)
    return `${parsed.age} ${parsed.count}`
  }
const completed = retention(completedAge, completedCount)
const failed = retention(failedAge, failedCount)

const retain: Rule<string> = (option, value) => {
  const parsed = parseOptions('retain', value, { completed, failed }, option)
  return `${parsed.completed} ${parsed.failed}`
}

const jobDefaults: Rule<ParsedJobOptions> = (option, value) => {
  for (const key of ['id', 'runAt'])
    if (typeof value === 'object' && value !== null && key in value)
      throw new ConfigurationError(`${option}.${key}`, 'cannot be a default: pass it to add()')
  return parseJobOptions(value, option)
}

const namedOrder = oneOf('fifo', 'lifo', 'deadline')
const order: Rule<'fifo' | 'lifo' | 'deadline' | JobScorer> = (option, value) =>
  typeof value === 'function' ? (value as JobScorer) : namedOrder(option, value)

const rules = {
  defaults: jobDefaults,
  order: optional(order, undefined),
  maxPayload: optional(integer(1, 16 * 2 ** 20), 2 ** 20),
  retain: optional(retain, ''),
}

/** @throws ConfigurationError for a setting that breaks its rule. */
export function parseQueueSettings(input: unknown): ParsedQueueSettings {
  const { order: given, ...settings } = parseOptions('QueueSettings', input, rules)
  return typeof given === 'function' ? { ...settings, order: 'scorer', scorer: given } : { ...settings, order: given, scorer: undefined }
}

/** The rules of QueueSettings, taken as they are: for an object that has further keys. */
export const settingKeys: Record<keyof typeof rules, Rule<unknown>> = { defaults: any(), order: any(), maxPayload: any(), retain: any() }
