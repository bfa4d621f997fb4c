import { AccessError, CommandError, ConnectionError, isRipenError, RipenError, StoreFullError, WrongTypeError } from '../errors/errors.ts'
import { toError } from '../foreign/to-error.ts'

/**
 * How a failed call stands: refused for good, refused for now (it was not applied), or unanswered (it may
 * have been applied).
 */
export type Failure =
  | { readonly kind: 'final'; readonly error: RipenError }
  | { readonly kind: 'refused' | 'unanswered'; readonly error: RipenError }

// Replies of a server that can't serve now but will: restarts, failovers, slots on the move, a script that
// takes too long.
const outageCodes = new Set([
  'TRYAGAIN',
  'ASK',
  'MOVED',
  'LOADING',
  'READONLY',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'NOREPLICAS',
  'MISCONF',
  'BUSY',
  'UNBLOCKED',
])
/** The reply of a server that has no room for a connection, and closes it. */
const noPlace = /^(?:ERR )?max (?:number of clients|concurrent connections)/
const loginCodes = new Set(['NOAUTH', 'WRONGPASS', 'DENIED'])

/**
 * Error replies of scripts, by code: `redis.error_reply('EMPTY …')` in Lua becomes an error class here.
 * Packages add their own, and all copies of them in the process theirs: a store may be of another copy.
 */
const scriptErrors = ((globalThis as Record<symbol, unknown>)[Symbol.for('ripen.script-errors')] ??= new Map()) as Map<
  string,
  (text: string) => RipenError
>

/** Maps the error replies of a package's scripts to its error classes. */
export function registerScriptError(code: string, make: (text: string) => RipenError): void {
  scriptErrors.set(code, make)
}

/** A call that was never written to a connection, and why. */
export class UnwrittenError extends Error {
  constructor(cause: unknown) {
    super('the call was not written', { cause })
  }
}

/** Sorts out what an ioredis call was rejected with. */
export function classifyFailure(error: unknown): Failure {
  if (error instanceof RipenError) return { kind: 'final', error }
  if (error instanceof UnwrittenError) {
    const failure = classifyFailure(error.cause)
    return failure.kind === 'unanswered' ? { ...failure, kind: 'refused' } : failure
  }
  // A cluster that no node lets in: what the last one said.
  if (error instanceof Error && 'lastNodeError' in error && error.lastNodeError instanceof Error) {
    const inner = classifyFailure(error.lastNodeError)
    if (inner.kind === 'final') return inner
  }
  const { name, message } = toError(error)
  if (name !== 'ReplyError') return connectionFailure(error, message)
  // The embedded server puts ERR before the code of a script's error reply.
  const [, code = '', text = ''] = /^(?:ERR )?(?:-)?([A-Z_]+) ?(.*)$/s.exec(message) ?? []
  const make = scriptErrors.get(code)
  if (make !== undefined) return { kind: 'final', error: make(text) }
  if (outageCodes.has(code) || noPlace.test(message))
    return { kind: 'refused', error: new ConnectionError(`the server cannot serve now: ${message}`, error) }
  if (loginCodes.has(code))
    return { kind: 'final', error: new ConnectionError(`the server refuses access: ${message}`, error, { final: true }) }
  const missing = missingRight(message)
  if (missing !== undefined) return { kind: 'final', error: new AccessError(missing, error) }
  if (code === 'OOM' || message.includes('OOM command not allowed')) return { kind: 'final', error: new StoreFullError(error) }
  if (code === 'WRONGTYPE' || message.includes('WRONGTYPE')) return { kind: 'final', error: new WrongTypeError(message, error) }
  return { kind: 'final', error: new CommandError(message, error) }
}

// A refusal begins with NOPERM; that of a script's command with ERR, and its words differ: up to Redis 7.0
// "The user executing the script can't …", later "ACL failure in script: …".
const refusalInScript = /The user executing the script can't |ACL failure in script: /

/** The kind of right that a reply reports as missing; undefined for any other reply. */
export function refusedRight(message: string): 'command' | 'key' | 'channel' | undefined {
  if (!message.startsWith('NOPERM ') && !refusalInScript.test(message)) return undefined
  if (/ to run | run this /.test(message)) return 'command'
  return /\bchannels?\b/.test(message) ? 'channel' : 'key'
}

/** The same, with a name where the server gives one. */
function missingRight(message: string): string | undefined {
  const kind = refusedRight(message)
  if (kind === undefined) return undefined
  const [, name] = / the '(.+)' (?:command|key|channel)\b/s.exec(message) ?? []
  return name === undefined ? `a ${kind}` : `${kind} ${kind === 'command' ? name.toLowerCase() : name}`
}

/**
 * Whether the server may answer later, as in an outage: read from what has failed, as a ConnectionError also
 * tells of a refusal for good.
 */
export function isOutage(error: unknown): boolean {
  return isRipenError(error, 'RIPEN_CONNECTION') && !(error as ConnectionError).final
}

/**
 * Whether the server refused before it looked at the call: of a try before this one, which may have been
 * applied or may be yet, that tells nothing.
 */
export function isBlindRefusal(error: unknown): boolean {
  return error instanceof StoreFullError || error instanceof AccessError || (error instanceof ConnectionError && error.final)
}

// ioredis flushes what was in flight with MaxRetriesPerRequestError.
function connectionFailure(error: unknown, message: string): Failure {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  return { kind: 'unanswered', error: new ConnectionError(`the connection was lost: ${message}`, cause) }
}
