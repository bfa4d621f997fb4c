import { encodeState, encodeTail, startScript } from '@ripen/queue/internal'
import * as fc from 'fast-check'
import { stateOf } from '../../../packages/worker/src/run/held-job.ts'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'

export const starting: CommandKind = commandKind(3, fc.record({ client: aClient, choice: aChoice }), (model, { client, choice }) => {
  const lease = model.pickLease(choice, model.employed[client] ?? '')
  if (lease === undefined) return undefined
  return {
    text: `worker ${lease.worker} starts ${lease.id} with fence ${lease.fence}`,
    act: async (run) => {
      const { id, fence } = lease
      const marked = await clientOf(run, client).shard.script(startScript, { id, fence: String(fence) })
      const held = model.jobs.get(id)?.lease
      const holds = held?.fence === fence
      if (holds) held.suspectFrom = 0
      expectAnswer(marked, holds ? 1 : 0)
    },
  }
})

export const progressing: CommandKind = commandKind(
  3,
  fc.record({ client: aClient, choice: aChoice, value: fc.nat({ max: 100 }) }),
  (model, { client, choice, value }) => {
    const lease = model.pickLease(choice, model.employed[client] ?? '')
    if (lease === undefined) return undefined
    return {
      text: `worker ${lease.worker} tells of progress ${value} of ${lease.id} with fence ${lease.fence}`,
      act: async (run) => {
        const its = clientOf(run, client)
        const held = its.given(lease)
        const { attempts, stalls, due, error } = stateOf(held.job)
        held.progress = String(value)
        const row = encodeState(attempts, stalls, due, held.job.fence, encodeTail({ error, progress: held.progress }))
        await its.shard.storeProgress(lease.id, held.job.fence, row, held.progress)
        const job = model.jobs.get(lease.id)
        if (job?.lease?.fence === lease.fence) Object.assign(job, { progress: value, fence: lease.fence })
      },
    }
  },
)
