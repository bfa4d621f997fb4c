import { ConfigurationError } from '../errors/errors.ts'
import { milliseconds, type Duration } from './duration.ts'
import { guardLogger } from '../foreign/guard-logger.ts'
import type { Logger } from '../logger.ts'

/**
 * Turns the raw value of an option into the value that the code uses, or throws a ConfigurationError that
 * names `option`.
 */
export type Rule<T> = (option: string, value: unknown) => T

type Parsed<Rules extends Record<string, Rule<unknown>>> = { [Key in keyof Rules]: ReturnType<Rules[Key]> }

/**
 * Parses an options object against its rules. Every key of `rules` is in the result; a rule sees `undefined`
 * for an absent option and gives the default.
 *
 * @param owner names the object in errors: `'Worker options'`.
 * @throws ConfigurationError for a value that breaks its rule and for an unknown key, with the nearest known
 *   one.
 */
export function parseOptions<Rules extends Record<string, Rule<unknown>>>(
  owner: string,
  input: unknown,
  rules: Rules,
  path = '',
): Parsed<Rules> {
  if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input))) {
    throw new ConfigurationError(path === '' ? owner : path, 'must be an object of options', input)
  }
  const given = (input ?? {}) as Record<string, unknown>
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(rules, key)) throw unknownOption(owner, path, key, Object.keys(rules))
  }
  const parsed: Record<string, unknown> = {}
  for (const [key, rule] of Object.entries(rules)) parsed[key] = rule(path === '' ? key : `${path}.${key}`, given[key])
  return parsed as Parsed<Rules>
}

function unknownOption(owner: string, path: string, key: string, known: readonly string[]): ConfigurationError {
  // A key this long is not a typing error, and comparing it would take long.
  const nearest = (key.length > 64 ? [] : known)
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const hint =
    nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(key.length / 3))
      ? `, did you mean '${nearest.name}'?`
      : `; the options are ${known.join(', ')}`
  const shown = key.length > 64 ? `${key.slice(0, 64).toWellFormed()}…` : key
  return new ConfigurationError(path === '' ? shown : `${path}.${shown}`, `is not an option of ${owner}${hint}`)
}

/** Levenshtein distance by dynamic programming over one row (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** An absent option takes `fallback`; a given one must keep the rule. */
export function optional<T, D>(rule: Rule<T>, fallback: D): Rule<T | D> {
  return (option, value) => (value === undefined ? fallback : rule(option, value))
}

/** A Duration of at least `least` ms (0), as milliseconds. */
export function span(least = 0): Rule<number> {
  return (option, value) => {
    const parsed = milliseconds(option, value as Duration)
    if (parsed < least) throw new ConfigurationError(option, `must be at least ${least} ms`, value)
    return parsed
  }
}

export function integer(least: number, most: number): Rule<number> {
  return (option, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw new ConfigurationError(option, `must be a whole number from ${least} to ${most}`, value)
    return value
  }
}

export function number(least: number, most: number): Rule<number> {
  return (option, value) => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw new ConfigurationError(option, `must be a number from ${least} to ${most}`, value)
    return value
  }
}

export const boolean: Rule<boolean> = (option, value) => {
  if (typeof value !== 'boolean') throw new ConfigurationError(option, 'must be true or false', value)
  return value
}

/** What {@link wellFormed} demands. */
export const wellFormedRule = 'must be well-formed Unicode: it contains half a surrogate pair, as left by cutting an emoji in two'

/**
 * Text that reaches the server as it is. UTF-8 has no form for half of a surrogate pair: all of them would
 * arrive as one character, and different names as one. JSON escapes them, so payloads need no such rule.
 */
export function wellFormed(option: string, value: string): string {
  if (!value.isWellFormed()) throw new ConfigurationError(option, wellFormedRule, value)
  return value
}

export const text: Rule<string> = (option, value) => {
  if (typeof value !== 'string' || value === '') throw new ConfigurationError(option, 'must be a non-empty string', value)
  return wellFormed(option, value)
}

/** A short name: 1–128 characters of `[A-Za-z0-9_.:-]`. */
export const name: Rule<string> = (option, value) => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_.:-]{1,128}$/.test(value))
    throw new ConfigurationError(option, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . : -', value)
  return value
}

// oxlint-disable-next-line no-control-regex -- control characters are what is refused
const control = /[\u0000-\u001f\u007f]/

function isBounded(value: string, most: number): boolean {
  return value !== '' && Buffer.byteLength(value) <= most && !control.test(value)
}

/** An id: 1–256 bytes of well-formed text without control characters. */
export const identifier: Rule<string> = (option, value) => {
  if (typeof value !== 'string' || !isBounded(value, 256))
    throw new ConfigurationError(option, 'must be 1 to 256 bytes without control characters', value)
  return wellFormed(option, value)
}

/** An id that is looked for; `undefined` for a text that is none, so that nothing can have it. */
export const soughtIdentifier: Rule<string | undefined> = (option, value) => {
  if (typeof value !== 'string') throw new ConfigurationError(option, 'must be a string', value)
  return isBounded(value, 256) && value.isWellFormed() ? value : undefined
}

/** 1–128 bytes of well-formed text without control characters and braces. */
export const queueName: Rule<string> = (option, value) => {
  if (typeof value !== 'string' || !isBounded(value, 128) || /[{}]/.test(value))
    throw new ConfigurationError(option, 'must be 1 to 128 bytes without control characters or braces', value)
  return wellFormed(option, value)
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Rule<T> {
  return (option, value) => {
    if (!allowed.includes(value as T)) throw new ConfigurationError(option, `must be one of ${allowed.join(', ')}`, value)
    return value as T
  }
}

export const signal: Rule<AbortSignal> = (option, value) => {
  if (!(value instanceof AbortSignal)) throw new ConfigurationError(option, 'must be an AbortSignal', value)
  return value
}

const methods = ['debug', 'info', 'warn', 'error']

/** Anything with the methods of a logger that Ripen calls. Should they throw, nobody sees it. */
export const logger: Rule<Logger> = (option, value) => {
  const given = value as Record<string, unknown> | null
  if (typeof given !== 'object' || given === null || methods.some((method) => typeof given[method] !== 'function')) {
    throw new ConfigurationError(option, `must be a logger: an object with the methods ${methods.join(', ')}`, value)
  }
  return guardLogger(value as Logger)
}

/**
 * Takes any value as it is: for functions and objects that the types describe and the code checks where it
 * uses them.
 */
export function any<T>(): Rule<T> {
  return (_option, value) => value as T
}
