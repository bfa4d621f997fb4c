import type { StoredJob, WaitOptions, WatchOptions } from './job.ts'
import type { Queue } from '../queue.ts'
import type { Shard } from '../shard/shard.ts'

/** What the methods of a job call, and what code needs that makes jobs of a queue. */
export interface JobHome {
  /** Of the queue. */
  readonly name: string
  /** The calls that features make for a job. */
  readonly shard: Shard
  wait(id: string, options: WaitOptions | undefined): Promise<unknown>
  watch(id: string, options: WatchOptions | undefined): AsyncIterableIterator<StoredJob>
  getJob(id: string): Promise<unknown>
  retry(id: string): Promise<number>
  cancel(id: string, options: { reason?: string }): Promise<number>
  promote(id: string): Promise<number>
  remove(id: string): Promise<number>
}

/**
 * In the registry of all copies of this package in the process: a worker may be of another one than its
 * queue.
 */
const key = Symbol.for('ripen.job-home')

/** Gives the queues of a class a way to their home that no public member shows. */
export function homesOf<Q extends Queue<any>>(prototype: Q, read: (queue: Q) => JobHome): void {
  Object.defineProperty(prototype, key, {
    get(this: Q) {
      return read(this)
    },
  })
}

/** The home of a queue's jobs, for Ripen's own packages. */
export function jobHomeOf(queue: Queue<any>): JobHome {
  return (queue as unknown as Record<typeof key, JobHome>)[key]
}
