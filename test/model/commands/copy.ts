import * as fc from 'fast-check'
import { aChoice, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { isOfOtherFeatures, sent } from '../wire.ts'

/** What is the same each time: of a settle without its two times. */
function heard(answer: unknown): unknown {
  return Array.isArray(answer) ? answer.slice(2) : answer
}

export const repeating: CommandKind = commandKind(
  4,
  fc.record({ choice: aChoice, back: fc.nat({ max: 2 }) }),
  (model, { choice, back }) => {
    const lane = [...model.lanes.keys()][choice % model.lanes.size] ?? ''
    const calls = sent.get(lane)?.slice() ?? []
    const copied = calls[back]
    if (copied === undefined) return undefined
    return {
      text: `a copy of the ${['last', 'last but one', 'last but two'][back]} call on ${lane} arrives`,
      act: async () => {
        // Not applied: an add hears again what the last one on its lane heard, a settle whom the last one
        // refused, and gets no jobs.
        const last = await calls[0]?.answer
        const expected = Array.isArray(last) ? [last[2], model.paused ? 1 : 0, [], [], [], '', [], '', [], []] : last
        // One that was composed for other features is refused before that.
        try {
          expectAnswer(heard(await copied.repeat()), expected)
        } catch (error) {
          if (!isOfOtherFeatures(error)) throw error
        }
      },
    }
  },
)
