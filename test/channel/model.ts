/**
 * What the operations of a channel do, on plain values: what the scripts are compared with. `undefined` for a
 * path that leads nowhere, an Error for a refusal.
 */
export type Segment = string | number

export interface Outcome {
  /** What the operation resolves to, or the code of its error. */
  readonly result: unknown
  readonly changed: boolean
}

const refused = (code: string): Outcome => ({ result: code, changed: false })
const done = (result: unknown): Outcome => ({ result, changed: true })
const nothing = (result: unknown): Outcome => ({ result, changed: false })

export class Model {
  root: unknown

  constructor(root: unknown) {
    this.root = root
  }

  at(path: readonly Segment[]): unknown {
    return path.reduce<unknown>((value, segment) => child(value, segment), this.root)
  }

  set(path: readonly Segment[], value: unknown): Outcome {
    if (path.length === 0) {
      this.root = value
      return done(undefined)
    }
    const parent = this.at(path.slice(0, -1))
    const last = path.at(-1) as Segment
    if (parent instanceof Map && typeof last === 'string') parent.set(last, value)
    else if (child(parent, last) === undefined) return refused('RIPEN_PATH')
    else (parent as unknown[])[place(parent as unknown[], last as number)] = value
    return done(undefined)
  }

  del(path: readonly Segment[]): Outcome {
    if (path.length === 0) return refused('RIPEN_PATH')
    const parent = this.at(path.slice(0, -1))
    const last = path.at(-1) as Segment
    if (child(parent, last) === undefined) return nothing(0)
    if (parent instanceof Map) parent.delete(last)
    else (parent as unknown[]).splice(place(parent as unknown[], last as number), 1)
    return done(1)
  }

  /** Any other operation that writes. */
  change(op: string, path: readonly Segment[], args: readonly unknown[]): Outcome {
    const value = this.at(path)
    if (value === undefined) return refused('RIPEN_PATH')
    const [first] = args as [any]
    switch (op) {
      case 'numincrby':
      case 'nummultby': {
        if (typeof value !== 'number') return refused('RIPEN_WRONG_TYPE')
        const result = op === 'numincrby' ? value + first : value * first
        return Number.isFinite(result) ? this.#becomes(path, result === 0 ? 0 : result) : refused('RIPEN_WRONG_TYPE')
      }
      case 'strappend': {
        if (typeof value !== 'string') return refused('RIPEN_WRONG_TYPE')
        this.set(path, value + first)
        return done((value + first).length)
      }
      case 'toggle':
        return typeof value === 'boolean' ? this.#becomes(path, !value) : refused('RIPEN_WRONG_TYPE')
      case 'clear': {
        const empty = typeof value === 'number' ? 0 : Array.isArray(value) ? [] : value instanceof Map ? new Map() : undefined
        const clear = value === 0 || (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0)
        if (empty === undefined || clear) return nothing(0)
        this.set(path, empty)
        return done(1)
      }
      default:
        return Array.isArray(value) ? changeArray(op, value, args) : refused('RIPEN_WRONG_TYPE')
    }
  }

  #becomes(path: readonly Segment[], value: unknown): Outcome {
    this.set(path, value)
    return done(value)
  }

  /** Operations that only read; null for what is not there. */
  read(op: string, path: readonly Segment[]): unknown {
    const value = this.at(path)
    if (value === undefined) return null
    const type = typeOf(value)
    switch (op) {
      case 'get':
        return plain(value)
      case 'type':
        return type
      case 'strlen':
        return typeof value === 'string' ? value.length : 'RIPEN_WRONG_TYPE'
      case 'arrlen':
        return Array.isArray(value) ? value.length : 'RIPEN_WRONG_TYPE'
      case 'objlen':
        return value instanceof Map ? value.size : 'RIPEN_WRONG_TYPE'
      default:
        return value instanceof Map ? [...value.keys()] : 'RIPEN_WRONG_TYPE'
    }
  }
}

function changeArray(op: string, array: unknown[], args: readonly unknown[]): Outcome {
  switch (op) {
    case 'arrappend':
      return done(array.push(...args))
    case 'arrinsert': {
      const [index, ...values] = args as [number, ...unknown[]]
      if (index > array.length || index < -array.length) return refused('RIPEN_PATH')
      array.splice(place(array, index), 0, ...values)
      return done(array.length)
    }
    case 'arrpop': {
      if (array.length === 0) return nothing(null)
      const [index = -1] = args as [number?]
      const [popped] = array.splice(Math.max(0, Math.min(place(array, index), array.length - 1)), 1)
      return done(plain(popped))
    }
    default: {
      const [start, stop] = args as [number, number]
      const kept = array.slice(Math.max(0, place(array, start)), Math.max(0, place(array, stop) + 1))
      array.splice(0, array.length, ...kept)
      return done(array.length)
    }
  }
}

function place(array: readonly unknown[], index: number): number {
  return index < 0 ? index + array.length : index
}

function child(value: unknown, segment: Segment): unknown {
  if (typeof segment === 'string') return value instanceof Map ? value.get(segment) : undefined
  return Array.isArray(value) ? value[place(value, segment)] : undefined
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'object'
  if (typeof value === 'number') return /^-?\d+$/.test(JSON.stringify(value)) ? 'integer' : 'number'
  return typeof value
}

/** The JSON text: members in the order of the map. */
export function textOf(value: unknown): string {
  if (value instanceof Map) return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join(',')}}`
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  return JSON.stringify(value)
}

export function plain(value: unknown): unknown {
  return JSON.parse(textOf(value))
}
