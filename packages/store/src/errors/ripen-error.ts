import { acrossCopies } from './across-copies.ts'
import { errorTable, type RipenErrorCode } from './error-table.ts'
import { read } from '../foreign/foreign-text.ts'
import { plainCause } from '../foreign/plain-cause.ts'
import { shownText } from './shown-text.ts'

/**
 * The base of all errors of Ripen. `instanceof` knows those of another copy of the package too;
 * {@link isRipenError} also those that were revived from JSON.
 *
 * Messages are on one line and bounded. A `cause` of Ripen is the error itself; of another it is a copy with
 * name, message, code, stack and its own causes alone, so that no argument of a command, a password or what
 * another caller stores, is shown with it.
 */
export class RipenError extends Error {
  static {
    acrossCopies(this, ['RipenError', ...Object.values(errorTable).map(([name]) => name)])
  }

  /** One of the codes of {@link errorTable}. */
  readonly code: RipenErrorCode

  constructor(code: RipenErrorCode, message: string, options?: { cause?: unknown }) {
    super(shownText(message))
    this.code = code
    this.name = errorTable[code][0]
    if (options?.cause !== undefined) because(this, options.cause)
  }

  /** With the message and the chain of causes, which JSON leaves out of errors. */
  toJSON(): object {
    return told(this)
  }
}

/** The error, with a cause. */
export function because<E extends RipenError>(error: E, cause: unknown): E {
  const value = cause instanceof RipenError ? cause : plainCause(cause)
  Object.defineProperty(error, 'cause', { value, configurable: true, writable: true, enumerable: false })
  return error
}

function told(error: Error): object {
  const { name, message, cause } = error
  const about = { ...Object.fromEntries(Object.entries(error)), name, message }
  if (cause === undefined) return about
  return { ...about, cause: cause instanceof Error && !(cause instanceof RipenError) ? told(cause) : cause }
}

/**
 * True for an error of Ripen, also one made by another copy of the package or revived in another process;
 * with `code`, only for that code.
 */
export function isRipenError(error: unknown, code?: RipenErrorCode): error is RipenError {
  const actual = typeof error === 'object' ? read(error, 'code') : undefined
  return typeof actual === 'string' && (code === undefined ? Object.hasOwn(errorTable, actual) : actual === code)
}
