import type { Redis } from 'ioredis'
import { CommandError, ConnectionError } from '../errors/errors.ts'
import { classifyFailure } from '../call/reply-error.ts'

/**
 * How ioredis handles its own failures: it rejects queued commands with the error, emits it, and reconnects.
 */
interface Recovering {
  recoverFromFatalError(cause: unknown, error: Error): void
}

/**
 * ioredis reports a refused SELECT as an event, some refused AUTHs on the console only, and goes on: what
 * follows would go to another database, or be done as another user. With this a refusal ends the connection
 * before anything else is written to it.
 */
export function strictHandshake(client: Redis): Redis {
  // An application may select and log in by itself; what is refused then is told to it.
  let established = false
  client.on('ready', () => (established = true))
  client.on('close', () => (established = false))
  const beginning = (): boolean => client.status === 'connect' || (client.status === 'ready' && !established)
  // With RESP3 the login is part of HELLO, which SELECT travels behind. Where the server does not know it,
  // ioredis speaks RESP2.
  let greeting: Promise<unknown> = Promise.resolve()

  /**
   * Answers with what to tell, once the connection has ended: a handshake that hears of the refusal only then
   * does not go on.
   */
  const endConnection = async (error: Error, what: string, greeted?: Promise<unknown>): Promise<Error> => {
    await greeted
    const refusal = refusalOf(error, what)
    const closed = new Promise((resolve) => client.once('close', resolve))
    ;(client as unknown as Recovering).recoverFromFatalError(error, refusal)
    await closed
    return refusal
  }
  const replace = (command: 'hello' | 'select' | 'auth', make: (send: Send) => Send): void => {
    const send = client[command].bind(client) as Send
    Object.defineProperty(client, command, { value: make(send), configurable: true, writable: true })
  }

  replace('hello', (send) => (...parameters) => {
    const answer = send(...parameters).catch(async (error: unknown) => {
      throw isReply(error) && !(classifyFailure(error).error instanceof CommandError) ? await endConnection(error, 'access') : error
    })
    greeting = answer
    answer.catch(() => (greeting = Promise.resolve()))
    return answer
  })
  replace('select', (send) => (...parameters) => {
    if (!beginning()) return send(...parameters)
    const greeted = greeting
    const answer = send(...parameters).catch(async (error: unknown) => {
      throw isReply(error) ? await endConnection(error, `database ${String(parameters[0])}`, greeted) : error
    })
    // ioredis also selects where it does not look at the answer.
    answer.catch(() => undefined)
    return answer
  })
  replace('auth', (send) => (...parameters) => {
    if (!beginning()) return send(...parameters)
    const greeted = greeting
    return send(...parameters).catch(async (error: unknown) => {
      if (!isReply(error)) throw error
      await endConnection(error, 'access', greeted)
      // Told already; of the reply itself ioredis would write to the console.
      throw new Error('Connection is closed.')
    })
  })
  // A Cluster asks its nodes for the slots on such connections.
  const duplicate = client.duplicate.bind(client)
  const value = (...parameters: Parameters<Redis['duplicate']>): Redis => strictHandshake(duplicate(...parameters))
  Object.defineProperty(client, 'duplicate', { value, configurable: true, writable: true })
  return client
}

/**
 * The error to report. A final refusal becomes an error of Ripen. For a temporary one (no room, a busy
 * script) it is the reply itself, and the next connection is awaited.
 */
function refusalOf(reply: Error, what: string): Error {
  const { kind, error } = classifyFailure(reply)
  if (kind !== 'final') return reply
  return error instanceof CommandError ? new ConnectionError(`the server refuses ${what}: ${error.message}`, reply, { final: true }) : error
}

type Send = (...parameters: unknown[]) => Promise<unknown>

/** The server has answered. Otherwise the connection has gone anyhow. */
function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}
