import { isRipenError } from '@ripen/store'

/** The ConfigurationError that a call throws. Fails itself when there is none, or another kind of error. */
export function refusal(call: () => unknown): { option: string; message: string } {
  try {
    call()
  } catch (error) {
    if (isRipenError(error, 'RIPEN_CONFIGURATION')) return error as unknown as { option: string; message: string }
    throw error
  }
  throw new Error('it was not refused')
}
