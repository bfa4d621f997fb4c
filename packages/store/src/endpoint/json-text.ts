import { ConfigurationError, EndpointError } from '../errors/errors.ts'

/** Bytes of a value as JSON. */
const mostBytes = 1_048_576
/** Bytes of what an answer or an alert has around the value. */
const around = 1_024

/**
 * A value as JSON.
 *
 * @throws ConfigurationError for what JSON cannot tell (undefined, a function, NaN, an infinity, a cycle),
 *   and for more than 1 MiB.
 */
export function jsonText(option: string, value: unknown): string {
  let text: string | undefined
  try {
    text = typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value)
  } catch {
    text = undefined
  }
  if (text === undefined) throw new ConfigurationError(option, 'must be representable as JSON', value)
  if (Buffer.byteLength(text) > mostBytes) throw new ConfigurationError(option, `must be at most ${mostBytes} bytes of JSON`)
  return text
}

/**
 * What a function of an endpoint gave, as JSON, with what goes around it.
 *
 * @throws EndpointError 303 for more than 1 MiB; what JSON.stringify throws.
 */
export function resultText(what: string, result: object): string {
  const text = JSON.stringify(result)
  if (Buffer.byteLength(text) > mostBytes + around) throw new EndpointError(303, `${what} has more than ${mostBytes} bytes of JSON`)
  return text
}
