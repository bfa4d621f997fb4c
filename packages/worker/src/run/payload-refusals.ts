import { InvalidJobError } from '@ripen/store'

/**
 * Errors that Ripen itself made about data or a result. A handler may throw errors of the same class for
 * reasons of its own.
 */
const refusals = new WeakSet<object>()

/** Marks an error about a payload: another attempt would fail in the same way. */
export function refusePayload(error: unknown): unknown {
  if (error instanceof InvalidJobError) refusals.add(error)
  return error
}

export function isPayloadRefusal(thrown: unknown): boolean {
  return refusals.has(thrown as object)
}
