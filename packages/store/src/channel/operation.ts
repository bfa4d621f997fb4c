import { parseOptions, optional } from '../options/options.ts'
import { metaField, readMeta, type ChannelMeta } from './channel-meta.ts'
import { JsonPath } from './json-path.ts'
import { jsonText } from './json-text.ts'
import { revisionOrNumber, type Revision } from './revision.ts'

/**
 * What the scripts run: the name of an operation, the segments of its path, and its arguments. Each gives one
 * answer.
 */
export interface Request {
  readonly name: string
  readonly segments: readonly string[]
  readonly values: readonly string[]
}

/** A call of a channel, before it is sent: by itself or in a pipeline. */
export interface Operation<Result> {
  /** For messages. */
  readonly name: string
  readonly path: JsonPath
  /** Whether it writes, and if so whether doing it twice in a row is the same as doing it once. */
  readonly effect: 'none' | 'repeatable' | 'once'
  readonly requests: readonly Request[]
  read(answers: readonly unknown[]): Result
}

/**
 * Conditions of a `set`. With `ifRev` it writes only at this revision; a number is a `rev` of the current
 * epoch. Otherwise it rejects with a RevisionError, and writes nothing.
 */
export interface SetOptions {
  readonly ifRev?: Revision | number | undefined
}

export function request(name: string, path: JsonPath, values: readonly string[] = []): Request {
  return {
    name,
    segments: path.segments.map((segment) => (typeof segment === 'number' ? String(segment) : JSON.stringify(segment))),
    values,
  }
}

/** An operation of one request, whose answer is its result. */
export function simple<Result>(
  effect: Operation<Result>['effect'],
  name: string,
  path: string | JsonPath,
  values: readonly string[] = [],
): Operation<Result> {
  const parsed = new JsonPath(path)
  return { name, path: parsed, effect, requests: [request(name, parsed, values)], read: ([answer]) => answer as Result }
}

export function setting(value: unknown, path: string | JsonPath, options?: SetOptions): Operation<Revision> {
  const { ifRev } = parseOptions('set options', options, { ifRev: optional(revisionOrNumber, undefined) })
  const wanted = typeof ifRev === 'object' ? [String(ifRev.epoch), String(ifRev.rev)] : ['', ifRev === undefined ? '' : String(ifRev)]
  return simple('repeatable', 'set', path, [jsonText('value', value), ...wanted])
}

export function ensuring(value: unknown): Operation<boolean> {
  return simple('repeatable', 'ensure', '.', [jsonText('value', value)])
}

export function resetting(value: unknown): Operation<Revision> {
  return simple('repeatable', 'reset', '.', [jsonText('value', value)])
}

export function isNull(path: string | JsonPath): Operation<boolean | null> {
  const operation = simple('none', 'type', path)
  return { ...operation, read: ([type]) => (type === null ? null : type === 'null') }
}

export function isInitialized(): Operation<boolean> {
  return { ...simple('none', 'type', '.'), read: ([type]) => type !== null }
}

export function readingMeta(redisKey: string, key?: keyof ChannelMeta): Operation<unknown> {
  const field = key === undefined ? undefined : metaField(key)
  return {
    ...simple('none', 'meta', '.'),
    read: ([answer]) => {
      const meta = readMeta(redisKey, answer)
      return field === undefined || meta === null ? meta : meta[field]
    },
  }
}

export function readingData(redisKey: string): Operation<{ _ipc_obj: unknown; _ipc_meta: ChannelMeta } | null> {
  const path = new JsonPath()
  return {
    name: 'data',
    path,
    effect: 'none',
    requests: [request('meta', path), request('get', path)],
    read: ([answer, value]) => {
      const meta = readMeta(redisKey, answer)
      return meta === null ? null : { _ipc_obj: value, _ipc_meta: meta }
    },
  }
}
