import { bytesText, cut, describeError, firstOf, isError, isErrorLike, read, textOf } from '@ripen/store/internal'
import { types } from 'node:util'

/** Levels of objects in objects. */
const deepest = 6
/** Characters of a key. */
const longestKey = 200
/** More items of a list, or members of an object, are not looked at. */
const mostMembers = 1_000
/**
 * Names of members that are listed in all. An engine lists those of an object all at once, so one object may
 * have more, and those after it are not looked into.
 */
const mostListed = 20_000
const mark = '…'
const unreadable = 'a value that cannot be read'

/** Text of at most `most` characters: one that was cut ends with `…`. */
export function cutWithMark(text: string, most: number): string {
  return text.length <= most ? cut(text, most) : cut(text, Math.max(0, most - 1)) + mark
}

/**
 * A copy of what somebody gave along with a line, of values that JSON can hold, and of about so many
 * characters. What JSON cannot hold is described; what has no room is left out, and a `…` says so. Never
 * throws, and reads about as much as it keeps. Bare values, lists too, stand under `value`.
 */
export function plainFields(fields: unknown, most: number): Readonly<Record<string, unknown>> {
  if (fields === undefined || fields === null) return {}
  const plain = new PlainCopy(most).of(fields, 0)
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? (plain as Record<string, unknown>) : { value: plain }
}

class PlainCopy {
  #room: number
  #listed = 0
  /** The objects that the one at hand is in. */
  readonly #around: object[] = []

  constructor(room: number) {
    this.#room = room
  }

  of(value: unknown, depth: number): unknown {
    if (value === null || typeof value === 'boolean') return this.#spend(value, 5)
    if (typeof value === 'number' && Number.isFinite(value)) return this.#spend(value, String(value).length)
    if (typeof value === 'string') return this.#text(value)
    if (typeof value !== 'object') return this.#text(textOf(value, Math.max(1, this.#room)))
    if (this.#around.includes(value)) return this.#text('a value that it is part of')
    if (depth === deepest) return this.#text(mark)
    this.#around.push(value)
    try {
      return this.#content(value, depth)
    } catch {
      return this.#text(unreadable)
    } finally {
      this.#around.pop()
    }
  }

  #content(value: object, depth: number): unknown {
    const bytes = bytesText(value)
    if (bytes !== undefined) return this.#text(bytes)
    if (isThrown(value)) return this.#error(value, depth)
    if (typeof read(value, 'toJSON') === 'function') {
      const told: unknown = (value as { toJSON(): unknown }).toJSON()
      if (told !== value) return this.of(told, depth + 1)
    }
    const items = firstOf(value, mostMembers)
    if (items !== undefined) return this.#list(items, Number(read(value, 'length')), depth)
    if (types.isSet(value) || types.isMap(value)) return this.#list(first(value), value.size, depth)
    if (this.#listed > mostListed) return this.#text(mark)
    const keys = Object.keys(value)
    this.#listed += keys.length
    return this.#members(value, keys, depth)
  }

  /** Its stack last: it is what may be cut. */
  #error(thrown: object, depth: number): unknown {
    const told = describeError(thrown)
    const keys = ['name', 'message', 'code', 'cause', 'errors', 'stack'].filter((key) => key in told)
    return this.#members(told, keys, depth)
  }

  #list(items: readonly unknown[], length: number, depth: number): unknown[] {
    const copy: unknown[] = []
    this.#room -= 2
    for (const item of items) {
      if (this.#room <= 0) break
      copy.push(this.of(item ?? null, depth + 1))
      this.#room--
    }
    if (copy.length < length) copy.push(`${mark} ${length - copy.length} more`)
    return copy
  }

  #members(value: object, keys: readonly string[], depth: number): Record<string, unknown> {
    const copy: [string, unknown][] = []
    let left = keys.length
    this.#room -= 2
    for (const key of keys) {
      if (this.#room <= 0 || keys.length - left === mostMembers) break
      left--
      const member = memberOf(value, key)
      if (member === undefined) continue
      const shown = cutWithMark(key, longestKey)
      this.#room -= shown.length + 4
      copy.push([shown, this.of(member, depth + 1)])
    }
    if (left > 0) copy.push([mark, `${left} more`])
    // A member may be called `__proto__`.
    return Object.fromEntries(copy)
  }

  #text(text: string): string {
    const shown = cutWithMark(text, Math.max(0, this.#room))
    return this.#spend(shown, shown.length + 2)
  }

  #spend<T>(value: T, characters: number): T {
    this.#room -= characters
    return value
  }
}

/** What would be told as an error, but for fields that happen to have a name and a message. */
function isThrown(value: object): boolean {
  return isError(value) || (isErrorLike(value) && !Object.prototype.propertyIsEnumerable.call(value, 'message'))
}

/** As {@link read}, but one that cannot be read is told of. */
function memberOf(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key]
  } catch {
    return unreadable
  }
}

function first(values: Iterable<unknown>): unknown[] {
  const found: unknown[] = []
  for (const value of values) if (found.push(value) === mostMembers) break
  return found
}
