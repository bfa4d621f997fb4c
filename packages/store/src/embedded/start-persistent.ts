import { ConfigurationError, ConnectionError } from '../errors/errors.ts'
import { urlOfSocket } from '../connection/target-url.ts'
import { lockDirectory } from './directory-lock.ts'
import { EmbeddedServer } from './embedded-server.ts'
import { fileFault, isMissing } from './file-fault.ts'
import { ownDirectory, ownSocket } from './own-entry.ts'
import { findServerBinary } from './server-binary.ts'
import { ServerPresence } from './server-presence.ts'
import { ServerProcess } from './server-process.ts'
import { socketPath } from './socket-path.ts'

/** How long the server may take to read its data and answer, in ms. */
const startPatience = 30_000

/** How long it may take to end, and another process to start or stop it meanwhile, in ms. */
const stopPatience = 5_000

/**
 * Opens the server whose data is in a directory: a redis-server or valkey-server found on PATH, on a unix
 * socket that only this user can open, with its append-only file there, synced every second. The first to
 * open the directory starts the server, others join it, and the last to close stops it. A process that exits
 * without `close()` takes the server that it started along; one that is killed leaves it to the next that
 * opens the directory.
 *
 * @param directory created when it does not exist, for this user alone.
 * @throws ConfigurationError without such a binary, and when the directory or its files cannot be made,
 *   belong to another user, or others may write to it.
 * @throws ConnectionError when the server ends at once, or does not answer within 30 s.
 * @throws TimedOutError when another process takes longer than that to start or stop it.
 */
export async function startPersistent(directory: string): Promise<EmbeddedServer> {
  const binary = findServerBinary()
  if (binary === undefined) {
    const remedy =
      "install one (Debian, Ubuntu: 'apt-get install redis-server', macOS: 'brew install valkey'), or use 'embedded:', which keeps nothing after exit"
    throw new ConfigurationError('url', `needs redis-server or valkey-server on the PATH: ${remedy}`, `embedded:${directory}`)
  }
  try {
    return await startIn(ownDirectory(directory), binary)
  } catch (error) {
    throw fileFault(directory, error)
  }
}

async function startIn(place: string, binary: string): Promise<EmbeddedServer> {
  const socket = socketPath(place)
  const unlock = await lockDirectory(place, startPatience)
  try {
    ownSocket(place, socket)
    const joined = await ServerPresence.join(socket, startPatience)
    if (joined !== undefined) return new PersistentServer({ directory: place, socket, presence: joined })
    const child = new ServerProcess(binary, place, socket)
    return new PersistentServer({ directory: place, socket, presence: await firstAnswer(child, socket), child })
  } finally {
    unlock()
  }
}

async function firstAnswer(child: ServerProcess, socket: string): Promise<ServerPresence> {
  const failed = child.ended.then((reason) => Promise.reject(new ConnectionError(`the server did not start: ${reason}`)))
  try {
    return await Promise.race([ServerPresence.joinStarted(socket, startPatience), failed])
  } catch (error) {
    await child.stop()
    throw error
  }
}

interface StartedServer {
  readonly directory: string
  readonly socket: string
  readonly presence: ServerPresence
  /** Set if this process started the server. */
  readonly child?: ServerProcess
}

class PersistentServer extends EmbeddedServer {
  readonly url: string
  readonly #directory: string
  readonly #socket: string
  readonly #child: ServerProcess | undefined
  #presence: ServerPresence | undefined
  #closing: Promise<void> | undefined

  constructor({ directory, socket, presence, child }: StartedServer) {
    super()
    this.url = urlOfSocket(socket)
    this.#directory = directory
    this.#socket = socket
    this.#presence = presence
    this.#child = child
    presence.onLost(() => void this.#onLost())
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => this.#presence?.leave())
    return this.#closing
  }

  async #close(): Promise<void> {
    const release = await this.#lock()
    try {
      this.#presence ??= await ServerPresence.join(this.#socket, stopPatience)
      // A server that can no longer be found may still have a process.
      if (this.#presence === undefined) return await this.#child?.stop()
      if (await this.#isShared(this.#presence)) this.#child?.release()
      else await (this.#child === undefined ? this.#presence.shutDown(stopPatience) : this.#child.stop())
    } finally {
      release()
    }
  }

  /**
   * Under the lock, so that no process joins between the check for others and the end of the server. If the
   * directory was removed, none can.
   */
  async #lock(): Promise<() => void> {
    try {
      return await lockDirectory(this.#directory, stopPatience)
    } catch (error) {
      if (isMissing(error)) return () => undefined
      await this.#stopAlone()
      throw fileFault(this.#directory, error)
    }
  }

  /**
   * Without the lock a child of ours that nobody else uses is ended all the same: nobody would do it later.
   */
  async #stopAlone(): Promise<void> {
    if (this.#child !== undefined && !(this.#presence !== undefined && (await this.#isShared(this.#presence)))) await this.#child.stop()
  }

  /** A child of ours that does not answer is of no use to others either. */
  async #isShared(presence: ServerPresence): Promise<boolean> {
    try {
      return (await presence.withdraw()).othersPresent
    } catch (error) {
      if (this.#child === undefined) throw error
      return false
    }
  }

  async #onLost(): Promise<void> {
    this.#presence = undefined
    if (this.#closing !== undefined) return
    const reason = this.#child === undefined ? 'its process has ended' : await this.#child.ended
    this.emit('error', new ConnectionError(`the server of ${this.#directory} has ended: ${reason}`))
  }
}
