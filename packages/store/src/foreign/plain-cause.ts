import { blotted } from '../errors/shown-text.ts'
import { describeError, type DescribedError } from './describe-error.ts'

const natives = new Map<string, new (message: string) => Error>(
  [TypeError, RangeError, SyntaxError, ReferenceError, URIError].map((native) => [native.name, native]),
)

/**
 * An error of anything that was thrown, with its name, message, code, stack, causes and parts, and nothing
 * else: an error of a client has the arguments of its command, which may be a password or what another caller
 * stores.
 */
export function plainCause(thrown: unknown): Error {
  return revive(describeError(thrown))
}

function revive({ name, message, code, stack, cause, errors }: DescribedError): Error {
  const text = blotted(message)
  const error = errors === undefined ? new (natives.get(name) ?? Error)(text) : new AggregateError(errors.map(revive), text)
  const hidden = { configurable: true, writable: true, enumerable: false }
  if (error.name !== name) Object.defineProperty(error, 'name', { ...hidden, value: name })
  Object.defineProperty(error, 'stack', { ...hidden, value: stack === undefined ? `${name}: ${text}` : blotted(stack) })
  if (cause !== undefined) Object.defineProperty(error, 'cause', { ...hidden, value: revive(cause) })
  return code === undefined ? error : Object.assign(error, { code })
}
