import { ConfigurationError } from '@ripen/store'
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
  /** Which run was the last that a worker came to, in epoch ms. */
  readonly lastRun: number | undefined
  /** Those of the last runs that may not have ended. */
  readonly jobs: readonly string[]
  readonly spec: StoredSpec
  readonly timing: ParsedTiming
  /** The spec as text. */
  readonly text: string
}

/** @throws ConfigurationError for a row that no version of Ripen wrote. */
export function decodeSchedule(row: string): ScheduleRow {
  const match = /^(\d+);([01]);(\d+);(\d+);(\d+);(\d*);([^\n]*)\n(.*)$/s.exec(row)
  if (match === null) throw new ConfigurationError('row', 'is not a schedule of a layout that is known here')
  const [, revision, paused, anchor, runs, overlapped, lastRun, jobs, text] = match as unknown as string[] & { readonly length: 9 }
  const spec = JSON.parse(text ?? '') as StoredSpec
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
