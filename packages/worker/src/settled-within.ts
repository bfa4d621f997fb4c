import type { Clock } from '@ripen/store/internal'

/**
 * Resolves when the promise has settled, or after this many ms, whichever is first. Leaves no timer behind.
 */
export async function settledWithin(clock: Clock, milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let callOff: (() => void) | undefined
  const patience = new Promise<void>((resolve) => (callOff = clock.after(milliseconds, resolve)))
  await Promise.race([promise, patience]).finally(() => callOff?.())
}
