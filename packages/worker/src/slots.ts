import { CancelledError, LeaseLostError } from '@ripen/store'
import type { Clock } from '@ripen/store/internal'
import { Attempt } from './run/attempt.ts'
import type { HeldJob } from './run/held-job.ts'
import type { Prefetch } from './prefetch.ts'
import type { Outcome, Runner } from './run/runner.ts'
import { handBack } from './run/verdict.ts'

/** Prefetched jobs that waited for this long, in ms, are handed back. */
const longestWait = 100

export interface SlotsHost {
  /** A job has left, or a slot has become free. */
  ended(outcome: Outcome | undefined): void
  /** Marks the lease of a suspect as started; false when it is lost. */
  markStarted(job: HeldJob): Promise<boolean>
  error(error: unknown): void
}

export interface SlotsOptions {
  concurrency: number
  readonly prefetch: Prefetch
  /** From how many stalls on a job is a suspect. */
  readonly suspectAt: number
  readonly clock: Clock
}

/** The jobs this worker holds: those that run, those that wait for a slot, and suspects, of which one runs at a time and only after its lease was marked as started. */
export class Slots {
  readonly running = new Set<Attempt>()
  readonly #runner: Runner
  readonly #host: SlotsHost
  readonly #options: SlotsOptions
  #waiting: HeldJob[] = []
  #suspects: HeldJob[] = []
  #suspect: HeldJob | undefined
  #starting = 0
  #samples = 0
  /** Calls off the look for what waits too long. */
  #late: (() => void) | undefined
  /** Nothing new starts. */
  held = false

  constructor(runner: Runner, host: SlotsHost, options: SlotsOptions) {
    this.#runner = runner
    this.#host = host
    this.#options = options
  }

  /** Jobs held in any way. */
  get count(): number {
    return this.running.size + this.#starting + this.#waiting.length + this.#suspects.length
  }

  /** Under this lease, or in line to run. */
  holds({ id, fence }: HeldJob): boolean {
    if (
      (this.#suspect?.id === id && this.#suspect.fence === fence) ||
      this.#waiting.some((job) => job.id === id) ||
      this.#suspects.some((job) => job.id === id)
    )
      return true
    for (const attempt of this.running) if (attempt.held.id === id) return true
    return false
  }

  receive(jobs: readonly HeldJob[]): void {
    const { suspectAt } = this.#options
    for (const job of jobs) {
      if (job.stateRow === '' || suspectAt === 0 || stallsOf(job.stateRow) < suspectAt) this.#waiting.push(job)
      else this.#suspects.push(job)
    }
    this.fill()
  }

  fill(): void {
    if (this.held) return this.handBack()
    while (this.#free && this.#waiting.length > 0) this.#run(this.#waiting.shift() as HeldJob)
    if (this.#free && this.#suspect === undefined && this.#suspects.length > 0) void this.#runSuspect(this.#suspects.shift() as HeldJob)
    if (this.#waiting.length > 0) this.#late ??= this.#options.clock.after(longestWait, () => this.#handBackLate())
  }

  get #free(): boolean {
    return this.running.size + this.#starting < this.#options.concurrency
  }

  async #runSuspect(job: HeldJob): Promise<void> {
    this.#suspect = job
    this.#starting++
    let started = false
    let refused = false
    try {
      started = await this.#host.markStarted(job)
      if (!started) this.#host.error(new LeaseLostError(job.id))
    } catch (error) {
      refused = true
      this.#host.error(error)
    }
    this.#starting--
    // What could not be marked is still leased to this worker; others, and time, may have better luck.
    if (refused || (started && this.held)) this.#release(job, refused)
    if (started && !this.held) return this.#run(job)
    this.#suspect = undefined
    this.#host.ended(undefined)
  }

  #run(held: HeldJob): void {
    const opened = this.#runner.open(held)
    if (!(opened instanceof Attempt)) return this.#left(held, opened)
    this.running.add(opened)
    if ((this.#samples++ & 15) === 0) opened.sampledAt = this.#options.clock.now()
    const threw = (error: unknown): void => {
      if (!opened.over) this.#end(opened, this.#runner.thrown(opened, error))
    }
    try {
      Promise.resolve(this.#runner.call(opened)).then((value) => {
        if (!opened.over) this.#end(opened, this.#runner.returned(opened, value))
      }, threw)
    } catch (error) {
      // In a turn of its own, as a rejection would come: the caller fills slots in a loop.
      queueMicrotask(() => threw(error))
    }
  }

  /** Ends an attempt without its handler, which did not follow an abort. */
  abandon(attempt: Attempt): void {
    if (!attempt.over && attempt.abortReason !== undefined) this.#end(attempt, this.#runner.thrown(attempt, attempt.abortReason))
  }

  #end(attempt: Attempt, outcome: Outcome | undefined): void {
    attempt.end()
    if (attempt.sampledAt !== undefined) this.#options.prefetch.handlerTook(this.#options.clock.now() - attempt.sampledAt)
    this.running.delete(attempt)
    this.#left(attempt.held, outcome)
    this.fill()
  }

  #left(held: HeldJob, outcome: Outcome | undefined): void {
    if (outcome === undefined && this.#suspect === held) this.#suspect = undefined
    this.#host.ended(outcome)
  }

  /** An outcome that a cancel has overruled: the job has ended by it. */
  overruled(outcome: Outcome): Outcome {
    const error = new CancelledError(outcome.id, '')
    const { job = outcome.unread && this.#runner.cancelled(outcome.unread, error).job } = outcome
    return { ...outcome, event: 'cancelled', job, error }
  }

  /** The server has answered for these jobs. Until then a suspect's lease is marked as started, so the next one, which may take this process down, has to wait. */
  settled(outcomes: readonly Outcome[]): void {
    if (this.#suspect === undefined || !outcomes.some(({ id }) => id === this.#suspect?.id)) return
    this.#suspect = undefined
    this.fill()
  }

  /** Gives up the jobs whose lease is lost. */
  keep(holds: (job: HeldJob) => boolean): void {
    this.#waiting = this.#waiting.filter(holds)
    this.#suspects = this.#suspects.filter(holds)
    for (const attempt of this.running) {
      if (holds(attempt.held)) continue
      const lost = new LeaseLostError(attempt.held.id)
      this.#host.error(lost)
      attempt.abort(lost, false)
      attempt.end()
      this.running.delete(attempt)
      if (this.#suspect === attempt.held) this.#suspect = undefined
    }
  }

  /** Takes a job that has not started out of the line. */
  drop(id: string): HeldJob | undefined {
    for (const line of [this.#waiting, this.#suspects]) {
      const index = line.findIndex((job) => job.id === id)
      if (index >= 0) return line.splice(index, 1)[0]
    }
    return undefined
  }

  /** @param shy others are let go first. */
  #release(job: HeldJob, shy = false): void {
    this.#host.ended({ id: job.id, verdict: handBack(job), event: 'released', job: undefined, unread: job, ...(shy ? { shy } : {}) })
  }

  /** Everything that has not started goes back to its place. */
  handBack(): void {
    const jobs = [...this.#waiting, ...this.#suspects]
    this.#waiting = []
    this.#suspects = []
    this.#late?.()
    this.#late = undefined
    for (const job of jobs) this.#release(job)
  }

  #handBackLate(): void {
    this.#late = undefined
    const now = this.#options.clock.now()
    const late = this.#waiting.filter((job) => now - job.since >= longestWait)
    if (late.length > 0) {
      this.#waiting = this.#waiting.filter((job) => now - job.since < longestWait)
      this.#options.prefetch.waitedInVain()
      for (const job of late) this.#release(job)
    }
    this.fill()
  }
}

function stallsOf(stateRow: string): number {
  return Number(stateRow.slice(stateRow.indexOf(':') + 1).split(':', 1)[0])
}
