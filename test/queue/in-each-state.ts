import type { Job, JobState, Queue } from '@ripen/queue'
import { onTestFinished } from 'vitest'
import { Gate } from './gate.ts'
import { nextEvent, runningWorker } from './running-worker.ts'

/** One job in each state that a job can be in today, and the gate at which the active one waits. */
export interface InEachState {
  readonly jobs: Readonly<Record<Exclude<JobState, 'blocked'>, Job>>
  readonly gate: Gate
}

/** Puts a job in each state. The worker has one slot, which the active job keeps. */
export async function inEachState(queue: Queue): Promise<InEachState> {
  const gate = new Gate()
  const worker = await runningWorker(
    queue,
    async ({ name }) => {
      if (name === 'failed') throw new Error('failed')
      if (name === 'active') await gate.opened
      return name
    },
    { prefetch: 0 },
  )
  // Before the worker is closed, which would wait for the active job.
  onTestFinished(() => gate.open())
  const completes = nextEvent(worker, 'completed')
  const completed = await queue.add('completed', 1)
  await completes
  const fails = nextEvent(worker, 'failed')
  const failed = await queue.add('failed', 1)
  await fails
  const cancelled = await queue.add('cancelled', 1, { delay: '1 h' })
  await cancelled.cancel('no more')
  const scheduled = await queue.add('scheduled', 1, { delay: '1 h' })
  const active = await queue.add('active', 1)
  while ((await active.refresh())?.state !== 'active') await queue.store.now()
  const ready = await queue.add('ready', 1)
  return { jobs: { completed, failed, cancelled, scheduled, active, ready }, gate }
}
