import { InvalidJobError } from '@ripen/store'

/**
 * A value as JSON text; `''` for undefined.
 *
 * @param what is named in the error: `data of job welcome`.
 * @param most bytes.
 * @throws InvalidJobError for what JSON can not hold (cycles, BigInt, functions) and for what is too large.
 */
export function serialize(what: string, value: unknown, most: number): string {
  if (value === undefined) return ''
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (error) {
    throw new InvalidJobError(
      what,
      [{ message: `can not be written as JSON: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}` }],
      error,
    )
  }
  if (text === undefined) throw new InvalidJobError(what, [{ message: `can not be written as JSON: it is a ${typeof value}` }])
  // At most three bytes a UTF-16 unit: short texts need no counting.
  if (text.length * 3 > most) {
    const bytes = Buffer.byteLength(text)
    if (bytes > most) throw new InvalidJobError(what, [{ message: `is ${bytes} bytes as JSON, maxPayload is ${most}` }])
  }
  return text
}

/** The value of a stored JSON text; `''` is undefined. */
export function deserialize(text: string): unknown {
  return text === '' ? undefined : JSON.parse(text)
}
