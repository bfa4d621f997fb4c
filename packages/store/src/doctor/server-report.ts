import type { Topology } from '../connection/target.ts'

/** One finding about a server. */
export interface ServerFinding {
  /**
   * `error`: jobs are or will be lost or refused. `warning`: they may be, or it is not known. `ok`: nothing
   * is wrong.
   */
  readonly level: 'ok' | 'warning' | 'error'
  /** What was checked. */
  readonly name:
    | 'connection'
    | 'version'
    | 'persistence'
    | 'eviction'
    | 'memory'
    | 'replication'
    | 'cluster'
    | 'latency'
    | 'clock'
    | 'client'
  readonly message: string
  /** How to fix it, if it needs fixing. */
  readonly remedy?: string
  /** `host:port` of the primary, in a cluster. */
  readonly node?: string
}

export interface ServerReport {
  /** True if no finding is an error. */
  readonly ok: boolean
  readonly topology: Topology
  readonly findings: readonly ServerFinding[]
}
