import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { isRecord } from './checks.ts'
import { leastPriority, mostPriority } from '../constants.ts'
import { deserialize, serialize } from './payload.ts'
import { decodeOptions, noOptions, type StoredOptions } from './stored-options.ts'

/** The content of a row. */
interface RowParts {
  readonly name: string
  readonly priority: number
  /**
   * The place that the queue's Scorer gave the job, if there is one. It follows the priority, after a comma.
   */
  readonly place?: number | undefined
  /** The options as members of a JSON object, without the braces: see {@link membersOf}. */
  readonly members: string
  /** JSON. */
  readonly data: string
}

/**
 * A row of `jobs`: version byte, 13 digits of the time it was added (both put there by the server), then what
 * this makes: `:<priority>:<name>\n<options as JSON or nothing>\n<data as JSON or nothing>`. JSON has no raw
 * line ends, names have no control characters.
 */
export function encodeRow({ name, priority, place, members, data }: RowParts): string {
  return `:${priority}${place === undefined ? '' : `,${place}`}:${name}\n${members === '' ? '' : `{${members}}`}\n${data}`
}

/** Options as members of a JSON object, without the braces, so that more can follow. */
export function membersOf(options: StoredOptions): string {
  return JSON.stringify(options).slice(1, -1)
}

/** Members, and those of more options behind them. */
export function joinMembers(members: string, more: StoredOptions | undefined): string {
  if (more === undefined) return members
  return members === '' ? membersOf(more) : `${members},${membersOf(more)}`
}

/** The options in a row as {@link encodeRow} makes it. */
export function preparedOptions(row: string): StoredOptions {
  const [, options = ''] = row.split('\n', 2)
  return options === '' ? noOptions : decodeOptions(options)
}

export interface DecodedRow {
  readonly addedAt: number
  readonly priority: number
  readonly name: string
  readonly options: StoredOptions
  readonly data: string
}

/**
 * Reads a row; its data stays text.
 *
 * @throws ConfigurationError for a row that no version of Ripen wrote.
 */
export function decodeRow(row: string): DecodedRow {
  const named = row.indexOf(':', 15)
  const optioned = row.indexOf('\n', named)
  const end = row.indexOf('\n', optioned + 1)
  if (row.charCodeAt(0) !== 49 || named < 0 || optioned < 0 || end < 0) throw unreadable(row)
  const addedAt = Number(row.slice(1, 14))
  const priority = named === 16 && row.charCodeAt(15) === 48 ? 0 : Number.parseInt(row.slice(15, named), 10)
  if (!(addedAt >= 0 && priority >= leastPriority && priority <= mostPriority)) throw unreadable(row)
  return {
    addedAt,
    priority,
    name: row.slice(named + 1, optioned),
    options: end === optioned + 1 ? noOptions : decodeOptions(row.slice(optioned + 1, end)),
    data: row.slice(end + 1),
  }
}

/** The row itself is not told: it is the data of somebody. */
function unreadable(row: string): ConfigurationError {
  const newer = /^[2-9]\d{13}:/.exec(row)
  return new ConfigurationError(
    'row',
    newer === null
      ? 'is not a job in a layout that this version knows'
      : `has layout ${row.charAt(0)}, but this version of Ripen knows 1: upgrade this process`,
  )
}

/**
 * An error as a job keeps it: at most 200 characters of name and code, 8,000 of message and stack. Causes and
 * parts are kept five deep, ten parts each, 25 in all, with 2,000 characters each.
 */
export interface JobError {
  /** `NonError` when what was thrown is no error. */
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: JobError
  /** The parts of an AggregateError. */
  readonly errors?: readonly JobError[]
  /** For a cancelled job: the reason passed to `cancel`. */
  readonly reason?: string
}

/**
 * A row of `state`: `attempts:stalls:due:fence:` and JSON of the rest. Absent is the same as all 0 and empty.
 */
export interface JobStateRow {
  /** How many attempts have ended: with an error, a result or a cancel. */
  readonly attempts: number
  readonly stalls: number
  /** When it was due after a retry or a snooze, in ms. */
  readonly due: number | undefined
  /** The fence of the lease it last ran under: µs of the server's clock when it was taken. */
  readonly fence: number | undefined
  readonly error?: JobError | undefined
  readonly result?: unknown
  readonly progress?: unknown
}

const freshState: JobStateRow = Object.freeze({ attempts: 0, stalls: 0, due: undefined, fence: undefined })

/** @param tail as {@link encodeTail} makes it. */
export function encodeState(attempts: number, stalls: number, due: number | undefined, fence: string, tail: string): string {
  return `${attempts}:${stalls}:${due ?? ''}:${fence}:${tail}`
}

/** JSON texts as one JSON object; what is undefined or `''` is left out. */
export function encodeTail(parts: {
  readonly error?: JobError | undefined
  readonly result?: string
  readonly progress?: string | undefined
}): string {
  const members: string[] = []
  if (parts.error !== undefined) members.push(`"error":${JSON.stringify(parts.error)}`)
  if (parts.result) members.push(`"result":${parts.result}`)
  if (parts.progress) members.push(`"progress":${parts.progress}`)
  return members.length === 0 ? '' : `{${members.join(',')}}`
}

/**
 * How deep progress may nest, which is written again with its state row. JSON.stringify fails beyond some
 * thousand levels.
 */
export const deepestProgress = 1_000

/** @throws InvalidJobError for what cannot be written as JSON, is too long or nests too deep. */
export function encodeProgress(value: unknown, maxPayload: number): string {
  const text = serialize('progress', value, maxPayload)
  if (text.length > 2 * deepestProgress && isDeeper(JSON.parse(text), deepestProgress))
    throw new InvalidJobError('progress', [{ message: `nests deeper than ${deepestProgress} levels` }])
  return text
}

/**
 * Reads a row of `state`.
 *
 * @throws ConfigurationError for a row that no version of Ripen wrote.
 */
export function decodeState(row: string): JobStateRow {
  if (row === '') return freshState
  const match = /^(\d{1,15}):(\d{1,15}):(\d{0,15}):(\d{0,16}):(.*)$/s.exec(row)
  if (match === null) throw new ConfigurationError('state row', 'has a layout that this version does not know')
  const [, attempts, stalls, due, fence, tail] = match as unknown as [string, string, string, string, string, string]
  return {
    attempts: Number(attempts),
    stalls: Number(stalls),
    due: due === '' ? undefined : Number(due),
    fence: fence === '' ? undefined : Number(fence),
    ...decodeTail(tail),
  }
}

function decodeTail(text: string): Pick<JobStateRow, 'error' | 'result' | 'progress'> {
  const tail = deserialize(text)
  if (tail === undefined) return {}
  if (!isRecord(tail)) throw new ConfigurationError('state row', 'must end with an object')
  const { error, result, progress } = tail
  if (error !== undefined && !isJobError(error)) throw new ConfigurationError('state row', 'has an invalid error')
  if (text.length > 2 * deepestProgress && isDeeper(progress, deepestProgress))
    throw new ConfigurationError('state row', `has progress that nests deeper than ${deepestProgress}`)
  return {
    ...(error === undefined ? {} : { error }),
    ...('result' in tail ? { result } : {}),
    ...('progress' in tail ? { progress } : {}),
  }
}

function isJobError(value: unknown): value is JobError {
  if (!isRecord(value)) return false
  const { name, message, code, stack, reason } = value
  return (
    typeof name === 'string' &&
    typeof message === 'string' &&
    [code, stack, reason].every((text) => text === undefined || typeof text === 'string')
  )
}

/** Whether arrays and objects nest deeper than this many levels. */
export function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return most === 0 || Object.values(value).some((part) => isDeeper(part, most - 1))
}
