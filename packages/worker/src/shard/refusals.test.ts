import { AccessError, CommandError } from '@ripen/store'
import { expect, test } from 'vitest'
import { MovableClock } from '../../../../test/support/movable-clock.ts'
import type { HeldJob } from '../run/held-job.ts'
import { Refusals } from './refusals.ts'
import type { Outcome } from '../run/outcome.ts'

const fence = '1000000000000001'

function outcomes(count: number): Outcome[] {
  return Array.from({ length: count }, (_value, number) => ({
    held: { shard: 0, id: String(number), row: '', stateRow: '', fence, score: 0, since: 0 },
    verdict: `${fence}c;` as Outcome['verdict'],
    event: 'completed',
    job: undefined,
  }))
}

/**
 * Sends all, as the loop does, to a server that refuses some: those that were set aside, and how many calls
 * it took.
 */
function sendAll(refusals: Refusals, all: readonly Outcome[], bad: ReadonlySet<string>): { aside: string[]; calls: number } {
  const left = [...all]
  const aside: string[] = []
  let calls = 0
  while (left.length > 0 && calls < 1_000) {
    calls++
    const batch = left.splice(0, refusals.most)
    if (!batch.some(({ held }) => bad.has(held.id))) refusals.accepted()
    else {
      const refused = refusals.refused(new CommandError('ERR no'), batch)
      if (typeof refused === 'object') aside.push(refused.held.id)
      else left.unshift(...batch)
    }
  }
  return { aside, calls }
}

test.each([0, 7, 49])('of 50 outcomes the one that is refused is found, wherever it stands: %i', (number) => {
  const { aside, calls } = sendAll(new Refusals(new MovableClock()), outcomes(50), new Set([String(number)]))
  expect(aside).toEqual([String(number)])
  expect(calls).toBeLessThan(60)
})

test('several are found, and a single one too', () => {
  expect(sendAll(new Refusals(new MovableClock()), outcomes(500), new Set(['3', '4', '499'])).aside).toEqual(['3', '4', '499'])
  expect(sendAll(new Refusals(new MovableClock()), outcomes(1), new Set(['0'])).aside).toEqual(['0'])
})

test('what was set aside is not adopted again, until the server holds it no longer', () => {
  const refusals = new Refusals(new MovableClock())
  sendAll(refusals, outcomes(2), new Set(['1']))
  const held = (id: string): HeldJob => ({ id, fence }) as HeldJob
  expect(refusals.withoutAside([held('0'), held('1')])).toEqual([held('0')])
  expect(refusals.withoutAside([{ ...held('1'), fence: '1000000000000002' }])).toHaveLength(1)
  expect(refusals.withoutAside([held('1')])).toEqual([held('1')])
})

test('with nothing to report, or without a right, it is none of them', () => {
  const refusals = new Refusals(new MovableClock())
  expect(refusals.refused(new CommandError('ERR no'), [])).toBeUndefined()
  expect(refusals.refused(new AccessError('command zadd'), outcomes(2))).toBeUndefined()
  expect(refusals.most).toBe(500)
})

test('rests longer from refusal to refusal, at most 10 s, and anew after a call that was accepted', async () => {
  const clock = new MovableClock()
  const refusals = new Refusals(clock)
  const rested = async (): Promise<number> => {
    const start = clock.now()
    refusals.rest(() => undefined)
    while (refusals.resting) await clock.advance(100)
    return clock.now() - start
  }
  const rests: number[] = []
  while (rests.length < 6) rests.push(await rested())
  expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  refusals.accepted()
  expect(await rested()).toBe(1_000)
})

test('who is refused once, with others, for a moment, is not set aside', () => {
  const refusals = new Refusals(new MovableClock())
  const [one] = outcomes(1)
  if (one === undefined) throw new Error('no outcome')
  const refuse = (): unknown => refusals.refused(new CommandError('ERR no'), [one])
  expect(refuse()).toBe('again')
  refusals.accepted()
  expect(refuse()).toBe('again')
  refusals.accepted() // the call without any
  refusals.accepted() // its own: the server takes it now
  expect(refusals.most).toBeGreaterThan(1)
})

test('after it has stopped it does not rest any more', () => {
  const refusals = new Refusals(new MovableClock())
  refusals.stop()
  refusals.rest(() => undefined)
  expect(refusals.resting).toBe(false)
})
