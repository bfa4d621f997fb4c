import { decodeState, type JobStateRow } from '@ripen/queue/internal'

/** A job that this worker has leased, as the server handed it over. */
export interface HeldJob {
  /** The number of its shard. */
  readonly shard: number
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

/** What of a reply of `settle` tells of the jobs that it took. */
export interface TakenJobs {
  readonly fence: string
  /** Of each priority: how many jobs, and the score of the first. */
  readonly segments: readonly string[]
  /** A JSON array. */
  readonly ids: string
  readonly rows: readonly (string | null)[]
  /** Position, counted from 1, and state row in turn. */
  readonly states: readonly (number | string)[]
}

export function heldJobs({ fence, segments, ids: idsText, rows, states }: TakenJobs, shard: number, since: number): HeldJob[] {
  if (idsText === '') return []
  const ids = JSON.parse(idsText) as string[]
  const stateRows = new Map<number, string>()
  for (let index = 0; index < states.length; index += 2) stateRows.set(Number(states[index]), String(states[index + 1]))
  const jobs: HeldJob[] = []
  let position = 0
  for (const segment of segments) {
    const [count = 0, first = 0] = segment.split(' ').map(Number)
    for (let index = 0; index < count; index++, position++) {
      jobs.push({
        shard,
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

/**
 * A job as the server holds it in this worker's name, after a reconnect. @param lease its lease row:
 * `fence worker score suspect`.
 */
export function adoptedJob(lease: string, held: Omit<HeldJob, 'fence' | 'score'>): HeldJob {
  const [fence = '', , place = '0'] = lease.split(' ')
  const score = Number(place)
  return { ...held, fence, score: Number.isSafeInteger(score) ? score : 0 }
}

const fresh: JobStateRow = decodeState('')

export function stateOf(job: HeldJob): JobStateRow {
  return job.stateRow === '' ? fresh : decodeState(job.stateRow)
}
