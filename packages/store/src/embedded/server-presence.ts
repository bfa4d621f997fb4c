import { Redis } from 'ioredis'
import { setTimeout as pause } from 'node:timers/promises'
import { ConnectionError } from '../errors/errors.ts'

const presenceName = 'ripen-embedded'

/** ms between two looks at a server that starts. */
const lookEvery = 20

/** ms that a server may leave a command unanswered. */
const answerPatience = 2_000

/**
 * A named connection that shows that this process uses the server. The kernel ends it when the process dies,
 * however it dies; the last one to leave stops the server.
 */
export class ServerPresence {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
    // Never a reason for the process to stay.
    redis.stream.unref()
  }

  /**
   * Joins the server that listens on the socket.
   *
   * @param patience ms to wait for one that reads its data.
   * @returns undefined when none listens.
   * @throws ConnectionError when one listens and does not answer in time.
   */
  static async join(socket: string, patience: number): Promise<ServerPresence | undefined> {
    const deadline = Date.now() + patience
    for (;;) {
      const answer = await ask(socket)
      if (answer === 'nobody') return undefined
      if (answer instanceof ServerPresence) return answer
      if (Date.now() > deadline) throw new ConnectionError(`a server listens on ${socket} but does not answer: ${answer.message}`, answer)
      await pause(lookEvery)
    }
  }

  /** Joins a server that has just been started, as soon as it listens. */
  static async joinStarted(socket: string, patience: number): Promise<ServerPresence> {
    const deadline = Date.now() + patience
    for (;;) {
      const presence = await ServerPresence.join(socket, Math.max(0, deadline - Date.now()))
      if (presence !== undefined) return presence
      if (Date.now() > deadline) throw new ConnectionError(`the server did not listen on ${socket} within ${patience} ms`)
      await pause(lookEvery)
    }
  }

  /** Calls back once the server has gone. */
  onLost(listener: () => void): void {
    this.#redis.once('end', listener)
  }

  /**
   * Withdraws, so that the next one to leave does not count this one, and tells whether anybody else is
   * present. A closed connection alone would not do: the server may learn of it after it has answered the
   * next one.
   *
   * @throws ConnectionError when the server does not answer.
   */
  async withdraw(): Promise<{ othersPresent: boolean }> {
    try {
      const clients = await patiently(this.#redis, async () => {
        await this.#redis.client('SETNAME', `${presenceName}-left`)
        return (await this.#redis.client('LIST')) as string
      })
      return { othersPresent: clients.includes(` name=${presenceName} `) }
    } catch (error) {
      throw new ConnectionError('the server does not answer', error)
    }
  }

  /**
   * Stops the server, whoever started it, and waits until it has let go.
   *
   * @throws ConnectionError when it refuses, or has not ended after `patience` ms.
   */
  async shutDown(patience: number): Promise<void> {
    this.#redis.stream.ref()
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new ConnectionError(`the server did not end within ${patience} ms of a SHUTDOWN`)), patience)
      this.#redis.once('end', () => {
        clearTimeout(timer)
        resolve()
      })
      // A SHUTDOWN that succeeds is answered by the end of the connection.
      this.#redis.call('SHUTDOWN').catch((error: unknown) => {
        if (error instanceof Error && error.name === 'ReplyError')
          reject(new ConnectionError(`the server refused SHUTDOWN: ${error.message}`, error))
      })
    })
  }

  leave(): void {
    disconnect(this.#redis)
  }
}

async function ask(socket: string): Promise<ServerPresence | 'nobody' | Error> {
  let failure: unknown
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  redis.on('error', (error) => (failure = error))
  try {
    await patiently(redis, async () => {
      await redis.connect()
      await redis.ping()
      await redis.client('SETNAME', presenceName)
    })
    return new ServerPresence(redis)
  } catch (error) {
    disconnect(redis)
    const cause = failure ?? error
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'nobody'
    return cause instanceof Error ? cause : new Error(String(cause))
  }
}

/** Bounds all steps together, connecting included. */
async function patiently<T>(redis: Redis, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => disconnect(redis), answerPatience)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
  }
}

/** Disconnecting what has ended already leaves a timer of ioredis behind, which keeps the process for 2 s. */
function disconnect(redis: Redis): void {
  if (redis.status !== 'end') redis.disconnect()
}
