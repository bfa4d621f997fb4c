import type { Redis } from 'ioredis'

/**
 * For commands that ioredis sends by itself and whose answers it does not look at: ASKING, when a slot moves,
 * and SUBSCRIBE, after a reconnect. Should the connection end before the answer, nobody would hear of the
 * rejection, and Node.js would end the process. What follows from the lost connection is told by the commands
 * behind them.
 */
export function quietRejections(client: Redis, command: 'asking' | 'subscribe'): void {
  const send = client[command].bind(client) as (...parameters: unknown[]) => Promise<unknown>
  const quiet = (...parameters: unknown[]): Promise<unknown> => {
    const answer = send(...parameters)
    answer.catch(() => undefined)
    return answer
  }
  Object.defineProperty(client, command, { value: quiet, configurable: true, writable: true })
}
