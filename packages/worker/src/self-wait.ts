import type { Queue } from '@ripen/queue'
import { awaitedJobs, type Shard } from '@ripen/queue/internal'
import type { Execution } from './run/execution.ts'

/** ms between two looks; from one to the next nothing has ended. */
const interval = 1_000
/** How many of the awaited jobs are looked up. */
const asked = 20

export interface SelfWaitOptions {
  readonly queue: Queue<any>
  readonly shard: Shard
  readonly running: ReadonlySet<Execution>
  readonly tell: (message: string) => void
}

/**
 * Tells, once, of handlers that wait for jobs of their own queue while no slot is left to run those: all
 * slots stand still, at least as many jobs of the queue are waited for in this process, and none of those has
 * begun. Which code waits cannot be known without following every promise of the process, so this is a guess,
 * and a warning.
 */
export class SelfWait {
  readonly #queue: Queue<any>
  readonly #shard: Shard
  readonly #running: ReadonlySet<Execution>
  readonly #tell: (message: string) => void
  #before: readonly Execution[] = []
  #stopWatching: (() => void) | undefined

  constructor({ queue, shard, running, tell }: SelfWaitOptions) {
    this.#queue = queue
    this.#shard = shard
    this.#running = running
    this.#tell = tell
  }

  /** @param concurrency as it is at each look. */
  watch(concurrency: () => number): void {
    this.#stopWatching = this.#shard.store.clock.every(interval, () => this.#look(concurrency()), 'unref')
  }

  #look(concurrency: number): void {
    const before = this.#before
    this.#before = []
    if (this.#running.size < concurrency) return
    const ids = awaitedJobs(this.#shard)
    if (ids.length < this.#running.size) return
    this.#before = [...this.#running]
    if (before.length !== this.#running.size || before.some((execution) => !this.#running.has(execution))) return
    this.#ask(ids.slice(0, asked), concurrency).catch(() => undefined) // an outage: the next look asks again
  }

  async #ask(ids: readonly string[], concurrency: number): Promise<void> {
    const jobs = await Promise.all(ids.map((id) => this.#queue.getJob(id)))
    if (this.#stopWatching === undefined || jobs.some((job) => job === null || (job.state !== 'ready' && job.state !== 'blocked'))) return
    this.close()
    this.#tell(
      `nothing moves: all ${concurrency} slots of the worker are busy, and this process waits for jobs of the same queue that have not started. A handler that waits for a job of its own queue may wait for ever: give such jobs a queue of their own`,
    )
  }

  close(): void {
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }
}
