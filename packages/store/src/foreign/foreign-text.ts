import { types } from 'node:util'

/**
 * Text of at most `most` characters, well-formed: a pair of surrogates is not cut in two, and lone ones,
 * which would change on their way to the server, are replaced.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text.toWellFormed()
  const pair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(most - 1, most + 1))
  return text.slice(0, pair ? most - 1 : most).toWellFormed()
}

/** A member of a value that somebody else made; undefined where reading it throws. */
export function read(value: unknown, key: PropertyKey): unknown {
  try {
    return (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
  } catch {
    return undefined
  }
}

/** The first elements of an array that somebody else made; undefined for anything else. */
export function firstOf(value: unknown, most: number): unknown[] | undefined {
  try {
    return Array.isArray(value)
      ? Array.from({ length: Math.min(most, value.length) }, (_value, index) => read(value, String(index)))
      : undefined
  } catch {
    return undefined // a proxy
  }
}

const unreadable = 'a value that cannot be read'
const longestString = 500
const mostMembers = 20
/** More bits than that take long to write as decimals. */
const longestInteger = 4_096

/** Any value as text: its own where it has one, else its content as JSON, three levels deep. Never throws. */
export function textOf(value: unknown, most: number): string {
  return cut(typeof value === 'object' && value !== null ? (ownText(value) ?? outline(value, 3)) : leafText(value), most)
}

function leafText(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' && BigInt.asIntN(longestInteger, value) !== value) return 'a large integer'
  return String(value)
}

/**
 * What is told of bytes, undefined for anything else. Ask before `toJSON`: that of a Buffer copies each byte.
 */
export function bytesText(value: object): string | undefined {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) ? `${value.byteLength} bytes` : undefined
}

/** What the object says of itself, beyond `[object Object]`. */
function ownText(value: object): string | undefined {
  try {
    if (Array.isArray(value)) return undefined
    const text = bytesText(value) ?? String(value) // oxlint-disable-line typescript/no-base-to-string -- that of Object is seen below
    return text.startsWith('[object ') ? undefined : text
  } catch {
    return undefined
  }
}

function outline(value: unknown, depth: number): string {
  try {
    return contentOf(value, depth)
  } catch {
    return unreadable
  }
}

function contentOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(cut(value, longestString))
  if (typeof value !== 'object' || value === null) return leafText(value)
  const bytes = bytesText(value)
  if (bytes !== undefined) return JSON.stringify(bytes)
  if (typeof read(value, 'toJSON') === 'function') {
    const told: unknown = (value as { toJSON(): unknown }).toJSON()
    if (typeof told !== 'object') return outline(told, depth)
    value = told
  }
  const items = firstOf(value, mostMembers)
  if (depth === 0) return items === undefined ? '{…}' : '[…]'
  if (items !== undefined) return `[${items.map((item) => outline(item, depth - 1)).join(',')}]`
  const text = ownText(value as object)
  if (text !== undefined) return JSON.stringify(cut(text, longestString))
  const members = Object.keys(value as object)
    .slice(0, mostMembers)
    .map((key) => `${JSON.stringify(cut(key, longestString))}:${outline(read(value, key), depth - 1)}`)
  return `{${members.join(',')}}`
}
