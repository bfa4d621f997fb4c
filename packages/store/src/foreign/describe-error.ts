import { types } from 'node:util'
import { cut, firstOf, read, textOf } from './foreign-text.ts'

/** What Ripen keeps of a thrown value. */
export interface DescribedError {
  /** `NonError` for a value that is no error. */
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: DescribedError
  /** The parts of an AggregateError. */
  readonly errors?: readonly DescribedError[]
}

/** Characters of a name or a code. */
const shortText = 200
/** Characters of a message or a stack. */
const longText = 8_000
/** Characters of all text of a cause or a part. */
const relatedText = 2_000
/** Levels of causes and parts below the error. */
const deepest = 5
const mostParts = 10
/** Causes and parts of one error, on all levels. */
const mostRelated = 25

type Writable = { -readonly [Member in keyof DescribedError]: DescribedError[Member] }

/**
 * Reads any thrown value: never throws, and what it answers is bounded and well-formed text. Name and code
 * have at most 200 characters, message and stack 8,000. The chain of causes and the parts of AggregateErrors
 * go five deep, ten parts each, 25 of them in all, nearest first, each with at most 2,000 characters of text.
 *
 * An error is what looks like one, so one of another realm is an error too. Of another value the message is
 * its `message`, else its text.
 */
export function describeError(thrown: unknown): DescribedError {
  const described = describeOne(thrown, false)
  if (!isObject(thrown)) return described
  const seen = new Set<unknown>([thrown])
  let left = mostRelated
  const open: { from: unknown; into: Writable; depth: number }[] = [{ from: thrown, into: described, depth: 1 }]
  const related = (value: unknown, depth: number): Writable | undefined => {
    if (value === undefined || value === null || seen.has(value) || left-- <= 0) return undefined
    const into = describeOne(value, true)
    if (!isObject(value)) return into
    seen.add(value)
    if (depth < deepest) open.push({ from: value, into, depth: depth + 1 })
    return into
  }
  for (const { from, into, depth } of open) {
    const cause = related(read(from, 'cause'), depth)
    if (cause !== undefined) into.cause = cause
    const parts = firstOf(read(from, 'errors'), mostParts)?.map((part) => related(part, depth))
    const errors = parts?.filter((part) => part !== undefined)
    if (errors !== undefined && errors.length > 0) into.errors = errors
  }
  return described
}

/** Whether it is an Error, or looks like one. */
export function isErrorLike(thrown: object): thrown is Error {
  if (isError(thrown)) return true
  return (
    typeof read(thrown, 'message') === 'string' && (typeof read(thrown, 'name') === 'string' || typeof read(thrown, 'stack') === 'string')
  )
}

/** Whether it was made as an Error, in any realm. Never throws. */
export function isError(thrown: unknown): thrown is Error {
  try {
    return types.isNativeError(thrown) || thrown instanceof Error
  } catch {
    return false // a proxy
  }
}

function describeOne(thrown: unknown, short: boolean): Writable {
  if (!isObject(thrown)) return { name: 'NonError', message: textOf(thrown, short ? relatedText - 'NonError'.length : longText) }
  const name = isErrorLike(thrown) ? nameOf(thrown) : 'NonError'
  const code = codeOf(thrown)
  const room = short ? relatedText - name.length - (code?.length ?? 0) : longText
  const message = messageOf(thrown, name, room)
  const stack = read(thrown, 'stack')
  const rest = short ? room - message.length : longText
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(typeof stack === 'string' && rest > 0 ? { stack: cut(stack, rest) } : {}),
  }
}

function nameOf(error: Error): string {
  const name: unknown = read(error, 'name')
  if (name !== undefined && name !== null && name !== '' && !isObject(name)) return textOf(name, shortText)
  const className = read(read(error, 'constructor'), 'name')
  return typeof className === 'string' && className !== '' ? cut(className, shortText) : 'Error'
}

function codeOf(thrown: object): string | undefined {
  const code = read(thrown, 'code')
  if (typeof code === 'string') return cut(code, shortText)
  // DOMException has a number for each class, which says no more than the name.
  return typeof code === 'number' && read(read(thrown, 'constructor'), 'name') !== 'DOMException' ? String(code) : undefined
}

function messageOf(thrown: object, name: string, most: number): string {
  const message = read(thrown, 'message')
  if (typeof message === 'string') return cut(message, most)
  if (message !== undefined && message !== null) return textOf(message, most)
  return name === 'NonError' ? textOf(thrown, most) : 'an error without a message that can be read'
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
