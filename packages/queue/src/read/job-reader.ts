import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { integer, boolean, type CallBounds, optional, oneOf, parseOptions, text } from '@ripen/store/internal'
import { batchJobs } from '../constants.ts'
import type { JobHome } from '../job/job-home.ts'
import { StoredJob, type JobState } from '../job/job.ts'
import { deserialize } from '../job/payload.ts'
import { decodeRow, decodeState } from '../job/row.ts'
import { countsScript, pageScript, readScript } from '../scripts.generated.ts'
import type { Shard } from '../shard/shard.ts'

/** Selects jobs by their state. */
export interface JobFilter {
  readonly state: JobState
}

export interface PageOptions {
  /** How many jobs a page has, at most 1,000. Default 100. */
  readonly limit?: number
  /** The `cursor` of the previous page. Absent for the first page. */
  readonly cursor?: string
  /** Last job first. Default false. */
  readonly reverse?: boolean
}

const pageRules = { limit: optional(integer(1, 1_000), 100), cursor: optional(text, undefined), reverse: optional(boolean, false) }
/** Stands for a row that no version of Ripen wrote. */
const unreadable = { addedAt: 0, priority: 0, name: '', options: {} }
const filterRules = { state: oneOf('scheduled', 'ready', 'active', 'blocked', 'completed', 'failed', 'cancelled') }

/** Reads jobs, in bounded steps: no read blocks the server. */
export class JobReader {
  readonly #shard: Shard
  readonly #home: JobHome

  constructor(shard: Shard, home: JobHome) {
    this.#shard = shard
    this.#home = home
  }

  /** In the order of the ids; null for a job that is not there. */
  async read(ids: readonly string[], bounds?: CallBounds): Promise<(StoredJob | null)[]> {
    const jobs: (StoredJob | null)[] = []
    while (jobs.length < ids.length) {
      const some = ids.slice(jobs.length, jobs.length + batchJobs)
      const answer = await this.#shard.script(readScript, {}, some, bounds)
      for (const [index, id] of some.slice(0, answer.length / 5).entries()) {
        const [row = '', stateRow = '', state = '', score = '', lease = ''] = answer.slice(index * 5, index * 5 + 5)
        jobs.push(state === '' ? null : this.#revive(id, row, stateRow, state as JobState, Number(score), lease))
      }
    }
    return jobs
  }

  #revive(id: string, row: string, stateRow: string, state: JobState, score: number, lease: string): StoredJob {
    const fence = /^\d{16} /.test(lease) ? { fence: Number(lease.slice(0, 16)) } : {}
    try {
      const decoded = decodeRow(row)
      return new StoredJob(this.#home, id, decoded, decoded.addedAt, deserialize(decoded.data), {
        state,
        stateRow: decodeState(stateRow),
        score,
        ...fence,
      })
    } catch (cause) {
      // One row that cannot be read must not hide the others of its page.
      const { name, message, code } = new InvalidJobError(`job ${id}`, [{ message: 'has a row that cannot be read' }], cause)
      return new StoredJob(this.#home, id, unreadable, unreadable.addedAt, undefined, {
        state,
        stateRow: { ...decodeState(''), error: { name, message, code } },
        score,
        ...fence,
      })
    }
  }

  /**
   * A page of jobs of one state: ready ones in the order they will be taken, scheduled and blocked ones by
   * due time, active ones by the deadline of their lease, ended ones by the time they ended (those with a
   * `retain` of their own after the others). A job that stays at its place meanwhile comes exactly once, also
   * when others are moved or removed; what moves may be missed or met twice.
   */
  async list(filter: unknown, options: unknown): Promise<{ jobs: StoredJob[]; cursor: string | null }> {
    const { state } = parseOptions('JobFilter', filter, filterRules)
    const { limit, cursor, reverse } = parseOptions('getJobs options', options, pageRules)
    const { score, id } = cursor === undefined ? { score: '', id: '' } : parseCursor(cursor)
    const pairs = await this.#shard.store.caller.script(pageScript, {
      keys: { set: this.#shard.keys[state] },
      arguments: { reverse: reverse ? 1 : 0, limit, score, member: id },
    })
    const ids = pairs.filter((_value, index) => index % 2 === 0)
    const jobs = (await this.read(ids)).filter((job) => job?.state === state) as StoredJob[]
    return { jobs, cursor: ids.length < limit ? null : cursorOf(pairs.at(-1) ?? '', ids.at(-1) ?? '') }
  }

  async counts(): Promise<Record<JobState, number>> {
    const [ready = 0, scheduled = 0, active = 0, blocked = 0, completed = 0, failed = 0, cancelled = 0] = await this.#shard.script(
      countsScript,
      {},
    )
    return { scheduled, ready, active, blocked, completed, failed, cancelled }
  }
}

/**
 * A cursor is the place where the page has ended, the score and the id of its last job: it stays a place when
 * that job and others have moved on.
 */
function cursorOf(score: string, id: string): string {
  return Buffer.from(`${score} ${id}`).toString('base64url')
}

const longestCursor = 4_096

/** @throws ConfigurationError for what {@link cursorOf} has not made. */
function parseCursor(cursor: string): { score: string; id: string } {
  const place = cursor.length > longestCursor ? '' : Buffer.from(cursor, 'base64url').toString()
  const match = /^(-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|-?inf) (.+)$/s.exec(place)
  const [, score = '', id = ''] = match ?? []
  if (match === null || cursorOf(score, id) !== cursor)
    throw new ConfigurationError('cursor', 'must be the cursor of an earlier page', cursor.slice(0, 100))
  return { score, id }
}
