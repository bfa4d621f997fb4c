import { ConfigurationError } from '../errors/errors.ts'
import { integer, text } from '../options/options.ts'

/** What a return code means. */
export interface ReturnCode {
  readonly value: number
  readonly name: string
  readonly description: string
}

const known = new Map<number, ReturnCode>()

/**
 * The return code with this number, or undefined if it is unknown. Codes are those of dripline's wire
 * protocol: 0 is success, 1 to 99 are warnings, all others are errors.
 */
export function returnCode(value: number): ReturnCode | undefined {
  return known.get(value)
}

/** All codes, in the order in which they were added. */
export function returnCodes(): readonly ReturnCode[] {
  return [...known.values()]
}

/**
 * Adds your own return code, for `new EndpointError(code, …)` in endpoints.
 *
 * @throws ConfigurationError for a value that is not a whole number from 0, for an empty name, or for a
 *   number or name in use.
 */
export function addReturnCode(value: number, name: string, description: string): ReturnCode {
  const code = { value: integer(0, Number.MAX_SAFE_INTEGER)('value', value), name: text('name', name), description }
  if (known.has(code.value)) throw new ConfigurationError('value', 'must be an unused return code', value)
  for (const { name: taken } of known.values())
    if (taken === code.name) throw new ConfigurationError('name', 'must be an unused name', name)
  known.set(code.value, code)
  return code
}

for (const [value, name, description] of [
  [0, 'success', 'the request was carried out'],
  [1, 'no_action_taken', 'a warning: there was nothing to do'],
  [100, 'amqp_error', 'the message transport failed'],
  [101, 'connection_error', 'the server could not be reached'],
  [102, 'routing_key_not_found', 'nothing has this address, or several have'],
  [200, 'hardware_error', 'the device failed'],
  [201, 'hardware_connection_error', 'the device could not be reached'],
  [202, 'hardware_no_response', 'the device did not answer'],
  [300, 'internal_error', 'the provider failed'],
  [301, 'no_encoding', 'a message without an encoding'],
  [302, 'decoding_error', 'a message that cannot be decoded'],
  [303, 'payload_error', 'a message whose payload cannot be used'],
  [304, 'value_error', 'a value, or an attribute, that the endpoint does not have or take'],
  [305, 'timeout', 'no answer came in time'],
  [306, 'method_not_supported', 'the endpoint does not support this'],
  [307, 'access_denied', 'the endpoint is locked, and the key is not its key'],
  [308, 'invalid_key', 'a lockout key that is not 32 hexadecimal digits'],
  [309, 'deprecated', 'a request of a form that is no longer served'],
  [400, 'database_error', 'the database failed'],
  [500, 'daq_error', 'the data acquisition failed'],
  [501, 'daq_not_enabled', 'the data acquisition is not enabled'],
  [502, 'daq_running', 'the data acquisition is running'],
  [999, 'unhandled', 'the endpoint threw an error of another kind'],
] as const)
  addReturnCode(value, name, description)
