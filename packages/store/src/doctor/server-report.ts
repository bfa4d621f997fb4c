import type { Topology } from '../connection/target.ts'

/** What one look at a server found. */
export interface ServerFinding {
  /** `error`: jobs are or will be lost or refused; `warning`: they may be, or it cannot be told; `ok`: as it should be. */
  readonly level: 'ok' | 'warning' | 'error'
  /** What was looked at. */
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
  /** What mends it, where it needs mending. */
  readonly remedy?: string
  /** `host:port` of the primary, in a cluster. */
  readonly node?: string
}

export interface ServerReport {
  /** Whether no finding is an error. */
  readonly ok: boolean
  readonly topology: Topology
  readonly findings: readonly ServerFinding[]
}
