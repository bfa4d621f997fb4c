/** Codes are the class name without `Error`, in upper snake case. They are stable: match on them, not on messages. */
export type RipenErrorCode = keyof typeof errorTable

/**
 * Every error that Ripen's packages throw, with its meaning and its remedy.
 * `docs/errors.md` is generated from this table.
 */
export const errorTable = {
  RIPEN_BULK: [
    'BulkError',
    'Some jobs of an `addBulk` were not added.',
    'Read `results`: a job or an error for each item. Add the failed ones again with their ids.',
  ],
  RIPEN_CANCELLED: ['CancelledError', 'The job was cancelled.', 'Nothing to mend; `reason` tells why.'],
  RIPEN_CLOSING: [
    'ClosingError',
    'The object is closed, or closes while the call waits.',
    'Do not use it after `close()`. In a handler: stop, the job is handed back.',
  ],
  RIPEN_COMMAND: [
    'CommandError',
    'The server refused a command for a reason Ripen does not know.',
    'Read `cause`, the reply of the server.',
  ],
  RIPEN_CONFIGURATION: [
    'ConfigurationError',
    'An option, a name or an argument breaks its rule.',
    '`option` names it; the message gives the rule and the value.',
  ],
  RIPEN_CONNECTION: [
    'ConnectionError',
    'The server could not be reached, or not in time.',
    'Check the address, the password and the server; the call may be made again.',
  ],
  RIPEN_EMPTY_SET: ['EmptySetError', 'Nothing (or nothing due) is in the set.', 'Expected when a set runs dry: handle it, or use `take`.'],
  RIPEN_ENQUEUE_TIMEOUT: [
    'EnqueueTimeoutError',
    'An add was not confirmed within `enqueueTimeout`; the job may exist.',
    'Add again with the id in `jobId`: that is safe.',
  ],
  RIPEN_INVALID_JOB: [
    'InvalidJobError',
    "A job's data or result can not be stored, or its schema refused it.",
    '`issues` lists what is wrong. Nothing was written.',
  ],
  RIPEN_JOB_FAILED: ['JobFailedError', 'The job that was waited for failed for good.', '`cause` is the error of its last attempt.'],
  RIPEN_JOB_GONE: [
    'JobGoneError',
    'The job that was waited for was removed, or its retention ended.',
    'Wait before the job ends, or keep finished jobs for longer (`retain`).',
  ],
  RIPEN_LAYOUT_TOO_NEW: ['LayoutTooNewError', 'The queue was written by a newer version of Ripen.', 'Upgrade this process.'],
  RIPEN_LEASE_LOST: [
    'LeaseLostError',
    'The lease of the job ended; another worker may run it.',
    'Stop the work; what it wrote must be guarded by `fence`.',
  ],
  RIPEN_STALLED: [
    'StalledError',
    'The job lost its lease more than `maxStalls` times: it blocks or kills its worker.',
    'Read the logs of the workers that ran it.',
  ],
  RIPEN_STORE_FULL: [
    'StoreFullError',
    'The server has reached `maxmemory` and takes nothing new.',
    'Give it memory, shorten retention, or let workers drain the queue.',
  ],
  RIPEN_TIMED_OUT: ['TimedOutError', 'What was waited for did not happen in time.', 'Wait for longer, or find out what keeps it.'],
  RIPEN_WRONG_TYPE: [
    'WrongTypeError',
    'A key holds another type of value than expected.',
    'Another program, or another name space, uses the key.',
  ],
} as const satisfies Record<string, readonly [className: string, meaning: string, remedy: string]>

/** The base of all errors of Ripen. Use {@link isRipenError} rather than `instanceof` where several copies of the package may be loaded. */
export class RipenError extends Error {
  /** One of the codes of {@link errorTable}. */
  readonly code: RipenErrorCode

  constructor(code: RipenErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.name = errorTable[code][0]
  }
}

/** True for an error of Ripen, also one made by another copy of the package or revived in another process; with `code`, only for that code. */
export function isRipenError(error: unknown, code?: RipenErrorCode): error is RipenError {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  const actual = error.code
  return typeof actual === 'string' && (code === undefined ? Object.hasOwn(errorTable, actual) : actual === code)
}

/** An option, name or argument breaks its rule. Thrown before anything is written. */
export class ConfigurationError extends RipenError {
  /** The path of the option, e.g. `'lease'` or `'backoff.delay'`. */
  readonly option: string

  constructor(option: string, rule: string, ...value: [value?: unknown]) {
    super('RIPEN_CONFIGURATION', `${option}: ${rule}${value.length > 0 ? `, got ${describe(value[0])}` : ''}`)
    this.option = option
  }
}

export class ConnectionError extends RipenError {
  constructor(message: string, cause?: unknown) {
    super('RIPEN_CONNECTION', message, { cause })
  }
}

export class CommandError extends RipenError {
  constructor(message: string, cause?: unknown) {
    super('RIPEN_COMMAND', message, { cause })
  }
}

export class StoreFullError extends RipenError {
  constructor(cause?: unknown) {
    super('RIPEN_STORE_FULL', 'the server has reached maxmemory and takes nothing new', { cause })
  }
}

export class WrongTypeError extends RipenError {
  constructor(message: string, cause?: unknown) {
    super('RIPEN_WRONG_TYPE', message, { cause })
  }
}

export class TimedOutError extends RipenError {
  constructor(message: string, options?: { cause?: unknown; code?: 'RIPEN_TIMED_OUT' | 'RIPEN_ENQUEUE_TIMEOUT' }) {
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

export class EmptySetError extends RipenError {
  constructor(name: string) {
    super('RIPEN_EMPTY_SET', `${name} is empty`)
  }
}

/** What a schema, or Ripen itself, has against a payload. */
export interface PayloadIssue {
  readonly message: string
  readonly path?: readonly PropertyKey[]
}

export class InvalidJobError extends RipenError {
  readonly issues: readonly PayloadIssue[]

  constructor(what: string, issues: readonly PayloadIssue[], cause?: unknown) {
    const text = issues.map((issue) =>
      issue.path && issue.path.length > 0 ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message,
    )
    super('RIPEN_INVALID_JOB', `${what}: ${text.join('; ')}`, { cause })
    this.issues = issues
  }
}

/** Some of a bulk was not added. `results` has, for each item, its job or its error. */
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

/** The job failed for good. Its message is that of the job's error, which is the `cause`. */
export class JobFailedError extends RipenError {
  readonly jobId: string

  constructor(jobId: string, cause: { readonly message: string }) {
    super('RIPEN_JOB_FAILED', cause.message, { cause })
    this.jobId = jobId
  }
}

export class JobGoneError extends RipenError {
  readonly jobId: string

  constructor(jobId: string) {
    super('RIPEN_JOB_GONE', `job ${jobId} is gone: it was removed, or its retention ended`)
    this.jobId = jobId
  }
}

export class CancelledError extends RipenError {
  readonly jobId: string
  readonly reason: string

  constructor(jobId: string, reason: string) {
    super('RIPEN_CANCELLED', `job ${jobId} was cancelled${reason === '' ? '' : `: ${reason}`}`)
    this.jobId = jobId
    this.reason = reason
  }
}

export class LeaseLostError extends RipenError {
  readonly jobId: string

  constructor(jobId: string) {
    super('RIPEN_LEASE_LOST', `the lease of job ${jobId} ended; another worker may run it`)
    this.jobId = jobId
  }
}

export class StalledError extends RipenError {
  constructor(stalls: number) {
    super('RIPEN_STALLED', `the job lost its lease ${stalls} times: it blocks or kills its worker`)
  }
}

export class ClosingError extends RipenError {
  constructor(what: string) {
    super('RIPEN_CLOSING', `${what} is closing`)
  }
}

export class LayoutTooNewError extends RipenError {
  constructor(layout: number, known: number) {
    super('RIPEN_LAYOUT_TOO_NEW', `the queue has layout ${layout}, this version of Ripen knows ${known}: upgrade this process`)
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `'${value.slice(0, 77)}…'` : `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : `an object (${Object.keys(value).slice(0, 5).join(', ')})`
  return String(value)
}
