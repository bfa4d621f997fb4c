import { leaveScript } from '@ripen/queue/internal'
import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind, type Run } from '../command.ts'
import type { Model } from '../model.ts'

/** Workers that were silent for so long are forgotten, in ms. */
const forgottenAfter = 60_000

/** A heartbeat, with all that its answer tells. */
export async function beat(run: Run, model: Model, client: number): Promise<void> {
  const { now, workers } = model
  const worker = model.employed[client] ?? ''
  const late = (workers.get(worker) ?? 0) <= now
  for (const [name, until] of workers) if (until <= now - forgottenAfter) model.forgetWorker(name)
  if (late) model.resting = false
  workers.set(worker, now + clientOf(run, client).terms.lease)
  const [time, wasLate, paused, cancels] = await clientOf(run, client).heartbeat()
  expectAnswer([Number(time), wasLate, paused], [now, late ? 1 : 0, model.paused ? 1 : 0])
  const asked = [...model.jobs.values()].filter(({ cancelled }) => cancelled).map(({ id }) => id)
  expectAnswer(cancels.filter((_value, i) => i % 2 === 0).sort(), asked.sort())
}

/** A worker begins with a heartbeat, so that its leases are not taken for those of a dead one. */
export async function employ(run: Run, model: Model, client: number): Promise<void> {
  const name = await clientOf(run, client).employ()
  model.rest()
  model.employed[client] = name
  await beat(run, model, client)
}

export const heartbeat: CommandKind = commandKind(4, aClient, (model, client) => ({
  text: `the heart of worker ${model.employed[client]} beats`,
  act: (run) => beat(run, model, client),
}))

export const replacement: CommandKind = commandKind(
  1,
  fc.record({ client: aClient, leaves: fc.boolean() }),
  (model, { client, leaves }) => {
    const worker = model.employed[client] ?? ''
    return {
      text: `worker ${worker} ${leaves ? 'leaves' : 'dies'}, and another takes its place`,
      act: async (run) => {
        if (leaves) {
          await clientOf(run, client).shard.script(leaveScript, { id: worker })
          model.forgetWorker(worker)
          if (model.keeper?.worker === worker) model.keeper = undefined
          model.token = true
          model.rest()
        }
        await employ(run, model, client)
      },
    }
  },
)
