import { decodeState, type JobStateRow } from '@ripen/queue/internal'

/** A job that this worker has leased, as the server handed it over. */
export interface HeldJob {
  readonly id: string
  readonly row: string
  /** `''` when the job has none: it was never tried. */
  readonly stateRow: string
  /** Sixteen digits. */
  readonly fence: string
  /** The score to go back to. */
  readonly score: number
  /** When it came, on the clock of the store. */
  readonly since: number
}

/** Reads the taken jobs out of a reply of `settle`. */
export function heldJobs(
  fence: string,
  segments: readonly string[],
  ids: readonly string[],
  rows: readonly (string | null)[],
  states: readonly (number | string)[],
  since: number,
): HeldJob[] {
  const stateRows = new Map<number, string>()
  for (let index = 0; index < states.length; index += 2) stateRows.set(Number(states[index]), String(states[index + 1]))
  const jobs: HeldJob[] = []
  let position = 0
  for (const segment of segments) {
    const [count = 0, first = 0] = segment.split(' ').map(Number)
    for (let index = 0; index < count; index++, position++) {
      jobs.push({
        id: ids[position] ?? '',
        row: rows[position] ?? '',
        stateRow: stateRows.size === 0 ? '' : (stateRows.get(position + 1) ?? ''),
        fence,
        score: first + index,
        since,
      })
    }
  }
  return jobs
}

/** From its lease row, after a reconnect: `fence worker score suspect`. */
export function adoptedJob(id: string, row: string, lease: string, stateRow: string, since: number): HeldJob {
  const [fence = '', , place = '0'] = lease.split(' ')
  const score = Number(place)
  return { id, row, stateRow, fence, score: Number.isSafeInteger(score) ? score : 0, since }
}

const fresh: JobStateRow = decodeState('')

export function stateOf(job: HeldJob): JobStateRow {
  return job.stateRow === '' ? fresh : decodeState(job.stateRow)
}
