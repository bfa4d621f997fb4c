import type { Session, Shard } from '@ripen/queue/internal'
import type { Logger } from '@ripen/store'
import type { Script } from '@ripen/store/internal'
import type { Outcome } from '../run/outcome.ts'

/** What the worker's part of a feature may use. */
export interface FeatureHost {
  readonly shard: Shard
  readonly session: Session
  /** What the worker logs through. */
  readonly logger: Logger
  /** Aborts when the worker has ended: calls that wait for a server that does not come back end with it. */
  readonly signal: AbortSignal
  /** By the server's clock, in epoch ms, as of its last answer and the time since. */
  now(): number
  /** There may be something to do: look at once. */
  look(): void
  error(error: unknown): void
  /** Jobs had not started in time and have failed. @param jobs id, row and state row of each in turn. */
  expired(jobs: readonly string[]): void
}

/** A feature while the worker runs. */
export interface OpenFeature {
  /** Acts on what `settle` reports of it. @param now by the server's clock. */
  report?(report: readonly string[], now: number): void
  /**
   * Stores what has to be stored before these jobs are settled; undefined for nothing, so that nobody waits.
   * Never rejects.
   */
  beforeSettling?(outcomes: readonly Outcome[]): Promise<void> | undefined
  /** Nothing is started any more. */
  close?(): void
}

/** The worker's part of a feature. */
export interface WorkerFeature<Open extends OpenFeature = OpenFeature> {
  /** What it runs, beside the scripts of the worker. */
  readonly scripts: readonly Script<any, any, unknown>[]
  open(host: FeatureHost): Open
}
