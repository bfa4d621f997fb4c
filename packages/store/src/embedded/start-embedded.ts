import { randomBytes } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { ConnectionError } from '../errors/errors.ts'
import { threadFile } from '../thread-file.ts'
import { EmbeddedServer } from './embedded-server.ts'
import type { ThreadMessage } from './thread.ts'

/**
 * Starts a server in memory, on a random port of 127.0.0.1; port and password are in its `url`. It keeps
 * nothing after this process exits.
 *
 * It runs in a thread of its own, so that a handler that blocks the event loop does not block the server, and
 * does not keep the process alive: the sockets of its clients do that.
 *
 * @throws ConnectionError when the thread ends before it listens; ConfigurationError in a bundled program
 *   that lacks its file.
 */
export async function startEmbedded(password: string = randomBytes(16).toString('hex')): Promise<EmbeddedServer> {
  // Without execArgv of its own the thread inherits flags of the main program, such as loaders or
  // --input-type, that it must not have.
  const thread = new Worker(threadFile('thread.js', places), {
    workerData: { password },
    execArgv: [],
    name: 'ripen-embedded',
  })
  try {
    const port = await listening(thread)
    thread.unref()
    return new ThreadServer(thread, `redis://:${password}@127.0.0.1:${port}`)
  } catch (error) {
    await thread.terminate()
    throw new ConnectionError(`the embedded server did not start: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

const places = (): URL[] => [new URL('./thread.js', import.meta.url), new URL('../../dist/embedded/thread.js', import.meta.url)]

function listening(thread: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`its thread ended with code ${code}`)))
    thread.on('message', (message: ThreadMessage) => {
      if (message.type === 'listening') resolve(message.port)
      else reject(message.error)
    })
  })
}

class ThreadServer extends EmbeddedServer {
  readonly url: string
  readonly #thread: Worker
  #closing: Promise<void> | undefined

  constructor(thread: Worker, url: string) {
    super()
    this.#thread = thread
    this.url = url
    // Replaces what waited for the start.
    thread.removeAllListeners()
    thread.on('message', (message: ThreadMessage) => {
      if (message.type === 'fault') this.emit('error', message.error)
    })
    let crash: unknown
    thread.on('error', (error) => (crash = error))
    thread.on('exit', (code) => {
      if (this.#closing === undefined)
        this.emit('error', new ConnectionError(`the embedded server ended with code ${code}, and its data is lost`, crash))
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#thread.terminate().then(() => undefined)
    return this.#closing
  }
}
