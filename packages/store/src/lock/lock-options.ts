import type { Duration } from '../options/duration.ts'
import { boolean, identifier, optional, signal, span } from '../options/options.ts'

export interface LockOptions {
  /**
   * The owner of the lock: 1 to 256 bytes of well-formed text without control characters. Default: a new
   * owner for each acquire, so that two requests in one process exclude each other. Locks of one owner never
   * exclude each other. To nest them, pass `{ owner: lease.owner }`.
   */
  readonly owner?: string
  /** How long to wait for the lock; 0 tries once. Default 10 s. */
  readonly timeout?: Duration
  /**
   * How long the lease lasts without renewal, at least 100 ms. After a crash, others wait that long. Default
   * 30 s.
   */
  readonly expires?: Duration
  /** Whether the lease is renewed until it is released, three times per `expires`. Default true. */
  readonly renew?: boolean
  /** Aborting it ends the wait with its reason. */
  readonly signal?: AbortSignal
}

/** A lease must outlast a slow answer. */
export const leastLease = 100

export const lockRules = {
  owner: optional(identifier, undefined),
  timeout: optional(span(), 10_000),
  expires: optional(span(leastLease), 30_000),
  renew: optional(boolean, true),
  signal: optional(signal, undefined),
}
