import { after } from '@ripen/store/internal'

/** Resolves when the promise has settled, or after so many ms, whichever is first. Leaves no timer behind. */
export async function settledWithin(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let callOff: (() => void) | undefined
  const patience = new Promise<void>((resolve) => (callOff = after(milliseconds, resolve)))
  await Promise.race([promise, patience]).finally(() => callOff?.())
}
