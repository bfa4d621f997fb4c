import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, constants, fchmodSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How long the server may take to write its data down before it is killed, in ms. */
const stopPatience = 5_000

/** A redis-server or valkey-server on a unix socket, with its append-only file in a directory. */
export class ServerProcess {
  /** Resolves with the reason when the process has ended; never rejects. */
  readonly ended: Promise<string>
  readonly #child: ChildProcess
  readonly #log: string
  readonly #killWithUs = (): void => void this.#child.kill('SIGTERM')

  constructor(binary: string, directory: string, socket: string) {
    this.#log = join(directory, 'server.log')
    // Not through a link that leads elsewhere, and not waiting for somebody who reads a pipe.
    const log = openSync(
      this.#log,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      0o600,
    )
    try {
      fchmodSync(log, 0o600)
      // Its files are for this user alone. A thread cannot set the umask of its process, so a shell does it,
      // and becomes the server.
      const command = ['-c', 'umask 077; exec "$0" "$@"', binary, ...serverArguments(directory, socket)]
      this.#child = spawn('/bin/sh', command, { cwd: directory, stdio: ['ignore', log, log] })
    } finally {
      closeSync(log)
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('exit', (code, signal) =>
        resolve(`${binary} ended with ${signal ?? `code ${code}`}; the end of ${this.#log}:\n${this.#lastLines()}`),
      )
    })
    void this.ended.then(() => this.release())
    this.#child.unref()
    process.on('exit', this.#killWithUs)
  }

  /** Lets the server live on after this process. */
  release(): void {
    process.off('exit', this.#killWithUs)
  }

  /** Asks it to end, kills it when it takes too long, and waits until it has. */
  async stop(): Promise<void> {
    this.#child.ref()
    this.#child.kill('SIGTERM')
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), stopPatience)
    await this.ended
    clearTimeout(patience)
  }

  #lastLines(): string {
    try {
      return readFileSync(this.#log, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
    } catch (error) {
      return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

function serverArguments(directory: string, socket: string): string[] {
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}
