import type { RipenError } from '@ripen/store'
import type { PendingJob } from './adder.ts'
import type { PreparedJob } from './job-factory.ts'
import type { JobHome } from '../job/job-home.ts'
import { StoredJob, type Standing } from '../job/job.ts'
import { decodeState } from '../job/row.ts'

const stateRow = decodeState('')
const ready: Standing = { state: 'ready', stateRow }
const scheduled: Standing = { state: 'scheduled', stateRow }
const blocked: Standing = { state: 'blocked', stateRow }

/** A job between `add` and the answer of the server, and whoever waits for it. */
export class PendingAdd implements PendingJob {
  id: string
  since = 0
  readonly job: PreparedJob
  readonly #home: JobHome
  readonly #resolve: (job: StoredJob) => void
  readonly failed: (error: RipenError) => void

  constructor(home: JobHome, job: PreparedJob, resolve: (job: StoredJob) => void, failed: (error: RipenError) => void) {
    this.id = job.id
    this.job = job
    this.#home = home
    this.#resolve = resolve
    this.failed = failed
  }

  added(now: number, duplicateOf: string | undefined, blocks: boolean): void {
    const standing = blocks ? blocked : this.job.due === '' ? ready : scheduled
    const job = new StoredJob(this.#home, duplicateOf ?? this.id, this.job, now, this.job.data, standing)
    if (duplicateOf !== undefined) this.#home.existing(job, this.since).then(this.#resolve, this.failed)
    else this.#resolve(job)
  }
}
