import { ConfigurationError } from '../errors/errors.ts'
import { integer, number, type Rule } from '../options/options.ts'
import { indexOf } from './index-of.ts'
import { JsonPath } from './json-path.ts'
import { jsonText, mostBytes } from './json-text.ts'
import { request, setting, simple, type Operation } from './operation.ts'
import { respForm } from './resp-form.ts'
import type { Revision } from './revision.ts'

/**
 * The operations of {@link Channel.query}, and what they resolve to. Reads resolve to null if the channel or
 * the path is not there.
 */
export interface QueryResults {
  get: unknown
  /** The arguments are more paths. */
  mget: unknown[]
  type: string | null
  /** In UTF-16 code units, as JavaScript counts. */
  strlen: number | null
  arrlen: number | null
  /** Arguments: value, start = 0 (included), stop = 0 (not included, 0 is the end). -1 if it is not there. */
  arrindex: number | null
  /** In the order of the document. */
  objkeys: string[] | null
  objlen: number | null
  /**
   * As JSON.RESP gives it: arrays start with '[', objects with '{' and have a pair for each member. Booleans
   * and fractions are text.
   */
  resp: unknown
  /** Argument: value. */
  set: Revision
  /** How many values were deleted, 0 or 1. */
  del: number
  forget: number
  /** Argument: amount. The new number. */
  numincrby: number
  /** Argument: factor. The new number. */
  nummultby: number
  /** Argument: text. The new length. */
  strappend: number
  /** Arguments: values. The new length. */
  arrappend: number
  /** Arguments: index (negative: from the end), values. The new length. */
  arrinsert: number
  /**
   * Argument: index = -1; an index out of range is the end on that side. Resolves to the removed value, or to
   * null, without a change, if there was none.
   */
  arrpop: unknown
  /** Arguments: the first and the last index to keep. The new length. */
  arrtrim: number
  /** The new value. */
  toggle: boolean
  /**
   * How many values were cleared, 0 or 1: objects and arrays become empty, numbers become 0, other values
   * stay.
   */
  clear: number
}

type Build = (path: JsonPath, given: readonly unknown[]) => Operation<unknown>

/** Places in an array. */
const index = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
/** Also the empty text. */
const text: Rule<string> = (option, value) => {
  if (typeof value !== 'string') throw new ConfigurationError(option, 'must be a string', value)
  return value
}
const finite = number(-Number.MAX_VALUE, Number.MAX_VALUE)

const reads = (name: string): [least: number, most: number, Build] => [0, 0, (path) => simple('none', name, path)]
const changesNumber = (name: string, argument: string): [number, number, Build] => [
  1,
  1,
  (path, [amount]) => simple('once', name, path, [String(finite(argument, amount))]),
]
/** Another element takes the place of a deleted element, so the same call again would delete that one too. */
const deletes: [number, number, Build] = [
  0,
  0,
  (path) => ({ ...simple<number>(typeof path.segments.at(-1) === 'number' ? 'once' : 'repeatable', 'del', path) }),
]

/** How many arguments each takes, and what it becomes. */
const operations: { readonly [Name in keyof QueryResults]: readonly [least: number, most: number, Build] } = {
  get: reads('get'),
  mget: [0, 1_000, multiple],
  type: reads('type'),
  strlen: reads('strlen'),
  arrlen: reads('arrlen'),
  arrindex: [1, 3, finding],
  objkeys: reads('objkeys'),
  objlen: reads('objlen'),
  resp: [0, 0, (path) => ({ ...simple('none', 'get', path), read: ([value]) => respForm(value) })],
  set: [1, 1, (path, [value]) => setting(value, path)],
  del: deletes,
  forget: deletes,
  numincrby: changesNumber('numincrby', 'amount'),
  nummultby: changesNumber('nummultby', 'factor'),
  strappend: [1, 1, (path, [more]) => simple('once', 'strappend', path, [jsonText('text', text('text', more))])],
  arrappend: [1, Infinity, (path, values) => simple('once', 'arrappend', path, list(values))],
  arrinsert: [2, Infinity, (path, [at, ...values]) => simple('once', 'arrinsert', path, [...list(values), String(index('index', at))])],
  arrpop: [0, 1, (path, [at = -1]) => simple('once', 'arrpop', path, [String(index('index', at))])],
  arrtrim: [2, 2, (path, [start, stop]) => simple('once', 'arrtrim', path, [String(index('start', start)), String(index('stop', stop))])],
  toggle: [0, 0, (path) => simple('once', 'toggle', path)],
  clear: [0, 0, (path) => simple('repeatable', 'clear', path)],
}

/**
 * @throws ConfigurationError for an operation that is not known and for arguments that it does not take;
 *   PathError for a bad path.
 */
export function querying<Name extends keyof QueryResults>(
  op: Name,
  path: string | JsonPath,
  given: readonly unknown[],
): Operation<QueryResults[Name]> {
  const name = typeof op === 'string' ? op.toLowerCase() : ''
  if (!Object.hasOwn(operations, name)) throw new ConfigurationError('op', `must be one of ${Object.keys(operations).join(', ')}`, op)
  const [least, most, build] = operations[name as keyof QueryResults]
  if (given.length < least || given.length > most) {
    const range = least === most ? String(least) : most === Infinity ? `${least} or more` : `${least} to ${most}`
    throw new ConfigurationError('args', `${name} takes ${range} after the path`, given.length)
  }
  return build(new JsonPath(path), given) as Operation<QueryResults[Name]>
}

/** Values as the scripts take them: one text, and how many they are. */
function list(values: readonly unknown[]): string[] {
  const texts = values.map((value) => jsonText('value', value))
  let length = 0
  for (const text of texts) length += text.length
  if (length > mostBytes) throw new ConfigurationError('values', `must be at most ${mostBytes} bytes of JSON together`)
  return [texts.join(','), String(values.length)]
}

function multiple(path: JsonPath, others: readonly unknown[]): Operation<unknown[]> {
  const paths = [path, ...others.map((other) => new JsonPath(other as string))]
  return { name: 'mget', path, effect: 'none', requests: paths.map((each) => request('get', each)), read: (answers) => [...answers] }
}

function finding(path: JsonPath, [value, start = 0, stop = 0]: readonly unknown[]): Operation<number | null> {
  const sought = JSON.parse(jsonText('value', value)) as unknown
  const range = [index('start', start), index('stop', stop)] as const
  return { ...simple('none', 'get', path), read: ([array]) => (array === null ? null : indexOf(path, array, sought, ...range)) }
}
