import { jobFeaturesByOption } from '../features/job-features.ts'
import { checkTimes, jobOptionRules, type ParsedJobOptions } from './job-options.ts'
import type { StoredOptions } from './stored-options.ts'

/**
 * Options that differ from job to job, none of them undefined. Of all others callers write the same few sets
 * again and again.
 */
export type OwnOptions = Readonly<Partial<{ [Name in keyof ParsedJobOptions]: NonNullable<ParsedJobOptions[Name]> }>>

/** Those that a row keeps elsewhere, or not at all. */
const unstored = ['id', 'priority', 'durability'] as const
const stored = ['delay', 'runAt', 'meta', ...jobFeaturesByOption.filter(([, { varies }]) => varies).map(([option]) => option)] as const
const storedNames: ReadonlySet<string> = new Set(stored)
const names: ReadonlySet<string> = new Set([...unstored, ...stored])

export function isOwnOption(name: string): boolean {
  return names.has(name)
}

/** Those among all; undefined for none. */
export function ownOptions(options: ParsedJobOptions): OwnOptions | undefined {
  return picked(options, names)
}

/** What a row keeps of them; undefined for nothing. */
export function storedOwnOptions(own: OwnOptions): StoredOptions | undefined {
  return picked(own, storedNames)
}

/** All others. */
export function sharedOptions(options: ParsedJobOptions): StoredOptions {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => value !== undefined && !names.has(name)))
}

function picked(options: object, wanted: ReadonlySet<string>): Record<string, unknown> | undefined {
  let found: Record<string, unknown> | undefined
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name]
    if (value !== undefined && wanted.has(name)) (found ??= {})[name] = value
  }
  return found
}

/**
 * @param given all of them own options, and none undefined.
 * @param path where the options stand, for errors: `jobs[3].options`.
 * @throws ConfigurationError that names the option, its rule and the value.
 */
export function parseOwnOptions(given: Readonly<Record<string, unknown>>, path: string): OwnOptions {
  const parsed: Record<string, unknown> = {}
  for (const name in given) {
    const rule = jobOptionRules[name as keyof typeof jobOptionRules]
    parsed[name] = rule(path === '' ? name : `${path}.${name}`, given[name])
  }
  checkTimes(parsed, path)
  return parsed
}
