import { ConfigurationError } from '@ripen/store'
import { identifier, integer, showAs, soughtIdentifier } from '@ripen/store/internal'
import type { Adders } from '../add/adders.ts'
import type { JobFactory } from '../add/job-factory.ts'
import { saysAll, type PreparedJob } from '../add/prepared-job.ts'
import type { Job, StoredJob } from '../job/job.ts'
import { deserialize } from '../job/payload.ts'
import { schedulePageScript, schedulePutScript, scheduleReadScript, scheduleRemoveScript } from '../scripts.generated.ts'
import type { Shard } from '../shard/shard.ts'
import { featuresOfSchedule } from './features-of-schedule.ts'
import { nextRun } from './next-run.ts'
import { after } from './occurrences.ts'
import { runsOf } from './scheduled-run.ts'
import { decodeJob, decodeSchedule, type ScheduleRow } from './schedule-row.ts'
import { parseSpec, type ScheduleSpec, type StoredSpec } from './schedule-spec.ts'
import { parseTiming, type ParsedTiming } from './timing.ts'

/** A schedule as it was when it was read. Times are by the server's clock, in epoch ms. */
export interface Schedule<J = Record<string, any>> extends Omit<StoredSpec, 'timing' | 'row'> {
  readonly id: string
  readonly cron?: string
  /** In ms. */
  readonly every?: number
  readonly tz?: string
  readonly start?: number
  readonly end?: number
  readonly job: Pick<Job<J>, 'name' | 'data' | 'options'>
  readonly paused: boolean
  /** Null if the schedule is paused or over. */
  readonly nextRun: number | null
  /** The run that was added or skipped last; null if there was none. */
  readonly lastRun: number | null
  /** How many runs were added. */
  readonly runs: number
  /**
   * How many runs were skipped because an earlier one had not ended, or because another job held their unique
   * key. That job may have got their data, see `onConflict`.
   */
  readonly overlapped: number
}

interface Found {
  readonly now: number
  /** Must be unchanged when a change is written: see schedule-read.lua. */
  readonly revision: string
  readonly row: ScheduleRow | undefined
  /** Why the row that is there cannot be read. */
  readonly fault: ConfigurationError | undefined
  /** The next run as it stands there, `''` for none. */
  readonly due: string
  readonly next: number | undefined
}

interface RawSchedule extends Omit<Found, 'row' | 'fault'> {
  /** '' for none. */
  readonly row: string
}

/** Schedules read in one call. */
const page = 100
/** How often a change is tried. Each try that fails means that another client has made its change. */
const mostTries = 100

/** `queue.schedules`: jobs that are added at set times, by whichever worker is there. */
export class Schedules<J = Record<string, any>> {
  static {
    showAs(this.prototype, 'Schedules', (schedules) => ({ queue: schedules.#shard.queue }))
  }

  readonly #shard: Shard
  readonly #factory: JobFactory
  readonly #adders: Adders

  constructor(shard: Shard, factory: JobFactory, adders: Adders) {
    this.#shard = shard
    this.#factory = factory
    this.#adders = adders
  }

  /**
   * Creates or changes a schedule. Repeating the same call changes nothing, so every instance may make it
   * when it starts. Unless its times change, the next run stays.
   *
   * A schedule whose row cannot be read, because another client wrote it, is replaced.
   *
   * @throws ConfigurationError or InvalidJobError before anything is written; ConnectionError.
   */
  async upsert(id: string, spec: ScheduleSpec<J>): Promise<Schedule<J>> {
    const stored = await parseSpec(spec, (name, data, options) => this.#factory.prepare(name, data, options))
    const text = JSON.stringify(stored)
    const timing = parseTiming('', stored.timing)
    return this.#change(identifier('id', id), ({ now, row, next }) => {
      const anchor = row?.anchor ?? now
      const kept = JSON.stringify(row?.spec.timing) === JSON.stringify(stored.timing) ? next : undefined
      const following = nextRun({ spec: stored, timing, anchor, runs: row?.runs ?? 0 }, now, kept)
      if (row?.text === text && (row.paused || following === next)) return undefined
      return { anchor, paused: row?.paused ?? false, text, next: following }
    }) as Promise<Schedule<J>>
  }

  /** The schedule, or null if there is none. @throws ConfigurationError if it cannot be read. */
  async get(id: string): Promise<Schedule<J> | null> {
    const found = await this.#find(id)
    return found?.row === undefined ? null : this.#scheduleOf(id, found.row, found.next)
  }

  /** All schedules, in no particular order. Those that cannot be read are left out and logged. */
  async list(): Promise<Schedule<J>[]> {
    const schedules = new Map<string, Schedule<J>>()
    let cursor = '0'
    do {
      const [following, , rows] = await this.#shard.script(schedulePageScript, { cursor, count: page })
      cursor = following
      for (let i = 0; i < rows.length; i += 3) {
        const [id = '', text = '', next = ''] = rows.slice(i, i + 3)
        const { row, fault } = readSchedule(id, text)
        if (row !== undefined) schedules.set(id, this.#scheduleOf(id, row, Number(next) > 0 ? Number(next) : undefined))
        else if (fault !== undefined) this.#shard.store.logger.warn({ queue: this.#shard.queue, schedule: id }, fault.message)
      }
    } while (cursor !== '0')
    return [...schedules.values()]
  }

  /** Deletes a schedule. The jobs that it has added stay. Returns whether there was one. */
  async remove(id: string): Promise<boolean> {
    if (soughtIdentifier('id', id) === undefined) return false
    for (let tries = 0; tries < mostTries; tries++) {
      const [{ revision, row }] = (await this.#rows([id])) as [RawSchedule]
      // An earlier try may have removed it, its answer lost.
      if (row === '') return tries > 0
      if ((await this.#shard.script(scheduleRemoveScript, { id, revision })) === 1) return true
    }
    throw tooManyChanges(id)
  }

  /** Stops the runs until `resume`. Jobs that were added stay. Returns whether there is such a schedule. */
  async pause(id: string): Promise<boolean> {
    return this.#setPaused(id, true)
  }

  /**
   * Continues with the first run from now on. Runs skipped during the pause are not made up. Returns whether
   * there is such a schedule.
   */
  async resume(id: string): Promise<boolean> {
    return this.#setPaused(id, false)
  }

  /**
   * Adds the schedule's job now, in addition to its runs, even while it is paused. Resolves to null if there
   * is no such schedule. If another job holds its unique key, resolves to the job that stays, with
   * `duplicate: true`.
   */
  async trigger(id: string): Promise<Job<J> | null> {
    const found = await this.#find(id)
    if (found?.row === undefined) return null
    const { row } = found.row.spec
    const { name, data, priority } = decodeJob(row)
    const run = runsOf(id, row)(found.now, found.now)
    const { options } = decodeJob(run.row)
    const plain = saysAll(run.row, run.extras)
    const job: PreparedJob = { ...run, due: '', id: '', name, data: deserialize(data), priority, options, plain, durability: undefined }
    return new Promise<StoredJob>((resolve, reject) => this.#adders.of(undefined).push(job, resolve, reject)) as unknown as Promise<Job<J>>
  }

  /**
   * The times of the next runs, in epoch ms, at most 1,000, without jitter: of a schedule (none while it is
   * paused), or of a spec that starts now.
   *
   * @throws ConfigurationError if there is no such schedule.
   */
  async nextRuns(schedule: string | ScheduleSpec<J>, count: number): Promise<number[]> {
    const most = integer(1, 1_000)('count', count)
    if (typeof schedule !== 'string') {
      const spec = await parseSpec(schedule, (name, data, options) => this.#factory.prepare(name, data, options))
      const now = await this.#shard.store.now()
      return runsFrom(parseTiming('', spec.timing), now, after(parseTiming('', spec.timing), now, now), Math.min(most, spec.limit ?? most))
    }
    const found = await this.#find(schedule)
    if (found?.row === undefined)
      throw new ConfigurationError('id', `must be the id of a schedule of the queue ${this.#shard.queue}`, schedule)
    const { timing, anchor, spec, runs } = found.row
    return runsFrom(timing, anchor, found.next, Math.min(most, (spec.limit ?? Number.POSITIVE_INFINITY) - runs))
  }

  async #setPaused(id: string, paused: boolean): Promise<boolean> {
    if (soughtIdentifier('id', id) === undefined) return false
    const schedule = await this.#change(id, ({ now, row, fault }) => {
      if (fault !== undefined) throw fault
      if (row === undefined || row.paused === paused) return undefined
      const { anchor, text } = row
      return { anchor, paused, text, next: paused ? undefined : nextRun(row, now) }
    })
    return schedule !== null
  }

  /** Reads, lets `change` decide, and writes, unless somebody else was faster: then once more. */
  async #change(
    id: string,
    change: (found: Found) => { anchor: number; paused: boolean; text: string; next: number | undefined } | undefined,
  ): Promise<Schedule<J> | null> {
    this.#shard.checkScorer(await this.#shard.order())
    for (let tries = 0; tries < mostTries; tries++) {
      const [found] = (await this.#read([id])) as [Found]
      const changed = change(found)
      if (changed === undefined) return found.row === undefined ? null : this.#scheduleOf(id, found.row, found.next)
      const { anchor, paused, text, next } = changed
      const { revision, due } = found
      if (found.fault !== undefined) {
        await this.#shard.script(scheduleRemoveScript, { id, revision })
        continue
      }
      const values = {
        id,
        revision,
        due,
        paused: paused ? 1 : 0,
        anchor,
        next: paused ? '' : (next ?? ''),
        features: featuresOfSchedule(text),
        spec: text,
      }
      if ((await this.#shard.script(schedulePutScript, values)) === -1) await this.#shard.reopen()
    }
    throw tooManyChanges(id)
  }

  /** `undefined` for a text that can be no id. @throws ConfigurationError when it cannot be read. */
  async #find(id: string): Promise<Found | undefined> {
    const sought = soughtIdentifier('id', id)
    const found = sought === undefined ? undefined : (await this.#read([sought]))[0]
    if (found?.fault !== undefined) throw found.fault
    return found
  }

  async #read(ids: readonly string[]): Promise<Found[]> {
    return (await this.#rows(ids)).map(({ row, ...found }, index) => ({ ...found, ...readSchedule(ids[index] ?? '', row) }))
  }

  async #rows(ids: readonly string[]): Promise<RawSchedule[]> {
    const [now, removals, ...answer] = await this.#shard.script(scheduleReadScript, {}, ids)
    return ids.map((_id, index) => {
      const [row = '', next = ''] = answer.slice(2 * index, 2 * index + 2)
      const revision = row === '' ? `-${removals}` : (/^\d*/.exec(row)?.[0] ?? '')
      return { now: Number(now), revision, row, due: next, next: Number(next) > 0 ? Number(next) : undefined }
    })
  }

  #scheduleOf(id: string, { spec, paused, lastRun, runs, overlapped }: ScheduleRow, next: number | undefined): Schedule<J> {
    const { timing, row, ...policy } = spec
    const { name, data, priority, options } = decodeJob(row)
    return {
      id,
      ...(timing as object),
      ...policy,
      job: { name, data: deserialize(data), options: priority === 0 ? options : { ...options, priority } } as unknown as Schedule<J>['job'],
      paused,
      nextRun: next ?? null,
      lastRun: lastRun ?? null,
      runs,
      overlapped,
    }
  }
}

/** @param text its row, '' for none. */
function readSchedule(id: string, text: string): Pick<Found, 'row' | 'fault'> {
  if (text === '') return { row: undefined, fault: undefined }
  try {
    return { row: decodeSchedule(text), fault: undefined }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { row: undefined, fault: new ConfigurationError(`schedule ${id}`, `cannot be read (${why}): upsert it again, or remove it`) }
  }
}

function tooManyChanges(id: string): ConfigurationError {
  return new ConfigurationError('id', `names a schedule that others keep changing: gave up after ${mostTries} tries`, id)
}

function runsFrom(timing: ParsedTiming, anchor: number, first: number | undefined, most: number): number[] {
  const runs: number[] = []
  for (let next = first; next !== undefined && runs.length < most; next = after(timing, anchor, next)) runs.push(next)
  return runs
}
