import { ConfigurationError } from '@ripen/store'
import type { Job, Result } from '@ripen/queue'
import type { JobContext } from './job-context.ts'

/**
 * A handler for every name of the job map: an object of functions, or an instance of a class, whose methods
 * are called with `this`.
 */
export type Handlers<J> = { readonly [Name in keyof J & string]: (job: Job<J, Name>, context: JobContext) => Promise<Result<J, Name>> }

/** One handler for jobs of every name. */
export type Handler<J = Record<string, any>> = (job: Job<J>, context: JobContext) => Promise<unknown>

export type AnyHandler = (job: any, context: any) => unknown

/** One for all names, or one for each. */
export type HandlerTable = AnyHandler | ReadonlyMap<string, AnyHandler>

/** @throws ConfigurationError for anything else than a function, or an object with functions. */
export function readHandlers(given: unknown): HandlerTable {
  if (typeof given === 'function') return given as AnyHandler
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof URL || given instanceof Promise)
    throw new ConfigurationError('handlers', 'must be a function, or an object with a function for each job name', given)
  const table = new Map<string, AnyHandler>()
  const ofClass = isOfClass(given)
  for (const [name, handler] of Object.entries(given)) {
    if (typeof handler === 'function') table.set(name, handler.bind(given))
    // What else an instance has is its state.
    else if (!ofClass) throw new ConfigurationError(`handlers.${name}`, 'must be a function', handler)
  }
  if (!ofClass) return table
  for (let type: unknown = Object.getPrototypeOf(given); isObject(type) && !isRoot(type); type = Object.getPrototypeOf(type)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type)))
      if (typeof value === 'function' && name !== 'constructor' && !table.has(name)) table.set(name, value.bind(given) as AnyHandler)
  }
  if (table.size === 0) throw new ConfigurationError('handlers', 'must have a method for each job name', given)
  return table
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Object.prototype, of any realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, '__proto__')
}

function isOfClass(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given)
  return isObject(prototype) && !isRoot(prototype)
}
