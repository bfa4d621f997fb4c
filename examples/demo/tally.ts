import { Discard, type Worker } from '@ripen/worker'
import type { Job } from '@ripen/queue'
import type { MailJobs } from './mail-jobs.ts'
import { count } from './count.ts'

/** What the demo observes beside the queue's own counts. */
export class Tally {
  /** Jobs that the server accepted. */
  total = 0
  /** Nobody adds any more. */
  allAdded = false
  attempts = 0
  retried = 0
  snoozed = 0
  discarded = 0
  exhausted = 0
  /** How far the report is, in pages. */
  page = 0
  /** ms from the due time of each reminder to its start, and from the arrival of each receipt. */
  readonly lateness: number[] = []
  readonly waits: number[] = []
  /** Starts before the due time, by the server's clock: there must be none. */
  early = 0
  readonly #now: () => number
  readonly #perSecond = new Map<number, number>()
  #bulk = { jobs: 0, milliseconds: 0 }

  /** @param now the server's time. */
  constructor(now: () => number) {
    this.#now = now
  }

  added(jobs: number, milliseconds?: number): void {
    this.total += jobs
    if (milliseconds !== undefined) this.#bulk = { jobs, milliseconds }
  }

  addedLine(): string {
    const { jobs, milliseconds } = this.#bulk
    return `added ${count(jobs)} jobs in ${count(milliseconds)} ms (${count((jobs / milliseconds) * 1_000)} per second)`
  }

  /** An attempt begins. */
  attempt(): void {
    this.attempts++
    const second = Math.floor(performance.now() / 1_000)
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1)
  }

  /** Attempts begun in the busiest second. */
  get busiestSecond(): number {
    return Math.max(0, ...this.#perSecond.values())
  }

  timed(job: Job<MailJobs>): void {
    this.lateness.push(this.#now() - job.dueAt)
    if (job.startedAt !== undefined && job.startedAt < job.dueAt) this.early++
  }

  urgent(job: Job<MailJobs>): void {
    this.waits.push(this.#now() - job.addedAt)
  }

  listen(worker: Worker<MailJobs>): void {
    worker.on('retrying', () => this.retried++)
    worker.on('failed', (_job, error) => (error instanceof Discard ? this.discarded++ : this.exhausted++))
    worker.on('progress', (_job, value) => (this.page = (value as { page: number }).page))
  }
}
