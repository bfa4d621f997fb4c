import { ConfigurationError, type Duration } from '@ripen/store'
import { any, integer, oneOf, optional, parseOptions, span, type Rule } from '@ripen/store/internal'
import { parseJobOptions, type JobOptions, type ParsedJobOptions } from './job/job-options.ts'
import type { Job } from './job/job.ts'
import type { Scorer } from './sets/scorer.ts'

/** How a queue keeps its ended jobs: each end has a longest age and a largest count. */
export interface QueueRetention {
  /** Default 1 day and 1,000 jobs; `count: 0` keeps none. Cancelled jobs follow it too. */
  readonly completed?: { readonly age?: Duration; readonly count?: number }
  /** The dead letters. Default 30 days and 10,000 jobs. */
  readonly failed?: { readonly age?: Duration; readonly count?: number }
}

/** Gives the place of a job among those of its priority, an integer in [0, 2^42): lower is taken sooner. It is asked once, in `add`, with the data as it was given. */
export type JobScorer = Scorer<Pick<Job, 'name' | 'data' | 'options'>>

/** The order as a queue keeps it. */
export type QueueOrder = 'fifo' | 'lifo' | 'deadline' | 'scorer'

export interface QueueSettings {
  /** Options that every job starts from. */
  readonly defaults?: Omit<JobOptions, 'id' | 'runAt'>
  /**
   * Which of the ready jobs of one priority is first: by when they became ready, the first or the last one; `'deadline'`, by the time until which they may start (`expiresIn`), those without
   * one last and as they became ready; or by what a Scorer gives for each, which stays with the job. Of several at one place, and of one deadline, the one with the lower id is first.
   * Kept with the queue on first use, another one later is a ConfigurationError; default `'fifo'`.
   */
  readonly order?: 'fifo' | 'lifo' | 'deadline' | JobScorer
  /** The largest data and the largest result of a job, in bytes of JSON. Default 1 MiB, at most 16 MiB. */
  readonly maxPayload?: number
  /** Kept with the queue; the last definition wins. A job's own `retain` wins over the ages. */
  readonly retain?: QueueRetention
}

export interface ParsedQueueSettings {
  readonly defaults: ParsedJobOptions
  readonly order: QueueOrder | undefined
  /** With the order `'scorer'`, where it was given; a queue that was made of its name alone has none. */
  readonly scorer: JobScorer | undefined
  readonly maxPayload: number
  /** As the shard keeps it: `<age> <count> <age> <count>`, or `''`: as it is there. */
  readonly retain: string
}

const retention =
  (age: number, count: number): Rule<string> =>
  (option, value) => {
    const parsed = parseOptions('retain', value, { age: optional(span(), age), count: optional(integer(0, 100_000_000), count) }, option)
    return `${parsed.age} ${parsed.count}`
  }
const completed = retention(86_400_000, 1_000)
const failed = retention(30 * 86_400_000, 10_000)

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
