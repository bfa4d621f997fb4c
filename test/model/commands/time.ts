import * as fc from 'fast-check'
import { aChoice, commandKind, type CommandKind } from '../command.ts'
import type { Model } from '../model.ts'

/** Moves the clock. Each command sets that of the clients before it begins. */
function advance(model: Model, milliseconds: number): () => Promise<void> {
  return () => {
    model.now += milliseconds
    return Promise.resolve()
  }
}

export const passing: CommandKind = commandKind(
  5,
  fc.constantFrom(1, 700, 1_000, 1_500, 2_000, 2_000, 3_000, 3_000, 10_000, 61_000, 601_000, -1_000),
  (model, milliseconds) => ({ text: `${milliseconds} ms pass`, act: advance(model, milliseconds) }),
)

/** When something is to happen by itself, or not to happen any more. */
function moments({ jobs, unique, schedules, sessions, workers, spared, rules }: Model): number[] {
  const times = [...jobs.values()].flatMap(({ state, score, kept, startBy }) => {
    if (kept !== undefined) return [kept.until]
    const limit = startBy === undefined || state === 'active' ? [] : [startBy]
    if (state === 'ready') return limit
    return [...limit, score, score + rules.completed.age, score + rules.failed.age]
  })
  const runs = [...schedules.all.values()].flatMap(({ next }) => next ?? [])
  return [...times, ...runs, ...sessions.values(), ...workers.values(), ...unique.ends().map(([, until]) => until), spared]
}

export const passingUntil: CommandKind = commandKind(
  5,
  fc.record({ choice: aChoice, beside: fc.constantFrom(0, 0, -1, 1) }),
  (model, { choice, beside }) => {
    const times = moments(model)
      .map((time) => time + beside - model.now)
      .filter((milliseconds) => milliseconds > 0)
      .sort((a, b) => a - b)
    // The next is more likely than the last.
    const milliseconds = times[Math.floor((choice / 256) ** 2 * times.length)]
    return milliseconds === undefined ? undefined : { text: `${milliseconds} ms pass`, act: advance(model, milliseconds) }
  },
)
