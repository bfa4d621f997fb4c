import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { findServerBinary } from '../../packages/store/src/embedded/server-binary.ts'
import { until, within } from './deadline.ts'
import { freePort } from './free-port.ts'

export interface RedisServerOptions {
  /** Default false: nothing is written to disk. */
  readonly appendonly?: 'always' | 'everysec' | false
  /** Default a new temporary directory, removed by `close`. */
  readonly dir?: string
  /** Default a free port of 127.0.0.1. */
  readonly port?: number
  /** More arguments, such as `['--maxmemory', '20mb']`. */
  readonly args?: readonly string[]
  /** Makes it a sentinel, with these lines of configuration. */
  readonly sentinel?: readonly string[]
}

/** Whether this machine has a redis-server or valkey-server on PATH. */
export function hasRedisServer(): boolean {
  return findServerBinary() !== undefined
}

/**
 * A `describe` for tests that stop, kill or fill a server of their own: skipped, with the reason printed,
 * where there is no redis-server.
 */
export function describeWithRedisServer(name: string, suite: () => void): void {
  if (hasRedisServer()) describe(name, suite)
  else {
    console.log(`skipped '${name}': it needs redis-server or valkey-server on the PATH`)
    describe.skip(name, suite)
  }
}

/** Starts a redis-server as a child process and waits until it answers. */
export async function redisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = findServerBinary()
  if (binary === undefined) throw new Error('no redis-server or valkey-server on PATH: use describeWithRedisServer')
  // Between the look for a free port and its use another process may take it.
  for (let tries = 1; ; tries++) {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'ripen-test-'))
    const server = new RedisServer(binary, dir, options.port ?? (await freePort()), options)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.close()
      if (options.port !== undefined || tries === 3) throw error
    }
  }
}

/** A server that tests may stop, suspend, kill and start again, with its data, on the same port. */
export class RedisServer {
  readonly port: number
  readonly url: string
  readonly dir: string
  readonly #binary: string
  readonly #args: readonly string[]
  readonly #ownsDirectory: boolean
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #output = ''

  constructor(binary: string, dir: string, port: number, { appendonly = false, args = [], dir: given, sentinel }: RedisServerOptions) {
    this.#binary = binary
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
    this.dir = dir
    this.#ownsDirectory = given === undefined
    const persistence = appendonly === false ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', appendonly]
    const listens = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir]
    this.#args =
      sentinel === undefined
        ? [...listens, '--save', '', ...persistence, ...args]
        : [configuration(dir, sentinel), '--sentinel', ...listens]
  }

  /** Undefined while it is stopped. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    // A second process would die on the port that is taken, and the first be forgotten.
    if (this.#child !== undefined) return
    const child = spawn(this.#binary, this.#args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    this.#output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (this.#output = (this.#output + text.toString()).slice(-2_000)))
    const killWithUs = (): void => void child.kill('SIGKILL')
    process.on('exit', killWithUs)
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        process.off('exit', killWithUs)
        this.#child = undefined
        resolve()
      }
      child.once('exit', end).once('error', end)
    })
    await until(() => this.#child === undefined || answersPing(this.port), 10_000, `an answer of the redis-server on port ${this.port}`)
    if (this.#child === undefined) throw new Error(`redis-server ended at once:\n${this.#output}`)
  }

  /** Ends it, by default without giving it time to write anything down, and waits until it has ended. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal)
    await within(10_000, this.#ended, `the end of redis-server after ${signal}`)
  }

  /** Kills it, if it runs, and starts it again with what it had kept. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Stops it in mid-work: connections stay open and nothing answers. */
  suspend(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async close(): Promise<void> {
    await this.stop()
    if (this.#ownsDirectory) rmSync(this.dir, { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** A sentinel keeps what it learns in its file. */
function configuration(dir: string, lines: readonly string[]): string {
  const file = join(dir, 'sentinel.conf')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** False while it does not listen, and while it reads its data (LOADING). */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'))
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => settle(false))
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')))
    socket.once('error', () => settle(false))
    socket.once('end', () => settle(false))
  })
}
