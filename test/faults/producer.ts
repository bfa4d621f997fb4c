import { setTimeout as pause } from 'node:timers/promises'
import type { JobOptions, Queue } from '@ripen/queue'

export interface Producer {
  readonly acknowledged: Set<string>
  /** Ids of adds that failed for want of an answer, or of replicas: each job may exist. */
  readonly unknown: Set<string>
  readonly others: unknown[]
  /** The longest add, in ms. */
  readonly slowest: number
  readonly stop: () => Promise<void>
}

/**
 * Adds jobs in two lines, some of them delayed, until it is stopped; an add that fails is counted, and the
 * next one follows.
 */
export function produce(queue: Queue<{ slow: { ms: number } }>, options: JobOptions = {}): Producer {
  const acknowledged = new Set<string>()
  const unknown = new Set<string>()
  const others: unknown[] = []
  let slowest = 0
  let stopped = false
  const add = async (delay?: number): Promise<void> => {
    const start = performance.now()
    try {
      const job = await queue.add('slow', { ms: 20 }, delay === undefined ? options : { ...options, delay })
      acknowledged.add(job.id)
    } catch (error) {
      const { code, jobId } = error as { code?: string; jobId?: string }
      if (jobId !== undefined && (code === 'RIPEN_ENQUEUE_TIMEOUT' || code === 'RIPEN_DURABILITY')) unknown.add(jobId)
      else {
        others.push(error)
        stopped = true // it should not have happened: an endless line of them would hide the first
      }
    }
    slowest = Math.max(slowest, performance.now() - start)
  }
  const line = async (): Promise<void> => {
    while (!stopped) {
      await Promise.all([add(), add(), add(500)])
      await pause(20) // no more than two workers can do
    }
  }
  const lines = Promise.all([line(), line()])
  return {
    acknowledged,
    unknown,
    others,
    get slowest() {
      return slowest
    },
    stop: async () => {
      stopped = true
      await lines
    },
  }
}

/** The ids of all jobs that have completed. */
export async function completedIds(queue: Queue<any>): Promise<Set<string>> {
  const ids = new Set<string>()
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof queue.getJobs>> = await queue.getJobs(
      { state: 'completed' },
      { limit: 1_000, ...(cursor === null ? {} : { cursor }) },
    )
    for (const { id } of page.jobs) ids.add(id)
    cursor = page.cursor
  } while (cursor !== null)
  return ids
}
