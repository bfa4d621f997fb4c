import { ConfigurationError, PathError, WrongTypeError } from '../errors/errors.ts'
import { describeError } from '../foreign/describe-error.ts'
import { formatPath, parsePath } from './path.ts'
import { encodeNode } from './tree-keys.ts'

/** A leaf: its place below the written node, and its value as JSON. */
export type Leaf = readonly [segments: readonly string[], json: string]

/** Leaves of one `set`. */
const most = 100_000
/**
 * Bytes of the names of leaves, below their section, and their JSON: of one `set`, so that what it wrote can
 * be read in one `val`.
 */
export const mostBytes = 8_000_000

/**
 * A value as the leaves of a tree: objects are branches, everything else, also an array, is a leaf; an empty
 * object is a leaf of its own kind.
 *
 * @param path of the node that is written, for errors.
 * @throws ConfigurationError for what JSON cannot hold, for more than 100,000 leaves and for more than
 *   8,000,000 bytes; PathError for keys that cannot be segments.
 */
export function flatten(path: readonly string[], value: unknown): Leaf[] {
  const leaves: Leaf[] = []
  const above = Buffer.byteLength(encodeNode(path.slice(1)))
  let bytes = 0
  const visit = (segments: readonly string[], part: unknown): void => {
    if (!isBranch(part)) {
      const json = JSON.stringify(part)
      leaves.push([segments, json])
      bytes += above + Buffer.byteLength(encodeNode(segments)) + Buffer.byteLength(json)
      if (bytes > mostBytes)
        throw new ConfigurationError('value', `must be at most ${mostBytes} bytes, including the paths of its leaves: set it in parts`)
    } else for (const [key, child] of Object.entries(part)) visit([...segments, segmentOf([...path, ...segments], key)], child)
    if (leaves.length > most) throw new ConfigurationError('value', `must have at most ${most} values`)
  }
  visit([], plain(value))
  return leaves
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
}

/** The value as JSON makes of it, dates and classes included, so that what is read is what was written. */
function plain(value: unknown): unknown {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw new ConfigurationError('value', `must be representable as JSON (${describeError(error).message.split('\n')[0]})`)
  }
  if (text === undefined) throw new ConfigurationError('value', 'must be representable as JSON', value)
  return JSON.parse(text)
}

function segmentOf(path: readonly string[], key: string): string {
  if (key.includes('.')) throw new PathError(`${formatPath(path)}.${key}`, 'a key must not contain a dot')
  parsePath([...path, key])
  return key
}

/**
 * The value that the leaves make; `undefined` for none.
 *
 * @throws WrongTypeError for a leaf that another program has written.
 */
export function unflatten(leaves: readonly Leaf[]): unknown {
  const [first] = leaves
  if (first === undefined) return undefined
  if (first[0].length === 0) return readLeaf(first)
  const value: Record<string, unknown> = {}
  for (const leaf of leaves) {
    const [segments] = leaf
    let branch = value
    for (const segment of segments.slice(0, -1)) branch = own(branch, segment)
    put(branch, segments.at(-1) ?? '', readLeaf(leaf))
  }
  return value
}

function readLeaf([segments, json]: Leaf): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new WrongTypeError(`the tree does not hold JSON at '${formatPath(segments)}'`)
  }
}

function own(branch: Record<string, unknown>, segment: string): Record<string, unknown> {
  if (!Object.hasOwn(branch, segment)) put(branch, segment, {})
  return branch[segment] as Record<string, unknown>
}

/** Defines an own property, even one called `__proto__`. */
function put(branch: Record<string, unknown>, segment: string, value: unknown): void {
  Object.defineProperty(branch, segment, { value, writable: true, enumerable: true, configurable: true })
}
