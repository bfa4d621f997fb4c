import { ConfigurationError } from '@ripen/store'
import type { ParsedBackoff } from './backoff.ts'
import type { ParsedJobOptions } from './job-options.ts'
import { deserialize } from './payload.ts'
import type { ParsedUnique } from './unique.ts'

/**
 * A row of `jobs`: version byte, 13 digits of the time it was added (both put there by the server), then what {@link encodeRow} makes:
 * `:<priority>:<name>\n<options as JSON or nothing>\n<data as JSON or nothing>`. JSON has no raw line ends, names have no control characters.
 *
 * @param place what the Scorer of the queue, if it has one, gave for the job; it follows the priority after a comma.
 */
export function encodeRow(name: string, options: ParsedJobOptions | undefined, data: string, place?: number): string {
  const head = `:${options?.priority ?? 0}${place === undefined ? '' : `,${place}`}:${name}`
  return `${head}\n${options === undefined ? '' : encodeOptions(options)}\n${data}`
}

/** What the row keeps of the options. */
export interface StoredOptions {
  readonly delay?: number
  readonly runAt?: number
  readonly attempts?: number
  readonly backoff?: ParsedBackoff
  readonly timeout?: number
  readonly expiresIn?: number
  readonly retain?: { readonly completed?: number | false; readonly failed?: number | false }
  readonly unique?: ParsedUnique
  readonly meta?: Readonly<Record<string, string>>
  /** The schedule that has added the job, and the time of the run. */
  readonly schedule?: { readonly id: string; readonly at: number }
}

const noOptions: StoredOptions = Object.freeze({})

/** What of the options the row keeps as JSON: id and priority have places of their own, durability is of the add. */
export function storedOptions(options: ParsedJobOptions | undefined): StoredOptions {
  if (options === undefined) return noOptions
  const { id: _id, priority: _priority, durability: _durability, ...stored } = options
  return Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined))
}

function encodeOptions(options: ParsedJobOptions): string {
  const text = JSON.stringify(storedOptions(options))
  return text === '{}' ? '' : text
}

/** The options in a row as {@link encodeRow} makes it. */
export function preparedOptions(row: string): StoredOptions {
  const [, options = ''] = row.split('\n', 2)
  return options === '' ? noOptions : (JSON.parse(options) as StoredOptions)
}

/** The row of a run of a schedule, made of that of its job. @param due when it may start, in epoch ms. */
export function encodeRun(row: string, schedule: string, at: number, due: number): string {
  const [head = '', , data = ''] = row.split('\n')
  return `${head}\n${JSON.stringify({ ...preparedOptions(row), runAt: due, schedule: { id: schedule, at } })}\n${data}`
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
  if (row.charCodeAt(0) !== 49 || named < 0 || optioned < 0 || end < 0)
    throw new ConfigurationError('row', 'is not a job of a layout that is known here')
  return {
    addedAt: Number(row.slice(1, 14)),
    priority: named === 16 && row.charCodeAt(15) === 48 ? 0 : Number.parseInt(row.slice(15, named), 10),
    name: row.slice(named + 1, optioned),
    options: end === optioned + 1 ? noOptions : (JSON.parse(row.slice(optioned + 1, end)) as StoredOptions),
    data: row.slice(end + 1),
  }
}

/** An error as a job keeps it. */
export interface JobError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  /** Of a cancelled job: what the caller of `cancel` gave. */
  readonly reason?: string
}

/** A row of `state`: `attempts:stalls:due:fence:` and JSON of the rest. Absent is the same as all 0 and empty. */
export interface JobStateRow {
  /** How many attempts have ended: with an error, a result or a cancel. */
  readonly attempts: number
  readonly stalls: number
  /** When it was due after a retry or a snooze, in ms. */
  readonly due: number | undefined
  /** The fence of the lease it last ran under: µs of the server's clock when it was taken. */
  readonly fence: number | undefined
  readonly error?: JobError
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

export function decodeState(row: string): JobStateRow {
  if (row === '') return freshState
  const match = /^(\d+):(\d+):(\d*):(\d*):(.*)$/s.exec(row)
  if (match === null) throw new ConfigurationError('state row', 'is not of a layout that is known here')
  const [, attempts, stalls, due, fence, tail] = match as unknown as [string, string, string, string, string, string]
  return {
    attempts: Number(attempts),
    stalls: Number(stalls),
    due: due === '' ? undefined : Number(due),
    fence: fence === '' ? undefined : Number(fence),
    ...(deserialize(tail) as object | undefined),
  }
}
