import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, type CommandKind } from '../command.ts'
import { numberedCall } from '../lanes.ts'

export const pausing: CommandKind = commandKind(
  1,
  fc.record({ client: aClient, paused: fc.constantFrom(true, false, false) }),
  (model, { client, paused }) => ({
    text: `client ${client} ${paused ? 'pauses' : 'resumes'} the queue`,
    act: async (run) => {
      const { queue } = clientOf(run, client)
      await (paused ? queue.pause() : queue.resume())
      numberedCall(model, model.steering, client)
      model.paused = paused
      if (paused) model.resting = false
      else {
        model.token = true
        model.rest()
      }
    },
  }),
)
