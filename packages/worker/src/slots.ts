import { CancelledError, LeaseLostError } from '@ripen/store'
import type { Clock } from '@ripen/store/internal'
import { Execution } from './run/execution.ts'
import type { HeldJob } from './run/held-job.ts'
import type { HeldJobReader } from './run/held-job-reader.ts'
import type { Outcome } from './run/outcome.ts'
import { handBack } from './run/verdict.ts'
import type { Prefetch } from './prefetch.ts'

/** Prefetched jobs that waited for this long, in ms, are handed back. */
const longestWait = 100

export interface SlotsHost {
  /** A job has left. */
  left(outcome: Outcome): void
  /** A slot has become free, and nothing is to be reported. */
  freed(): void
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

export interface SlotsParts {
  readonly reader: HeldJobReader
  readonly host: SlotsHost
  readonly options: SlotsOptions
}

/**
 * The jobs that this worker holds: those that run, those that wait for a slot, and suspects. One suspect runs
 * at a time in the whole worker, and only after its lease was marked as started.
 */
export class Slots {
  readonly #reader: HeldJobReader
  readonly #host: SlotsHost
  readonly #options: SlotsOptions
  readonly #running = new Set<Execution>()
  #waiting: HeldJob[] = []
  #suspects: HeldJob[] = []
  #suspect: HeldJob | undefined
  #starting = 0
  #samples = 0
  #held = false
  /** Calls off the look for what waits too long. */
  #callOff: (() => void) | undefined

  constructor({ reader, host, options }: SlotsParts) {
    this.#reader = reader
    this.#host = host
    this.#options = options
  }

  get running(): ReadonlySet<Execution> {
    return this.#running
  }

  /** Jobs held in any way. */
  get count(): number {
    return this.#running.size + this.#starting + this.#waiting.length + this.#suspects.length
  }

  /** Whether a job is held under this lease, or is in line to run. */
  holds({ id, fence }: HeldJob): boolean {
    if (
      (this.#suspect?.id === id && this.#suspect.fence === fence) ||
      this.#waiting.some((job) => job.id === id) ||
      this.#suspects.some((job) => job.id === id)
    )
      return true
    for (const { held } of this.#running) if (held.id === id) return true
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

  /** While held nothing new starts, and what has not started goes back to its place. */
  hold(held: boolean): void {
    this.#held = held
    this.fill()
  }

  /** Starts what waits in free slots. */
  fill(): void {
    if (this.#held) return this.#handBackAll()
    while (this.#free && this.#waiting.length > 0) this.#start(this.#waiting.shift() as HeldJob)
    if (this.#free && this.#suspect === undefined && this.#suspects.length > 0) void this.#startSuspect(this.#suspects.shift() as HeldJob)
    if (this.#waiting.length > 0) this.#callOff ??= this.#options.clock.after(longestWait, () => this.#handBackLate())
  }

  get #free(): boolean {
    return this.#running.size + this.#starting < this.#options.concurrency
  }

  async #startSuspect(job: HeldJob): Promise<void> {
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
    // A suspect that could not be marked is still leased to this worker; others, and time, may have better
    // luck.
    if (refused || (started && this.#held)) this.#handBack(job, refused)
    if (started && !this.#held) return this.#start(job)
    this.#suspect = undefined
    this.#host.freed()
  }

  #start(held: HeldJob): void {
    const opened = this.#reader.open(held)
    if (!(opened instanceof Execution)) return this.#host.left(opened)
    this.#running.add(opened)
    if ((this.#samples++ & 15) === 0) opened.sampledAt = this.#options.clock.now()
    opened.run()
  }

  /** @param outcome undefined when the lease is lost. */
  ended(execution: Execution, outcome: Outcome | undefined): void {
    const { held, sampledAt } = execution
    if (sampledAt !== undefined) this.#options.prefetch.handlerTook(this.#options.clock.now() - sampledAt)
    this.#running.delete(execution)
    if (outcome === undefined) {
      if (this.#suspect === held) this.#suspect = undefined
      this.#host.freed()
    } else this.#host.left(outcome)
    this.fill()
  }

  /** Does nothing for a job that this worker does not hold. */
  cancel(id: string, reason: string): void {
    for (const execution of this.#running) if (execution.held.id === id) return execution.abort(new CancelledError(id, reason), true)
    for (const line of [this.#waiting, this.#suspects]) {
      const index = line.findIndex((job) => job.id === id)
      const [job] = index < 0 ? [] : line.splice(index, 1)
      if (job !== undefined) return this.#host.left(this.#reader.cancelled(job, new CancelledError(id, reason)))
    }
  }

  /** The outcome of a job that a cancel had ended before the verdict reached the server. */
  overruled({ held, job, ...outcome }: Outcome): Outcome {
    const error = new CancelledError(held.id, '')
    return { ...outcome, held, event: 'cancelled', job: job ?? this.#reader.cancelled(held, error).job, error }
  }

  /**
   * The server has answered for these jobs. Until then the lease of a suspect is marked as started, so the
   * next suspect, which may take this process down, has to wait.
   */
  settled(outcomes: readonly Outcome[]): void {
    if (this.#suspect === undefined || !outcomes.some(({ held }) => held === this.#suspect)) return
    this.#suspect = undefined
    this.fill()
  }

  /** Gives up the jobs of a shard whose lease is lost. */
  keep(shard: number, holds: (job: HeldJob) => boolean): void {
    const stays = (job: HeldJob): boolean => job.shard !== shard || holds(job)
    this.#waiting = this.#waiting.filter(stays)
    this.#suspects = this.#suspects.filter(stays)
    for (const execution of this.#running) {
      if (stays(execution.held)) continue
      const lost = new LeaseLostError(execution.held.id)
      this.#host.error(lost)
      execution.lose(lost)
    }
  }

  /** @param yielding whether others are let go first. */
  #handBack(held: HeldJob, yielding = false): void {
    const outcome = { held, verdict: handBack(held), event: 'handedBack', job: undefined } as const
    this.#host.left(yielding ? { ...outcome, yielding } : outcome)
  }

  #handBackAll(): void {
    const jobs = [...this.#waiting, ...this.#suspects]
    this.#waiting = []
    this.#suspects = []
    this.#callOff?.()
    this.#callOff = undefined
    for (const job of jobs) this.#handBack(job)
  }

  #handBackLate(): void {
    this.#callOff = undefined
    const now = this.#options.clock.now()
    const late = this.#waiting.filter((job) => now - job.since >= longestWait)
    if (late.length > 0) {
      this.#waiting = this.#waiting.filter((job) => now - job.since < longestWait)
      this.#options.prefetch.waitedInVain()
      for (const job of late) this.#handBack(job)
    }
    this.fill()
  }
}

function stallsOf(stateRow: string): number {
  return Number(stateRow.slice(stateRow.indexOf(':') + 1).split(':', 1)[0])
}
