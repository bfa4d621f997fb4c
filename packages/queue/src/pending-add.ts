import type { RipenError } from '@ripen/store'
import type { PendingJob } from './adder.ts'
import type { PreparedJob } from './job-factory.ts'
import { StoredJob, type JobHome } from './job/job.ts'
import { decodeState } from './job/row.ts'

const fresh = decodeState('')

/** A job between `add` and the answer of the server, and whoever waits for it. */
export class PendingAdd implements PendingJob {
  id: string
  readonly row: string
  readonly due: string
  readonly since: number
  readonly #home: JobHome
  readonly #job: PreparedJob
  readonly #resolve: (job: StoredJob) => void
  readonly failed: (error: RipenError) => void

  constructor(home: JobHome, job: PreparedJob, since: number, resolve: (job: StoredJob) => void, failed: (error: RipenError) => void) {
    this.id = job.id
    this.row = job.row
    this.due = job.due
    this.since = since
    this.#home = home
    this.#job = job
    this.#resolve = resolve
    this.failed = failed
  }

  added(now: number, duplicate: boolean): void {
    const { name, priority, options, data } = this.#job
    const state = this.due === '' ? 'ready' : 'scheduled'
    const job = new StoredJob(this.#home, this.id, { addedAt: now, priority, name, options }, data, { state, stateRow: fresh, duplicate })
    if (duplicate) this.#home.existing(job).then(this.#resolve, this.failed)
    else this.#resolve(job)
  }
}
