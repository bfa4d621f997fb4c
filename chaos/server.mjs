import { Redis } from 'ioredis'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from './deadline.mjs'

/**
 * A port of 127.0.0.1 that was free a moment ago. @param offset another port, so far above, has to be free as
 * well.
 */
export async function freePort(offset = 0) {
  for (;;) {
    const port = await listenOnce(offset === 0 ? 0 : 15_000 + Math.floor(Math.random() * 15_000))
    if (port !== undefined && (offset === 0 || (await listenOnce(port + offset)) !== undefined)) return port
  }
}

async function listenOnce(wanted) {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    return server.address().port
  } catch (error) {
    if (error.code === 'EADDRINUSE') return undefined
    throw error
  } finally {
    server.close()
  }
}

const running = new Set()
// The end of the run takes its servers along, also those that are stopped.
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/**
 * A redis-server of the run's own, on 127.0.0.1, which can be killed, stopped and started again with its
 * data. Uses the binary that CHAOS_SERVER names, by default `redis-server`.
 */
export class Server {
  port
  #words
  #child
  #exited

  /**
   * @param settings of its configuration file, into which it may write what it is told later; a value that is
   *   an array has several words.
   * @param words for the command line, behind the file.
   */
  constructor(directory, port, settings, words = []) {
    mkdirSync(directory, { recursive: true })
    this.port = port
    const file = join(directory, 'server.conf')
    const lines = Object.entries({ port, bind: '127.0.0.1', dir: `"${directory}"`, loglevel: 'warning', ...settings })
    writeFileSync(file, lines.map(([name, value]) => `${name} ${[value].flat().join(' ')}\n`).join(''))
    this.#words = [file, ...words]
  }

  /** Resolves when it answers, with the time at which it did. */
  async start() {
    const child = spawn(process.env.CHAOS_SERVER ?? 'redis-server', this.#words, { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#child = child
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#exited = new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject))
    this.#exited.catch(() => undefined)
    return this.answers()
  }

  /**
   * Resolves with the time, in epoch ms, at which it answers a PING with PONG: not while it reads its data.
   */
  async answers() {
    await until(() => this.#child.exitCode !== null || ping(this.port), `an answer on port ${this.port}`)
    if (this.#child.exitCode !== null) throw new Error(`redis-server ended with code ${this.#child.exitCode}`)
    return Date.now()
  }

  /**
   * SIGTERM lets it write down what it has, and its replicas take what they have not; it is sent again, as a
   * server that writes its first append-only file refuses it.
   */
  async kill(signal = 'SIGKILL') {
    const ended = this.#exited.then(() => true)
    const look = () => {
      this.#child.kill(signal)
      return Promise.race([ended, pause(1_000, undefined, { ref: false })])
    }
    await until(look, `the end of the server on port ${this.port}`)
  }

  /** Stops it in mid-work: connections stay open, and nothing answers. */
  suspend() {
    this.#child.kill('SIGSTOP')
  }

  async resume() {
    this.#child.kill('SIGCONT')
    return this.answers()
  }

  /** The answer of this very server to one command, on a connection of its own. */
  async ask(...command) {
    const redis = new Redis(this.port, '127.0.0.1', { protocol: 2, lazyConnect: true, retryStrategy: null, commandTimeout: patience })
    redis.on('error', () => undefined) // the call tells
    try {
      return await redis.call(...command)
    } finally {
      redis.disconnect()
    }
  }

  /** The fields of INFO replication. */
  async replication() {
    const lines = (await this.ask('INFO', 'replication')).split('\r\n')
    return Object.fromEntries(
      lines.filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    )
  }
}

/** ms that an answer may take: one that moves a large key takes its time. */
const patience = 20_000

function ping(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
    const answer = (answers) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(1_000, () => answer(false))
    socket.once('data', (data) => answer(data.toString().startsWith('+PONG')))
    socket.once('error', () => answer(false))
    socket.once('end', () => answer(false))
  })
}
