import { InvalidJobError } from '@ripen/store'
import { describeError } from '@ripen/store/internal'

/**
 * A value as JSON text; `''` for undefined.
 *
 * @param what is named in the error: `data of job welcome`.
 * @param most bytes.
 * @param index of a bulk, for the error: `jobs[3].data of job welcome`.
 * @throws InvalidJobError for what JSON cannot hold (cycles, BigInt, functions) and for what is too large.
 */
export function serialize(what: string, value: unknown, most: number, index?: number): string {
  if (value === undefined) return ''
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    const reason = describeError(error).message.split('\n')[0] ?? ''
    throw invalid(what, index, `cannot be written as JSON: ${reason}`, error)
  }
  if (text === undefined) throw invalid(what, index, `cannot be written as JSON: it is a ${typeof value}`)
  // At most three bytes a UTF-16 unit: short texts need no counting.
  if (text.length * 3 > most) {
    const bytes = Buffer.byteLength(text)
    if (bytes > most) throw invalid(what, index, `is ${bytes} bytes as JSON, maxPayload is ${most}`)
  }
  return text
}

function invalid(what: string, index: number | undefined, message: string, cause?: unknown): InvalidJobError {
  return new InvalidJobError(prefixOf(index) + what, [{ message }], cause)
}

/** The prefix of an error about a job of a bulk: `jobs[3].`, or nothing. */
export function prefixOf(index: number | undefined): string {
  return index === undefined ? '' : `jobs[${index}].`
}

/**
 * The value of a stored JSON text; `''` is undefined.
 *
 * @throws SyntaxError, without the text that JSON.parse would tell a part of: it is the data of somebody.
 */
export function deserialize(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new SyntaxError('is no JSON')
  }
}
