import { ConfigurationError } from '../errors/errors.ts'
import { describeError } from '../foreign/describe-error.ts'
import { because } from '../errors/ripen-error.ts'

/** Bytes of the JSON text of a channel's whole value. */
export const mostBytes = 4_194_304

/**
 * The JSON text of a value: it is stored as it is here.
 *
 * @throws ConfigurationError for what has no JSON form (undefined, a function, NaN, a bigint, a cycle) and
 *   for more than 4 MiB.
 */
export function jsonText(option: string, value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new ConfigurationError(option, 'must be a finite number', value)
  let text: string | undefined
  try {
    text = JSON.stringify(value) as string | undefined
  } catch (cause) {
    throw because(new ConfigurationError(option, `must be representable as JSON: ${describeError(cause).message}`), cause)
  }
  if (text === undefined) throw new ConfigurationError(option, 'must be representable as JSON', value)
  if (Buffer.byteLength(text) > mostBytes) throw new ConfigurationError(option, `must be at most ${mostBytes} bytes of JSON`)
  return text
}
