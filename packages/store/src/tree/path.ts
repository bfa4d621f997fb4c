import { PathError } from '../errors/errors.ts'
import { cut } from '../foreign/foreign-text.ts'
import { wellFormedRule } from '../options/options.ts'

/**
 * A dotted string, `'a.b.c'`, or segments, `['a', 'b', 'c']`. Use segments for ids, since a dot in a segment
 * is refused rather than split. `[]` is the root.
 */
export type Path = string | readonly string[]

/** Bytes of a whole path. */
const longest = 1_024

/**
 * The segments of a path; none for the root.
 *
 * @throws PathError for empty segments, segments with a dot, a control character or half of a surrogate pair,
 *   and paths of more than 1,024 bytes.
 */
export function parsePath(path: Path): string[] {
  const segments = typeof path === 'string' ? path.split('.') : Array.isArray(path) ? [...(path as readonly unknown[])] : undefined
  if (segments === undefined) throw new PathError(String(path), 'must be a dotted string or an array of segments')
  const shown = typeof path === 'string' ? path : segments.join('.')
  for (const segment of segments) checkSegment(shown, segment)
  if (Buffer.byteLength(shown) > longest) throw new PathError(`${cut(shown, 80)}…`, `must be at most ${longest} bytes`)
  return segments as string[]
}

function checkSegment(path: string, segment: unknown): void {
  if (typeof segment !== 'string') throw new PathError(path, 'each segment must be a string')
  if (segment === '') throw new PathError(path, 'must not have an empty segment, or start or end with a dot')
  if (segment.includes('.')) throw new PathError(path, 'a segment must not contain a dot')
  // oxlint-disable-next-line no-control-regex -- control characters separate segments in the index
  if (/[\u0000-\u001f\u007f]/.test(segment)) throw new PathError(path, 'must not contain control characters')
  if (!segment.isWellFormed()) throw new PathError(path, wellFormedRule)
}

/** Dotted text; `''` for the root. */
export function formatPath(segments: readonly string[]): string {
  return segments.join('.')
}
