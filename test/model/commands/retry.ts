import * as fc from 'fast-check'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'

export const retrying: CommandKind = commandKind(2, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const id = model.pick(choice, 'failed', 'cancelled')
  if (id === undefined) return undefined
  return {
    text: `client ${client} retries ${id}`,
    act: async (run) => {
      const moved = await clientOf(run, client).queue.retry(id)
      numberedCall(model, model.steering, client)
      const job = model.jobs.get(id)
      // Until a sweep comes by, also one whose time is over.
      const held = typeof job?.unique?.during === 'string' ? job.unique : undefined
      const free = held === undefined || model.unique.holder(model, held.key) === undefined
      const allowed = (job?.state === 'failed' || job?.state === 'cancelled') && free
      expectAnswer(moved, allowed ? 1 : 0)
      if (!allowed) return model.rest()
      Object.assign(job, { attempts: 0, stalls: 0 })
      job.due = job.fence = job.error = job.progress = job.kept = job.waitedUntil = undefined
      if (held !== undefined) model.unique.hold(model, held, id)
      model.due(job, model.now)
      model.becomeReady(job)
      model.token = true
    },
  }
})
