import { ConfigurationError, PathError } from '../errors/errors.ts'

/** A segment as it is written in a path, and what it stands for: a key or an index. */
interface Part {
  readonly raw: string
  readonly segment: string | number
}

/** A key; an index; a key in quotes, as JSON or as Python writes it. */
const part = /(\.?)([^.[\]]+)|\[(-?\d{1,15})\]|\[("(?:[^"\\]|\\.)*")\]|\['((?:[^'\\]|\\['\\])*)'\]/y

/**
 * A path into a JSON document, in the syntax of RedisJSON's legacy paths: keys and indices,
 * `'a.b[0]["a key with. dots"]'`. A negative index counts from the end. `'.'` is the whole document. A path
 * with a leading dot is absolute, any other is relative, and `''` is the empty path. For a channel, `'a'` and
 * `'.a'` are the same.
 *
 * Immutable. A method that cannot do what it is asked throws a PathError.
 */
export class JsonPath {
  readonly #text: string
  readonly #parts: readonly Part[]
  /** True if the path starts with a dot. */
  readonly isAbsolute: boolean

  /** @throws PathError for text that is not a path, such as one that ends with a dot. */
  constructor(path: string | JsonPath = '.') {
    if (typeof path !== 'string' && !(path instanceof JsonPath)) throw new PathError(String(path), 'must be text or a JsonPath')
    this.#text = String(path)
    this.isAbsolute = this.#text.startsWith('.')
    this.#parts = path instanceof JsonPath ? path.#parts : parse(this.#text)
  }

  /** `'.'` */
  get isRoot(): boolean {
    return this.isAbsolute && this.#parts.length === 0
  }

  /** `''` */
  get isEmpty(): boolean {
    return this.#text === ''
  }

  /** The segments: keys as strings, indices as numbers. */
  get segments(): readonly (string | number)[] {
    return this.#parts.map(({ segment }) => segment)
  }

  /** The path without its last segment. Null for the root and the empty path. */
  get parent(): JsonPath | null {
    return this.#parts.length === 0 ? null : format(this.isAbsolute, this.#parts.slice(0, -1))
  }

  /** The last segment as it is written; `'.'` for the root, `''` for the empty path. */
  get name(): string {
    return this.#parts.at(-1)?.raw ?? this.#text
  }

  /** This path followed by `other`, which must be relative. */
  join(other: string | JsonPath): JsonPath {
    const added = new JsonPath(other)
    if (added.isAbsolute) throw new PathError(added.#text, 'must be relative to be joined to another')
    return format(this.isAbsolute, [...this.#parts, ...added.#parts])
  }

  /** The relative path from `other` to this path, which must start with `other`. */
  relativeTo(other: string | JsonPath): JsonPath {
    const base = new JsonPath(other)
    if (base.isAbsolute !== this.isAbsolute) throw new PathError(this.#text, `must be absolute or relative as '${base.#text}' is`)
    if (base.#parts.some(({ segment }, index) => segment !== this.#parts[index]?.segment))
      throw new PathError(this.#text, `must begin with '${base.#text}'`)
    return format(false, this.#parts.slice(base.#parts.length))
  }

  /**
   * True if both are the same text.
   *
   * @throws ConfigurationError for anything but text or a JsonPath.
   */
  equals(other: string | JsonPath): boolean {
    if (typeof other !== 'string' && !(other instanceof JsonPath))
      throw new ConfigurationError('other', 'must be text or a JsonPath', other)
    return this.#text === String(other)
  }

  toString(): string {
    return this.#text
  }

  toJSON(): string {
    return this.#text
  }
}

function parse(text: string): Part[] {
  const parts: Part[] = []
  let at = text.startsWith('.') ? 1 : 0
  while (at < text.length) {
    part.lastIndex = at
    const [whole, dot, key, index, quoted, single] = part.exec(text) ?? []
    // A key that is not the first segment has a dot before it.
    if (whole === undefined || (key !== undefined && (dot === '.') !== parts.length > 0)) throw new PathError(text, rule)
    if (key !== undefined) parts.push({ raw: key, segment: key })
    else if (index !== undefined) parts.push({ raw: whole, segment: Number(index) })
    else parts.push({ raw: whole, segment: quoted === undefined ? (single ?? '').replaceAll(/\\(.)/g, '$1') : unquote(text, quoted) })
    at = part.lastIndex
  }
  if (text.endsWith('.') && text !== '.') throw new PathError(text, 'must not end with a dot')
  return parts
}

const rule = `must be '.', or keys and indices as in a.b[0]["a key with. dots"]`

function unquote(text: string, quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    throw new PathError(text, `${quoted} must be a JSON string`)
  }
}

function format(absolute: boolean, parts: readonly Part[]): JsonPath {
  const text = parts.map(({ raw }, index) => (index === 0 || raw.startsWith('[') ? raw : `.${raw}`)).join('')
  return new JsonPath(absolute ? `.${text}` : text)
}
