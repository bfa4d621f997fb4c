import { verifyQueue } from '@ripen/queue'
import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'

export const verifying: CommandKind = commandKind(1, fc.record({ client: aClient, repair: fc.boolean() }), (model, { client, repair }) => ({
  text: `client ${client} verifies the queue${repair ? ', to repair it' : ''}`,
  act: async (run) => {
    const { findings } = await verifyQueue(clientOf(run, client).queue, { repair })
    expectAnswer(findings, [])
    // The queue was opened.
    model.rest()
  },
}))
