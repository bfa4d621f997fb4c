import type { Queue } from '@ripen/queue'
import { logScript } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import type { Command } from 'ioredis'
import { vi } from 'vitest'

/** Counts the calls that store lines through the queue's store, from now on. */
export async function countedCalls(queue: Queue<any>): Promise<() => number> {
  const client = await internals((await queue.ready()).store).caller.client()
  const send = client.sendCommand.bind(client) as (command: Command) => Promise<unknown>
  let calls = 0
  vi.spyOn(client, 'sendCommand').mockImplementation(((command: Command) => {
    if (command.args[0] === logScript.sha) calls++
    return send(command)
  }) as typeof client.sendCommand)
  return () => calls
}
