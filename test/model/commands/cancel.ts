import * as fc from 'fast-check'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'

export const cancelling: CommandKind = commandKind(3, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const id = model.pick(choice, 'scheduled', 'ready', 'active', 'blocked')
  if (id === undefined) return undefined
  return {
    text: `client ${client} cancels ${id}`,
    act: async (run) => {
      const answer = await clientOf(run, client).queue.cancel(id, { reason: 'no more' })
      const job = model.jobs.get(id)
      // What is past its time is gone for its readers, and cancel reads first.
      if (job !== undefined && model.visible(job)) numberedCall(model, model.steering, client)
      const allowed = job !== undefined && ['scheduled', 'ready', 'active', 'blocked'].includes(job.state)
      expectAnswer(answer, allowed ? 1 : 0)
      if (!allowed) {
        if (job !== undefined && model.visible(job)) model.rest()
        return
      }
      if (job.state === 'active') {
        job.cancelled = true
        return
      }
      Object.assign(job, { error: 'CancelledError', progress: undefined })
      // Somebody is to look at the job that goes on in its stead.
      if (model.unique.release(model, id) !== undefined) model.token = true
      model.end(job, 'cancelled')
      if (model.jobs.has(id)) model.trim('cancelled', 100)
      model.rest()
    },
  }
})
