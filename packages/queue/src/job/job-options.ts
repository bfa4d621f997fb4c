import { ConfigurationError, type Duration } from '@ripen/store'
import {
  boolean,
  epochMilliseconds,
  identifier,
  integer,
  optional,
  parseOptions,
  span,
  wellFormed,
  type Replication,
  type Rule,
} from '@ripen/store/internal'
import { leastPriority, mostPriority } from '../constants.ts'
import { generatedId } from '../add/generated-ids.ts'
import { attempts, backoff, type Backoff, type ParsedBackoff } from './backoff.ts'
import type { ExpiryOption } from '../features/expiry/expiry.ts'
import { jobFeaturesByOption, type FeatureOptions } from '../features/job-features.ts'
import type { UniqueOption } from '../features/unique/unique.ts'

/** Options of one job. */
export interface JobOptions extends ExpiryOption, UniqueOption {
  /**
   * Your own id: at most 256 bytes of well-formed text without control characters, not starting with `~`
   * (unless it is the `jobId` of an EnqueueTimeoutError). While a job with this id is kept, adding the id
   * again returns that job. Default: generated.
   */
  readonly id?: string
  /** The job is due this long from now, by the server's clock. Default: at once. */
  readonly delay?: Duration
  /** The job is due at this time, a Date or epoch ms. Cannot be combined with `delay`. */
  readonly runAt?: Date | number
  /** A whole number from -1024 to 1023. Lower runs first. Default 0. */
  readonly priority?: number
  /** How many attempts may fail before the job fails for good. Default 1. */
  readonly attempts?: number
  /** How long to wait between attempts. Default `'exponential'`. */
  readonly backoff?: Backoff
  /** How long one attempt may run. Default: no limit. */
  readonly timeout?: Duration
  /** How long to keep the job after it has ended; `false` keeps nothing. Default: the ages of the queue. */
  readonly retain?: { readonly completed?: Duration | false; readonly failed?: Duration | false }
  /**
   * `add` resolves once this many replicas have the job; with `fsync`, once they and the primary have it on
   * disk (Redis 7.2, Valkey; `replicas` may then be 0). After `timeout`, at most 1 minute, `add` rejects with
   * a DurabilityError. This is not stored with the job. Default: `add` resolves once the primary has the job.
   */
  readonly durability?: { readonly replicas: number; readonly timeout: Duration; readonly fsync?: boolean }
  /** Well-formed strings that travel with the job, by name. Default: none. */
  readonly meta?: Readonly<Record<string, string>>
}

type ParsedFeatureOptions = { readonly [Option in keyof FeatureOptions]: FeatureOptions[Option] | undefined }

/** Parsed: durations in ms, absent where not given. */
export interface ParsedJobOptions extends ParsedFeatureOptions {
  readonly id: string | undefined
  readonly delay: number | undefined
  readonly runAt: number | undefined
  readonly priority: number | undefined
  readonly attempts: number | undefined
  readonly backoff: ParsedBackoff | undefined
  readonly timeout: number | undefined
  readonly retain: { readonly completed: number | false | undefined; readonly failed: number | false | undefined } | undefined
  readonly durability: Replication | undefined
  readonly meta: Readonly<Record<string, string>> | undefined
}

const jobId: Rule<string> = (option, value) => {
  const id = identifier(option, value)
  if (id.startsWith('~') && !generatedId.test(id))
    throw new ConfigurationError(option, "must not start with '~', which marks generated ids", id)
  return id
}

const spanOrFalse: Rule<number | false> = (option, value) => (value === false ? false : span()(option, value))

const retain: Rule<NonNullable<ParsedJobOptions['retain']>> = (option, value) =>
  parseOptions('retain', value, { completed: optional(spanOrFalse, undefined), failed: optional(spanOrFalse, undefined) }, option)

/** The longest `meta` of a job, in bytes: it leaves room for the baggage of a trace (8 KiB) and more. */
const longestMeta = 16_384

const meta: Rule<Record<string, string>> = (option, value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigurationError(option, 'must map names to strings', value)
  for (const [key, text] of Object.entries(value)) {
    wellFormed(option, key)
    if (typeof text !== 'string') throw new ConfigurationError(`${option}.${key}`, 'must be a string', text)
    wellFormed(`${option}.${key}`, text)
  }
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes > longestMeta) throw new ConfigurationError(option, `must have at most ${longestMeta} bytes as JSON, got ${bytes}`)
  return value as Record<string, string>
}

const replicationTimeout: Rule<number> = (option, value) => {
  const timeout = span(1)(option, value)
  if (timeout > 60_000) throw new ConfigurationError(option, 'must be at most 60000 ms', value)
  return timeout
}

const durability: Rule<Replication> = (option, value) => {
  const rule = { replicas: integer(0, 100), timeout: replicationTimeout, fsync: optional(boolean, false) }
  const parsed = parseOptions('durability', value, rule, option)
  if (parsed.replicas === 0 && !parsed.fsync) throw new ConfigurationError(`${option}.replicas`, 'must be at least 1 without fsync', 0)
  return parsed
}

const featureRules = Object.fromEntries(jobFeaturesByOption.map(([option, { rule }]) => [option, optional(rule, undefined)])) as {
  readonly [Option in keyof FeatureOptions]: Rule<FeatureOptions[Option] | undefined>
}

/** Of each option. */
export const jobOptionRules = {
  id: optional(jobId, undefined),
  delay: optional(span(), undefined),
  runAt: optional<number, undefined>((option, value) => epochMilliseconds(option, value as Date | number), undefined),
  priority: optional(integer(leastPriority, mostPriority), undefined),
  attempts: optional(attempts, undefined),
  backoff: optional(backoff, undefined),
  timeout: optional(span(1), undefined),
  retain: optional(retain, undefined),
  durability: optional(durability, undefined),
  meta: optional(meta, undefined),
  ...featureRules,
}

/**
 * @param path where the options stand, for errors: `jobs[3].options`.
 * @throws ConfigurationError that names the option, its rule and the value.
 */
export function parseJobOptions(input: unknown, path = ''): ParsedJobOptions {
  const parsed = parseOptions('JobOptions', input, jobOptionRules, path)
  checkTimes(parsed, path)
  return parsed
}

/** @throws ConfigurationError for two times at which the job is due. */
export function checkTimes({ delay, runAt }: { readonly delay?: unknown; readonly runAt?: unknown }, path: string): void {
  if (delay !== undefined && runAt !== undefined)
    throw new ConfigurationError(path === '' ? 'runAt' : `${path}.runAt`, 'cannot be combined with delay', runAt)
}

/**
 * The options of the job over the defaults of its kind over those of the queue. A point in time given here
 * lifts a default delay.
 */
export function mergeJobOptions(over: ParsedJobOptions, under: ParsedJobOptions): ParsedJobOptions {
  const timed = over.delay !== undefined || over.runAt !== undefined
  const merged: Record<string, unknown> = timed ? { ...under, delay: undefined, runAt: undefined } : { ...under }
  for (const [option, value] of Object.entries(over)) if (value !== undefined) merged[option] = value
  return merged as unknown as ParsedJobOptions
}
