import * as fc from 'fast-check'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'

export const promoting: CommandKind = commandKind(2, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const id = model.pick(choice, 'scheduled')
  if (id === undefined) return undefined
  return {
    text: `client ${client} promotes ${id}`,
    hurried: [id],
    act: async (run) => {
      const moved = await clientOf(run, client).queue.promote(id)
      numberedCall(model, model.steering, client)
      const job = model.jobs.get(id)
      expectAnswer(moved, job?.state === 'scheduled' ? 1 : 0)
      if (job?.state !== 'scheduled') return model.rest()
      model.due(job, model.now)
      model.becomeReady(job)
      model.moved(job)
      model.token = true
    },
  }
})
