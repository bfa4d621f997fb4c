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
const all: readonly (keyof ParsedJobOptions)[] = [...unstored, ...stored]
const names: ReadonlySet<string> = new Set(all)

export function isOwnOption(name: string): boolean {
  return names.has(name)
}

/** Those among all; undefined for none. */
export function ownOptions(options: ParsedJobOptions): OwnOptions | undefined {
  return picked(options, all)
}

/** What a row keeps of them; undefined for nothing. */
export function storedOwnOptions(own: OwnOptions): StoredOptions | undefined {
  return picked(own, stored)
}

/** All others. */
export function sharedOptions(options: ParsedJobOptions): StoredOptions {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => value !== undefined && !names.has(name)))
}

/** In one order, however they were given: the same options make the same row. */
function picked(options: Partial<ParsedJobOptions>, wanted: readonly (keyof ParsedJobOptions)[]): Record<string, unknown> | undefined {
  let found: Record<string, unknown> | undefined
  for (const name of wanted) if (options[name] !== undefined) (found ??= {})[name] = options[name]
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
