import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { within } from './support/deadline.ts'

/** How an example ran. */
export interface ExampleRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** ms from the start to the exit. */
  readonly took: number
  /** ms from the last output to the exit: what a program that has closed everything must not spend. */
  readonly lingered: number
}

/**
 * Runs a file of `examples` as `npm start` does, on the built packages, without a terminal; killed after the
 * test.
 *
 * @param url of the server; without one the embedded server.
 * @param options.deadline ms, after which the run has failed.
 * @param options.interruptAt sends SIGINT when the output has this text.
 */
export async function runExample(
  file: string,
  url: string | undefined,
  { deadline = 25_000, interruptAt }: { deadline?: number; interruptAt?: string } = {},
): Promise<ExampleRun> {
  const { RIPEN_URL: _ripen, REDIS_URL: _redis, NODE_OPTIONS: _options, ...env } = process.env
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(`../examples/${file}`, import.meta.url))], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: url === undefined ? env : { ...env, REDIS_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))

  let [stdout, stderr, lastOutput, interrupted] = ['', '', started, false]
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString()
    lastOutput = performance.now()
    if (interruptAt === undefined || interrupted || !stdout.includes(interruptAt)) return
    interrupted = true
    child.kill('SIGINT')
  })
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  // 'close' comes after the last output, 'exit' may come before it.
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  const code = await within(deadline, ended, `the end of ${file}`).catch((error: unknown) => {
    throw new Error(`${file} did not end; it said\n${stdout}\nand\n${stderr}`, { cause: error })
  })
  const exited = performance.now()
  return { code, stdout, stderr, took: exited - started, lingered: exited - lastOutput }
}
