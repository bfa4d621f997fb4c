import { isRipenError, type RipenError } from '@ripen/store'

/**
 * The RipenError that a promise, or a call, fails with. Fails itself when there is none, or another kind of
 * error.
 */
export async function rejection(attempt: Promise<unknown> | (() => unknown)): Promise<RipenError & { readonly option?: string }> {
  let value: unknown
  try {
    value = await (typeof attempt === 'function' ? attempt() : attempt)
  } catch (error) {
    if (isRipenError(error)) return error
    throw new Error('the error is none of Ripen', { cause: error })
  }
  throw new Error(`nothing failed; the result is ${String(value)}`)
}
