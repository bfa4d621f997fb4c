import type { Job, Queue } from '@ripen/queue'
import { onTestFinished } from 'vitest'
import { until } from '../support/deadline.ts'
import { Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'

/** A worker whose jobs run until the gate opens; the first one runs already. */
export async function gated(queue: Queue, add: () => Promise<Job>, order: unknown[] = []): Promise<{ job: Job; gate: Gate }> {
  const gate = new Gate()
  await runningWorker(
    queue,
    async ({ data }) => {
      order.push(data)
      await gate.opened
      if (data === 'bad') throw new Error('bad')
      return data
    },
    { prefetch: 0 },
  )
  onTestFinished(() => gate.open())
  const job = await add()
  await until(async () => (await job.refresh())?.state === 'active', 10_000, 'an active job')
  return { job, gate }
}
