import type { StoredJob } from '@ripen/queue/internal'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MovableClock } from '../../../test/support/movable-clock.ts'
import type { HeldJob } from './run/held-job.ts'
import { Prefetch } from './prefetch.ts'
import type { Outcome, Runner } from './run/runner.ts'
import { Slots } from './slots.ts'

const fence = '1000000000000001'
const suspect: HeldJob = { id: 'a', row: '', stateRow: '0:2:::', fence, score: 7, since: 0 }

const runner: Pick<Runner, 'cancelled'> = {
  cancelled: ({ id }, error) => ({ id, verdict: '', event: 'cancelled', job: { id } as StoredJob, error }),
}

/** Slots with one suspect, whose lease is being marked as started. */
function suspecting(markStarted: () => Promise<boolean>): { slots: Slots; ended: (Outcome | undefined)[]; errors: unknown[] } {
  const ended: (Outcome | undefined)[] = []
  const errors: unknown[] = []
  const host = {
    ended: (outcome: Outcome | undefined) => void ended.push(outcome),
    markStarted,
    error: (error: unknown) => void errors.push(error),
  }
  const clock = new MovableClock()
  const slots = new Slots(runner as Runner, host, { concurrency: 2, prefetch: new Prefetch(0, clock), suspectAt: 2, clock })
  slots.receive([suspect])
  return { slots, ended, errors }
}

test('a suspect whose lease cannot be marked as started goes back, and this worker lets others go first', async () => {
  const refusal = new Error('NOPERM')
  const { slots, ended, errors } = suspecting(() => Promise.reject(refusal))
  await turn()
  expect(errors).toEqual([refusal])
  expect(ended[0]).toMatchObject({ id: 'a', verdict: `${fence}b7`, event: 'released', shy: true })
  expect(slots.count).toBe(0)
})

test('a suspect is held under its own lease, not under a later one', () => {
  const { slots } = suspecting(() => new Promise(() => undefined))
  expect(slots.holds(suspect)).toBe(true)
  expect(slots.holds({ ...suspect, fence: '1000000000000002' })).toBe(false)
})

test('a job that is cancelled on its way back is told of as one that was cancelled, though it was never read here', async () => {
  const { slots, ended } = suspecting(() => Promise.reject(new Error('NOPERM')))
  await turn()
  const [handedBack] = ended as [Outcome]
  expect(slots.overruled(handedBack)).toMatchObject({ id: 'a', event: 'cancelled', job: { id: 'a' }, error: { code: 'RIPEN_CANCELLED' } })
})
