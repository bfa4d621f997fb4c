import { EndpointError, isRipenError } from '../errors.ts'

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
  /** Of an unlock. */
  readonly force: boolean
  /** Who gets the answer. */
  readonly client: string
}

/** The answer to a request. */
export interface EndpointAnswer {
  readonly retcode: number
  readonly message: string
  readonly payload: unknown
}

export function success(result: unknown): EndpointAnswer {
  return { retcode: 0, message: '', payload: result ?? null }
}

/** The answer that a request has when this was thrown. */
export function failure(error: unknown): EndpointAnswer {
  if (isRipenError(error, 'RIPEN_ENDPOINT')) {
    const { retcode, message, payload } = error as EndpointError
    return { retcode, message, payload }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { retcode: isRipenError(error, 'RIPEN_CONNECTION') ? 101 : 999, message, payload: undefined }
}

/** Throws what a return code of a script stands for; 0 passes. */
export function refuse(retcode: number, endpoint: string): void {
  if (retcode === 307) throw new EndpointError(307, `Endpoint ${endpoint} is locked; lockout_key required`)
  if (retcode === 308) throw new EndpointError(308, 'a lockout key must be 32 hexadecimal digits; dashes are ignored')
  if (retcode !== 0) throw new EndpointError(retcode, `${endpoint}: refused with return code ${retcode}`)
}
