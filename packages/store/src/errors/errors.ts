import { errorTable, type RipenErrorCode } from './error-table.ts'
import { isRipenError, RipenError } from './ripen-error.ts'
import { shownName, shownValue } from './shown-text.ts'

export { errorTable, isRipenError, RipenError, type RipenErrorCode }

/** An option, name or argument breaks its rule. Thrown before anything is written. */
export class ConfigurationError extends RipenError {
  /** The path of the option, e.g. `'lease'` or `'backoff.delay'`. */
  readonly option: string

  constructor(option: string, rule: string, ...value: [value?: unknown]) {
    super('RIPEN_CONFIGURATION', `${option}: ${rule}${value.length > 0 ? `, got ${shownValue(option, value[0])}` : ''}`)
    this.option = option
  }
}

/** The server could not be reached in time, or the connection was lost. */
export class ConnectionError extends RipenError {
  /** True if waiting does not help, as with a wrong password. False if the server may be reached later. */
  readonly final: boolean

  constructor(message: string, cause?: unknown, options?: { readonly final?: boolean }) {
    super('RIPEN_CONNECTION', message, { cause })
    this.final = options?.final ?? false
  }
}

/** The server knows the user but refuses a command, a key or a channel. The call was not applied. */
export class AccessError extends RipenError {
  /**
   * What the user may not use: `'command zadd'`, `'key {ripen:mail:0}:jobs'` or
   * `'channel {ripen:mail:0}:events'`, or several, separated by commas. `'a command'`, `'a key'` or
   * `'a channel'` if the server does not say which.
   */
  readonly missing: string

  constructor(missing: string, cause?: unknown) {
    super('RIPEN_ACCESS', `the user of this connection may not use ${missing}`, { cause })
    this.missing = missing
  }
}

/** The server refused a command for a reason that Ripen does not know. `cause` is its reply. */
export class CommandError extends RipenError {
  constructor(message: string, cause?: unknown) {
    super('RIPEN_COMMAND', message, { cause })
  }
}

/** The server has reached `maxmemory`. Nothing was written. */
export class StoreFullError extends RipenError {
  constructor(cause?: unknown) {
    super('RIPEN_STORE_FULL', 'the server has reached maxmemory and accepts no new data', { cause })
  }
}

/** A key holds a value of another type, or text that is not JSON. Nothing was written. */
export class WrongTypeError extends RipenError {
  constructor(message: string, cause?: unknown) {
    super('RIPEN_WRONG_TYPE', message, { cause })
  }
}

/** Something did not happen in time; the message says what. */
export class TimedOutError extends RipenError {
  constructor(message: string, options?: { cause?: unknown; code?: 'RIPEN_TIMED_OUT' | 'RIPEN_ENQUEUE_TIMEOUT' | 'RIPEN_LOCK_TIMEOUT' }) {
    super(options?.code ?? 'RIPEN_TIMED_OUT', message, options)
  }
}

/** The server did not confirm an add in time. The job may exist: adding again with the same id is safe. */
export class EnqueueTimeoutError extends TimedOutError {
  readonly jobId: string

  constructor(jobId: string, milliseconds: number, cause?: unknown) {
    super(`job ${jobId} was not confirmed within ${milliseconds} ms; it may exist, adding it again with this id is safe`, {
      cause,
      code: 'RIPEN_ENQUEUE_TIMEOUT',
    })
    this.jobId = jobId
  }
}

/**
 * Too few replicas confirmed an add in time. The job exists, unless the primary is lost before they have it.
 * Adding it again with the same id is safe.
 */
export class DurabilityError extends RipenError {
  readonly jobId: string

  constructor(jobId: string, replicas: number, milliseconds: number, cause?: unknown) {
    super(
      'RIPEN_DURABILITY',
      `job ${jobId} was not confirmed on ${replicas} replicas within ${milliseconds} ms; it may exist, and may be lost with the primary, but adding it again with this id is safe`,
      { cause },
    )
    this.jobId = jobId
  }
}

/** A lock did not become free in time. */
export class LockTimeoutError extends TimedOutError {
  readonly path: string

  constructor(path: string, milliseconds: number, cause?: unknown) {
    super(`the lock on '${path}' did not become free within ${milliseconds} ms`, { cause, code: 'RIPEN_LOCK_TIMEOUT' })
    this.path = path
  }
}

/** A path breaks its rule, or leads to nothing. Thrown before anything is written. */
export class PathError extends RipenError {
  readonly path: string

  constructor(path: string, rule: string) {
    super('RIPEN_PATH', `path ${shownName(path)}: ${rule}`)
    this.path = path
  }
}

/** A channel is not at the revision that `ifRev` named. Nothing was written. */
export class RevisionError extends RipenError {
  /** The current revision; null if the channel is not initialised. */
  readonly revision: { readonly epoch: number; readonly rev: number } | null

  constructor(label: string, revision: { readonly epoch: number; readonly rev: number } | null) {
    super(
      'RIPEN_REVISION',
      `channel ${label} is ${revision === null ? 'not initialised' : `at revision ${revision.rev} of epoch ${revision.epoch}`}`,
    )
    this.revision = revision
  }
}

/** An endpoint refused a request. */
export class EndpointError extends RipenError {
  /**
   * As in dripline. Below 100: a warning. 304 invalid value, 305 timeout, 306 not supported, 307 access
   * denied, 308 malformed key, 309 deprecated, 999 unhandled.
   */
  readonly retcode: number
  /** What the endpoint sent with the refusal. */
  readonly payload: unknown

  constructor(retcode: number, message: string, payload?: unknown, cause?: unknown) {
    super('RIPEN_ENDPOINT', message, { cause })
    this.retcode = retcode
    this.payload = payload
  }
}

/** The set is empty, or nothing in it is due. */
export class EmptySetError extends RipenError {
  constructor(name: string) {
    super('RIPEN_EMPTY_SET', `${name} is empty`)
  }
}

/** One thing that is wrong with a payload, found by its schema or by Ripen. */
export interface PayloadIssue {
  readonly message: string
  readonly path?: readonly PropertyKey[]
}

/** A job's data or result breaks a rule or its schema, or a stored row cannot be read. */
export class InvalidJobError extends RipenError {
  /** What is wrong, at least one entry. */
  readonly issues: readonly PayloadIssue[]

  constructor(what: string, issues: readonly PayloadIssue[], cause?: unknown) {
    const text = issues.map((issue) =>
      issue.path && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message,
    )
    super('RIPEN_INVALID_JOB', `${what}: ${text.join('; ')}`, { cause })
    this.issues = issues
  }
}

/** Some jobs of a bulk were not added. `results` has the job or the error of each item, in order. */
export class BulkError<Added = unknown> extends RipenError {
  readonly results: readonly (Added | RipenError)[]

  constructor(results: readonly (Added | RipenError)[]) {
    const errors = results.filter((result) => result instanceof RipenError)
    super('RIPEN_BULK', `${errors.length} of ${results.length} jobs were not added: ${errors[0]?.message ?? 'unknown'}`, {
      cause: errors[0],
    })
    this.results = results
  }
}

/** The awaited job failed for good. `cause` is the error of its last attempt, and has the same message. */
export class JobFailedError extends RipenError {
  readonly jobId: string

  constructor(jobId: string, cause: { readonly message: string }) {
    super('RIPEN_JOB_FAILED', cause.message)
    // Both as the job has them.
    this.message = cause.message
    Object.defineProperty(this, 'cause', { value: cause, configurable: true, writable: true, enumerable: false })
    this.jobId = jobId
  }
}

/** The awaited job was removed, or its retention ended. */
export class JobGoneError extends RipenError {
  readonly jobId: string

  constructor(jobId: string) {
    super('RIPEN_JOB_GONE', `job ${jobId} is gone: it was removed, or its retention ended`)
    this.jobId = jobId
  }
}

/** The job was cancelled. `reason` is the one given to `cancel`, or empty. */
export class CancelledError extends RipenError {
  readonly jobId: string
  readonly reason: string

  constructor(jobId: string, reason: string) {
    super('RIPEN_CANCELLED', `job ${jobId} was cancelled${reason === '' ? '' : `: ${reason}`}`)
    this.jobId = jobId
    this.reason = reason
  }
}

/** The lease of a job or of a lock ended. Someone else may hold it now. */
export class LeaseLostError extends RipenError {
  /** The job; undefined for the lease of a lock. */
  readonly jobId: string | undefined

  constructor(jobId: string | undefined, path?: string) {
    super(
      'RIPEN_LEASE_LOST',
      jobId === undefined
        ? `the lease of the lock on '${path}' ended; another owner may have it`
        : `the lease of job ${jobId} ended; another worker may run it`,
    )
    this.jobId = jobId
  }
}

/** The job lost its lease more than `maxStalls` times, and so failed for good. */
export class StalledError extends RipenError {
  constructor(stalls: number) {
    super('RIPEN_STALLED', `the job lost its lease ${stalls} times: it blocks or kills its worker`)
  }
}

/** The job did not start within `expiresIn` of being due, and so failed for good. */
export class ExpiredError extends RipenError {
  constructor() {
    super('RIPEN_EXPIRED', 'the job did not start within expiresIn of being due')
  }
}

/** The object is closed, or was closed while the call waited. */
export class ClosingError extends RipenError {
  constructor(what: string) {
    super('RIPEN_CLOSING', `${what} is closing`)
  }
}

/** The queue was written by a newer version of Ripen. */
export class LayoutTooNewError extends RipenError {
  constructor(layout: number, known: number) {
    super('RIPEN_LAYOUT_TOO_NEW', `the queue has layout ${layout}, this version of Ripen knows ${known}: upgrade this process`)
  }
}
