import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { within } from './deadline.ts'

/**
 * A line of JSON that a fixture wrote to its standard output, such as `{ "event": "started", "jobId": "…" }`.
 */
export interface FixtureEvent {
  readonly event: string
  readonly [field: string]: unknown
}

const patience = 15_000

/**
 * Runs a file of `test/fixtures` under plain Node, on the built packages, as a child process that is killed
 * after the test.
 *
 * @param env added to the environment of the test.
 */
export function spawnFixture(file: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): FixtureProcess {
  const path = fileURLToPath(new URL(`../fixtures/${file}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const fixture = new FixtureProcess(file, child)
  onTestFinished(async () => {
    fixture.kill('SIGKILL')
    await fixture.exit()
  })
  return fixture
}

export class FixtureProcess {
  /** All events so far, in order. */
  readonly events: FixtureEvent[] = []
  readonly #file: string
  readonly #child: ChildProcess
  readonly #exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  #waiting: (() => void)[] = []
  #exited = false
  #errors = ''

  constructor(file: string, child: ChildProcess) {
    this.#file = file
    this.#child = child
    if (child.stdout === null) throw new Error('a fixture needs its standard output piped')
    createInterface({ input: child.stdout }).on('line', (line) => this.#read(line))
    child.stderr?.on('data', (text: Buffer) => (this.#errors = (this.#errors + text.toString()).slice(-4_000)))
    // 'close' comes after the last line of output, 'exit' may come before it.
    this.#exit = new Promise((resolve) =>
      child.once('close', (code, signal) => {
        this.#exited = true
        this.#wake()
        resolve({ code, signal })
      }),
    )
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /**
   * The first event of this name that the predicate accepts, also one that has come already. Fails when the
   * process ends without it.
   */
  async event(name: string, accepts: (event: FixtureEvent) => boolean = () => true, deadline: number = patience): Promise<FixtureEvent> {
    const search = async (): Promise<FixtureEvent> => {
      for (;;) {
        const found = this.events.find((event) => event.event === name && accepts(event))
        if (found !== undefined) return found
        if (this.#exited) throw new Error(`${this.#file} ended without '${name}'; it said ${this.#said()}`)
        await new Promise<void>((resolve) => this.#waiting.push(resolve))
      }
    }
    return within(deadline, search(), `'${name}' of ${this.#file}`).catch((error: unknown) => {
      throw new Error(`no '${name}' of ${this.#file}; it said ${this.#said()}`, { cause: error })
    })
  }

  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  exit(deadline: number = patience): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return within(deadline, this.#exit, `the exit of ${this.#file}`)
  }

  #read(line: string): void {
    if (line.startsWith('{')) this.events.push(JSON.parse(line) as FixtureEvent)
    else this.#errors += `${line}\n`
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  #said(): string {
    return `${this.events.map((event) => event.event).join(', ') || 'nothing'}${this.#errors === '' ? '' : `, and:\n${this.#errors}`}`
  }
}
