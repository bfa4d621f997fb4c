import { internals } from '@ripen/store/internal'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'

export const waking: CommandKind = commandKind(1, aClient, (model, client) => ({
  text: `worker ${model.employed[client]} gets the token`,
  act: async (run) => {
    const { queue, shard } = clientOf(run, client)
    const token = await internals(queue.store).caller.call((redis) => redis.lpop(shard.keys.wake))
    expectAnswer(token !== null, model.token)
    model.token = false
  },
}))
