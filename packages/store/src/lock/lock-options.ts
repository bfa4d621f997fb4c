import type { Duration } from '../options/duration.ts'
import { boolean, identifier, optional, signal, span } from '../options/options.ts'

export interface LockOptions {
  /**
   * Who takes the lock: 1 to 256 bytes of well-formed text without control characters. Default: an owner of its own for each acquire, so that two requests of one process exclude each other.
   * Leases of one owner never exclude each other: to nest, pass `{ owner: lease.owner }`.
   */
  readonly owner?: string
  /** How long to wait for the lock. Default 10 s; 0 tries once. */
  readonly timeout?: Duration
  /** How long the lease lasts without being renewed: after a crash others wait for as long. Default 30 s, at least 100 ms. */
  readonly expires?: Duration
  /** Whether the lease is renewed, three times in `expires`, until it is released. Default true. */
  readonly renew?: boolean
  /** Ends the wait with its reason. */
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
