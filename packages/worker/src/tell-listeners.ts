import { callForeign } from '@ripen/store/internal'
import { errorMonitor, type EventEmitter } from 'node:events'
import type { RunContext } from './run-context.ts'

/** Calls the listeners of an event one after the other, each in the context of `run()`: what one throws, or its promise rejects with, goes to `failed` and stops nothing. */
export function tellListeners(
  emitter: EventEmitter<any>,
  context: RunContext,
  event: string,
  parameters: readonly unknown[],
  failed: (thrown: unknown) => void,
): void {
  const listeners = emitter.rawListeners(event)
  if (event === 'error') listeners.unshift(...emitter.rawListeners(errorMonitor))
  for (const listener of listeners)
    context.call(() => callForeign((...all) => Reflect.apply(listener, emitter, all) as unknown, parameters, failed), undefined, undefined)
}
