import { EndpointError, isRipenError } from '../errors/errors.ts'
import { describeError } from '../foreign/describe-error.ts'
import { read } from '../foreign/foreign-text.ts'
import { jsonText } from './json-text.ts'

/** A request as it lies on the server, as JSON. */
export interface EndpointRequest {
  /** get, set, cmd, ping, lock, unlock or list. */
  readonly op: string
  /** `''`: the provider itself. */
  readonly endpoint: string
  /** The attribute of a get or set, the method of a cmd; `''`: none. */
  readonly specifier: string
  readonly values: readonly unknown[]
  /** The lockout key as it was given; `''`: none. */
  readonly key: string
  /** For an unlock only. */
  readonly force: boolean
  /** The client that gets the answer. */
  readonly client: string
}

/** The answer to a request. */
export interface EndpointAnswer {
  readonly retcode: number
  readonly message: string
  readonly payload: unknown
}

/** @throws EndpointError 302 for what no node has answered. */
export function readAnswer(text: string): EndpointAnswer {
  const answer = parse(text) as EndpointAnswer | null | undefined
  if (!Number.isSafeInteger(answer?.retcode) || typeof answer?.message !== 'string')
    throw new EndpointError(302, 'the answer cannot be read')
  return answer
}

/** @throws EndpointError 302 for what no client has asked. */
export function readRequest(text: string): EndpointRequest {
  const request = parse(text) as EndpointRequest | null | undefined
  const texts = [request?.op, request?.endpoint, request?.specifier, request?.key, request?.client]
  if (!Array.isArray(request?.values) || texts.some((part) => typeof part !== 'string'))
    throw new EndpointError(302, 'the request cannot be read')
  return request
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function success(result: unknown): EndpointAnswer {
  return { retcode: 0, message: '', payload: result ?? null }
}

/** The answer that a request has when this was thrown. */
export function failure(error: unknown): EndpointAnswer {
  const { message } = describeError(error)
  if (isRipenError(error, 'RIPEN_ENDPOINT')) {
    const retcode = read(error, 'retcode')
    return { retcode: typeof retcode === 'number' ? retcode : 999, message, payload: jsonOrNothing(read(error, 'payload')) }
  }
  return { retcode: isRipenError(error, 'RIPEN_CONNECTION') ? 101 : 999, message, payload: undefined }
}

/** The payload of an error must not prevent the answer, or be longer than a result may be. */
function jsonOrNothing(payload: unknown): unknown {
  try {
    return JSON.parse(jsonText('payload', payload)) as unknown
  } catch {
    return undefined
  }
}

/** Throws what a return code of a script stands for; 0 passes. */
export function refuse(retcode: number, endpoint: string): void {
  if (retcode === 307) throw new EndpointError(307, `Endpoint ${endpoint} is locked; lockout_key required`)
  if (retcode === 308) throw new EndpointError(308, 'a lockout key must be 32 hexadecimal digits; dashes are ignored')
  if (retcode !== 0) throw new EndpointError(retcode, `${endpoint}: refused with return code ${retcode}`)
}
