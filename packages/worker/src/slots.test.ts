import type { StoredJob } from '@ripen/queue/internal'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MovableClock } from '../../../test/support/movable-clock.ts'
import type { HeldJob } from './run/held-job.ts'
import { Prefetch } from './prefetch.ts'
import type { HeldJobReader } from './run/held-job-reader.ts'
import type { Outcome } from './run/outcome.ts'
import { Slots } from './slots.ts'

const fence = '1000000000000001'
const suspect: HeldJob = { shard: 0, id: 'a', row: '', stateRow: '0:2:::', fence, score: 7, since: 0 }

const reader: Pick<HeldJobReader, 'cancelled'> = {
  cancelled: (held, error) => ({ held, verdict: '', event: 'cancelled', job: { id: held.id } as StoredJob, error }),
}

/** Slots with one suspect, whose lease is being marked as started. */
function suspecting(markStarted: () => Promise<boolean>): { slots: Slots; left: Outcome[]; errors: unknown[] } {
  const left: Outcome[] = []
  const errors: unknown[] = []
  const host = {
    left: (outcome: Outcome) => void left.push(outcome),
    freed: () => undefined,
    markStarted,
    error: (error: unknown) => void errors.push(error),
  }
  const clock = new MovableClock()
  const slots = new Slots({
    reader: reader as HeldJobReader,
    host,
    options: { concurrency: 2, prefetch: new Prefetch(0, clock), suspectAt: 2, clock },
  })
  slots.receive([suspect])
  return { slots, left, errors }
}

test('a suspect whose lease cannot be marked as started goes back, and this worker lets others go first', async () => {
  const refusal = new Error('NOPERM')
  const { slots, left, errors } = suspecting(() => Promise.reject(refusal))
  await turn()
  expect(errors).toEqual([refusal])
  expect(left[0]).toMatchObject({ held: suspect, verdict: `${fence}b7`, event: 'handedBack', yielding: true })
  expect(slots.count).toBe(0)
})

test('a suspect is held under its own lease, not under a later one', () => {
  const { slots } = suspecting(() => new Promise(() => undefined))
  expect(slots.holds(suspect)).toBe(true)
  expect(slots.holds({ ...suspect, fence: '1000000000000002' })).toBe(false)
})

test('a job that is cancelled on its way back is told of as one that was cancelled, though it was never read here', async () => {
  const { slots, left } = suspecting(() => Promise.reject(new Error('NOPERM')))
  await turn()
  const [handedBack] = left as [Outcome]
  expect(slots.overruled(handedBack)).toMatchObject({
    held: suspect,
    event: 'cancelled',
    job: { id: 'a' },
    error: { code: 'RIPEN_CANCELLED' },
  })
})
