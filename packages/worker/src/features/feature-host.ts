import type { Session, Shard, StoredJob } from '@ripen/queue/internal'
import type { Runner } from '../run/runner.ts'

/** What the worker's part of a feature may use. */
export interface FeatureHost {
  readonly shard: Shard
  readonly session: Session
  readonly runner: Runner
  /** Aborts when the worker has ended: calls that wait for a server that does not come back end with it. */
  readonly signal: AbortSignal
  /** There may be something to do: look at once. */
  look(): void
  error(error: unknown): void
  /** A job had not started in time and has failed. */
  expired(job: StoredJob): void
}

/** Acts on what `settle` reports of one feature. @param now by the server's clock. */
export type ReportHandler = (report: readonly string[], now: number) => void
