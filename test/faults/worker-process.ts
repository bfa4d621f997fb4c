import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { WorkerOptions } from '@ripen/worker'
import { onTestFinished as afterThisTest } from 'vitest'
import { FixtureProcess, type FixtureEvent } from '../support/child.ts'

/** What `fixtures/fault-worker.mjs` is told. */
export interface WorkerProcessOptions {
  readonly url: string
  readonly prefix: string
  readonly queue: string
  readonly options?: WorkerOptions
  /** Jobs named `hold` never end here. */
  readonly hold?: boolean
  /** Jobs named `block` block the event loop for so many ms here. */
  readonly block?: number
  /** The process believes that it is so many ms later. */
  readonly dateOffset?: number
}

type OnTestFinished = (cleanup: () => Promise<void>) => void

/**
 * Starts a worker in a process of its own, which writes no core file when it aborts and is killed after the
 * test.
 *
 * @param onTestFinished that of the test's context, where tests run concurrently.
 */
export function workerProcess(options: WorkerProcessOptions, onTestFinished: OnTestFinished = afterThisTest): FixtureProcess {
  const path = fileURLToPath(new URL('../fixtures/fault-worker.mjs', import.meta.url))
  const child = spawn('sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, path, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const worker = new FixtureProcess('fault-worker.mjs', child)
  onTestFinished(async () => {
    worker.kill('SIGKILL')
    await worker.exit()
  })
  return worker
}

/**
 * The clock of the events' `at`, in ms: one for all processes. What `performance` says differs by tens of ms
 * between processes that start on a busy machine.
 */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** The events of this name so far. */
export function eventsOf(worker: FixtureProcess, name: string): FixtureEvent[] {
  return worker.events.filter(({ event }) => event === name)
}

/** The ids of the jobs that an event of this name told of, each once. */
export function jobsOf(worker: FixtureProcess, name: string): Set<string> {
  return new Set(eventsOf(worker, name).map(({ jobId }) => String(jobId)))
}

/** The first such event of each of these jobs, once all have come. */
export function eventOfEach(worker: FixtureProcess, name: string, ids: readonly string[], deadline?: number): Promise<FixtureEvent[]> {
  return Promise.all(ids.map((id) => worker.event(name, ({ jobId }) => jobId === id, deadline)))
}
