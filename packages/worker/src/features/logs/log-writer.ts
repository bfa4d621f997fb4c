import { ClosingError, CommandError, type Logger } from '@ripen/store'
import { logScript } from '@ripen/queue/internal'
import type { Execution } from '../../run/execution.ts'
import type { Outcome } from '../../run/outcome.ts'
import type { FeatureHost, OpenFeature } from '../feature-host.ts'
import { AttemptLines } from './attempt-lines.ts'
import { attemptLogger } from './attempt-logger.ts'
import { logLine } from './log-line.ts'

/** ms between two calls for jobs that go on. */
const interval = 100
/** The most jobs of one call, and about the most bytes. */
const mostJobs = 100
const mostBytes = 524_288
/**
 * ms after a refusal in which nothing is sent: what was refused, as a right that was withdrawn, would be
 * refused at once again.
 */
const refusalRest = 1_000

/**
 * Gathers what handlers log, and stores it: every 100 ms, one call at a time, and before a job that has lines
 * left is settled. Such a job sends its own lines alone, beside a call that is under way: what others log
 * does not hold it up. Lines travel again until the server has answered, and may travel in two calls at once.
 * Their numbers in the attempt tell the server which lines it has.
 */
export class LogWriter implements OpenFeature {
  readonly #host: FeatureHost
  readonly #clock: FeatureHost['shard']['store']['clock']
  readonly #lines = new WeakMap<Execution, AttemptLines>()
  /** Those with lines that are not stored yet, by fence and id, oldest first. */
  readonly #open = new Map<string, AttemptLines>()
  readonly #late = new WeakSet<Execution>()
  /** Calls off the next call. */
  #callOff: (() => void) | undefined
  #sending = false
  #last = Number.NEGATIVE_INFINITY
  #restUntil = Number.NEGATIVE_INFINITY
  /** Lines that were given up, and not reported yet. */
  #lost = 0
  #closed = false

  constructor(host: FeatureHost) {
    this.#host = host
    this.#clock = host.shard.store.clock
  }

  /** Never throws, whatever is given. */
  write(execution: Execution, message: unknown, fields: unknown): void {
    const { id, fence } = execution.held
    if (execution.over || this.#closed) return this.#tooLate(execution)
    let lines = this.#lines.get(execution)
    if (lines === undefined) this.#lines.set(execution, (lines = new AttemptLines(id, fence)))
    lines.push(logLine(lines.at(this.#host.now()), message, fields))
    if (lines.count === 1) this.#open.set(keyOf(fence, id), lines)
    this.#schedule()
  }

  /** The log of the process, for the handler of this attempt. */
  loggerOf(execution: Execution): Logger {
    return attemptLogger(this.#host.logger, execution)
  }

  /**
   * Stores what is left of the lines of these jobs, which end; undefined when nothing is left. Never rejects.
   */
  beforeSettling(outcomes: readonly Outcome[]): Promise<void> | undefined {
    if (this.#open.size === 0) return undefined
    const keys = outcomes.map(({ held: { id, fence } }) => keyOf(fence, id)).filter((key) => this.#open.has(key))
    return keys.length === 0 ? undefined : this.#storeAll(keys)
  }

  async #storeAll(keys: readonly string[]): Promise<void> {
    for (let left = keys; left.length > 0; left = left.filter((key) => this.#open.has(key))) {
      if (this.#clock.now() < this.#restUntil) this.#giveUp(left)
      else await this.#call(left)
    }
  }

  close(): void {
    this.#closed = true
    this.#callOff?.()
    this.#giveUp([...this.#open.keys()])
    const { queue } = this.#host.shard
    if (this.#lost > 0) this.#host.logger.warn({ queue, lines: this.#lost }, 'the worker closed before lines of logs were stored')
    this.#lost = 0
  }

  #schedule(): void {
    if (this.#callOff !== undefined || this.#sending || this.#closed) return
    const at = Math.max(this.#last + interval, this.#restUntil)
    this.#callOff = this.#clock.after(at - this.#clock.now(), () => void this.#send())
  }

  async #send(): Promise<void> {
    this.#callOff = undefined
    this.#last = this.#clock.now()
    this.#sending = true
    await this.#call(this.#open.keys())
    this.#sending = false
    if (this.#open.size > 0) this.#schedule()
  }

  /** Stores the lines of the first of these jobs, as many as one call may have. Never rejects. */
  async #call(keys: Iterable<string>): Promise<void> {
    const sent: { key: string; lines: AttemptLines; through: number }[] = []
    const records: (string | number)[] = []
    let size = 0
    for (const key of keys) {
      if (sent.length === mostJobs || size > mostBytes) break
      const lines = this.#open.get(key)
      if (lines === undefined) continue
      sent.push({ key, lines, through: lines.through })
      records.push(...lines.record())
      size += lines.size
    }
    if (sent.length === 0) return this.#tell()
    let kept: readonly number[] = []
    let refusal: unknown
    try {
      const { shard, signal } = this.#host
      kept = await shard.script(logScript, {}, records, { budget: Number.POSITIVE_INFINITY, signal })
    } catch (error) {
      refusal = error
    }
    for (const [index, { key, lines, through }] of sent.entries()) {
      const before = lines.count
      lines.done(through)
      if (refusal !== undefined) this.#lost += before - lines.count
      // Without its lease nothing more of it is kept; the worker hears of that elsewhere. What has come
      // meanwhile stands behind the others.
      this.#open.delete(key)
      if (lines.count > 0 && (refusal !== undefined || kept[index] === 1)) this.#open.set(key, lines)
    }
    if (refusal !== undefined) this.#restUntil = this.#clock.now() + refusalRest
    this.#tell(refusal)
  }

  /** @param reason why lines were refused just now. */
  #tell(reason?: unknown): void {
    // Of what a close cuts off it is told in close().
    if (this.#lost === 0 || this.#closed || this.#host.signal.aborted || reason instanceof ClosingError) return
    this.#host.error(new CommandError(`the server refuses lines of logs: ${this.#lost} are lost`, reason))
    this.#lost = 0
  }

  #giveUp(keys: readonly string[]): void {
    for (const key of keys) {
      this.#lost += this.#open.get(key)?.count ?? 0
      this.#open.delete(key)
    }
    this.#schedule()
  }

  /** A handler that logs when its attempt has ended, as one that has not waited for all it does. */
  #tooLate(execution: Execution): void {
    if (this.#late.has(execution)) return
    this.#late.add(execution)
    const { queue } = this.#host.shard
    this.#host.logger.warn({ queue, job: execution.held.id }, 'a handler logs when its attempt has ended: such lines are not kept')
  }
}

function keyOf(fence: string, id: string): string {
  return `${fence} ${id}`
}
