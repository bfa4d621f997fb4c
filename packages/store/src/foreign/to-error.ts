import { describeError, isError } from './describe-error.ts'
import { read } from './foreign-text.ts'

/**
 * An Error of anything thrown: the value itself where it is an error, of any realm, that can be read; else a
 * new one that tells of it, with an object as its cause. Never throws.
 */
export function toError(thrown: unknown): Error {
  if (isError(thrown) && typeof read(thrown, 'name') === 'string' && typeof read(thrown, 'message') === 'string') return thrown
  const { name, message, code, stack } = describeError(thrown)
  const cause = typeof thrown === 'object' || typeof thrown === 'function' ? { cause: thrown } : undefined
  return Object.assign(new Error(message, cause), { name }, code === undefined ? {} : { code }, stack === undefined ? {} : { stack })
}
