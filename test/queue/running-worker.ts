import type { EventEmitter } from 'node:events'
import type { Queue } from '@ripen/queue'
import { Worker, type Handler, type Handlers, type WorkerEvents, type WorkerOptions } from '@ripen/worker'
import { expect, onTestFinished } from 'vitest'
import { within } from '../support/deadline.ts'

/**
 * A worker that runs until the test has finished. An 'error' that the test itself does not listen to fails
 * the test.
 */
export async function runningWorker<J>(
  queue: Queue<J>,
  handlers: NoInfer<Handlers<J> | Handler<J>>,
  options?: WorkerOptions,
): Promise<Worker<J>> {
  const worker = new Worker<J>(queue, handlers, options)
  const errors: Error[] = []
  const collect = (error: Error): void => {
    if (worker.listenerCount('error') === 1) errors.push(error)
  }
  worker.on('error', collect)
  await worker.ready()
  const ended = worker.run()
  onTestFinished(async () => {
    await within(10_000, worker.close({ timeout: 5_000 }), 'the close of the worker')
    await within(1_000, ended, 'the end of run()')
    expect(errors).toEqual([])
  })
  return worker
}

/** The arguments of the next event of this name that the predicate accepts. */
export function nextEvent(
  worker: Pick<EventEmitter, 'on' | 'off'>,
  event: keyof WorkerEvents<any>,
  accepts: (...parameters: any[]) => boolean = () => true,
  deadline = 10_000,
): Promise<any[]> {
  let listener!: (...parameters: any[]) => void
  const heard = new Promise<any[]>((resolve) => {
    listener = (...parameters) => {
      if (accepts(...parameters)) resolve(parameters)
    }
  })
  worker.on(event, listener)
  return within(deadline, heard, `the event '${event}'`).finally(() => worker.off(event, listener))
}
