import { callForeign } from '@ripen/store/internal'
import { errorMonitor, type EventEmitter } from 'node:events'
import type { RunContext } from './run-context.ts'

interface Telling {
  readonly emitter: EventEmitter<any>
  readonly parameters: unknown[]
  readonly failed: (thrown: unknown) => void
}

/**
 * Calls the listeners of an event one after the other, each in the context of `run()`: what one throws, or
 * its promise rejects with, goes to `failed` and stops nothing.
 */
export function tellListeners(
  emitter: EventEmitter<any>,
  context: RunContext,
  event: string,
  parameters: unknown[],
  failed: (thrown: unknown) => void,
): void {
  const listeners = emitter.rawListeners(event)
  if (event === 'error') listeners.unshift(...emitter.rawListeners(errorMonitor))
  const telling = { emitter, parameters, failed }
  for (const listener of listeners) context.call(tell, listener as (...parameters: unknown[]) => unknown, telling)
}

function tell(listener: (...parameters: unknown[]) => unknown, { emitter, parameters, failed }: Telling): void {
  callForeign(listener, parameters, failed, emitter)
}
