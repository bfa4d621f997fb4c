import * as fc from 'fast-check'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'

export const removing: CommandKind = commandKind(2, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const id = model.pick(choice, 'scheduled', 'ready', 'blocked', 'completed', 'failed', 'cancelled')
  if (id === undefined) return undefined
  return {
    text: `client ${client} removes ${id}`,
    act: async (run) => {
      const removed = await clientOf(run, client).queue.remove(id)
      numberedCall(model, model.steering, client)
      const job = model.jobs.get(id)
      const allowed = job !== undefined && job.state !== 'active'
      expectAnswer(removed, allowed ? 1 : 0)
      if (allowed) {
        model.jobs.delete(id)
        if (model.unique.release(model, id) !== undefined) model.token = true
      }
      model.rest()
    },
  }
})

export const clearing: CommandKind = commandKind(1, aClient, (model, client) => ({
  text: `client ${client} clears the queue`,
  act: async (run) => {
    // Blocked ones first: none of them goes on.
    const waiting = [...model.in('blocked'), ...model.in('scheduled', 'ready')]
    expectAnswer(await clientOf(run, client).queue.clear(), waiting.length)
    // A page of each set in which there are some, and one that finds nothing.
    const pages = new Set(waiting.map(({ state }) => state)).size + 1
    for (let page = 0; page < pages; page++) numberedCall(model, model.steering, client)
    for (const { id } of waiting) {
      model.jobs.delete(id)
      model.unique.release(model, id)
    }
    model.rest()
  },
}))
