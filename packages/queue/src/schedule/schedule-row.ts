import { ConfigurationError } from '@ripen/store'
import { integer, number, oneOf, optional, text } from '@ripen/store/internal'
import { deserialize } from '../job/payload.ts'
import { decodeRow, type DecodedRow } from '../job/row.ts'
import { isRecord } from '../job/checks.ts'
import type { StoredSpec } from './schedule-spec.ts'
import { parseTiming, type ParsedTiming } from './timing.ts'

/** A schedule as the server keeps it: see schedule-put.lua. */
export interface ScheduleRow {
  /** Grows with each change by hand. */
  readonly revision: string
  readonly paused: boolean
  /** When it was first made, in epoch ms: `every` counts from there. */
  readonly anchor: number
  /** How many runs were added. */
  readonly runs: number
  /** How many were not, because an earlier one had not ended. */
  readonly overlapped: number
  /** The last run that a worker handled, in epoch ms. */
  readonly lastRun: number | undefined
  /** Those of the last runs that may not have ended. */
  readonly jobs: readonly string[]
  readonly spec: StoredSpec
  readonly timing: ParsedTiming
  /** The spec as text. */
  readonly text: string
}

const policy = oneOf('skip', 'one', 'all')
const count = integer(1, Number.MAX_SAFE_INTEGER)
const span = number(0, Number.MAX_SAFE_INTEGER)

/** @throws ConfigurationError, SyntaxError for a spec that no version of Ripen wrote. */
function decodeSpec(json: string): StoredSpec {
  const spec = deserialize(json)
  if (!isRecord(spec)) throw new ConfigurationError('row', 'must end with the schedule as an object')
  policy('catchUp', spec['catchUp'])
  policy('overlap', spec['overlap'])
  span('jitter', spec['jitter'])
  optional(span, undefined)('catchUpWindow', spec['catchUpWindow'])
  optional(count, undefined)('limit', spec['limit'])
  deserialize(decodeJob(text('row', spec['row'])).data)
  return spec as unknown as StoredSpec
}

/** The job of a schedule: a row without version and time. @throws ConfigurationError. */
export function decodeJob(row: string): DecodedRow {
  return decodeRow(`1${'0'.repeat(13)}${row}`)
}

/** @throws ConfigurationError, SyntaxError for a row that no version of Ripen wrote. */
export function decodeSchedule(row: string): ScheduleRow {
  const match = /^(\d{1,15});([01]);(\d{1,15});(\d{1,15});(\d{1,15});(\d{0,15});([^\n]*)\n(.*)$/s.exec(row)
  if (match === null) throw new ConfigurationError('row', 'is not a schedule in a layout that this version knows')
  const [, revision, paused, anchor, runs, overlapped, lastRun, jobs, text] = match as unknown as string[] & { readonly length: 9 }
  const spec = decodeSpec(text ?? '')
  return {
    revision: revision ?? '',
    paused: paused === '1',
    anchor: Number(anchor),
    runs: Number(runs),
    overlapped: Number(overlapped),
    lastRun: lastRun === '' ? undefined : Number(lastRun),
    jobs: jobs === '' ? [] : (jobs ?? '').split(','),
    spec,
    timing: parseTiming('', spec.timing),
    text: text ?? '',
  }
}
