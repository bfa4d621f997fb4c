import type { extendScript } from '@ripen/queue/internal'
import type { Target } from '@ripen/store/internal'

/** What the main thread asks of the heartbeat thread, and what it hears from it. */
export interface StartBeating {
  readonly type: 'start'
  /** Unique in the process: the name of a worker is unique in its queue only. */
  readonly heart: number
  readonly worker: string
  readonly target: Target
  readonly keys: Readonly<Record<(typeof extendScript.keys)[number], string>>
  readonly lease: number
  readonly maxBlocked: number
  /** What the worker tells of itself: JSON. */
  readonly about: string
  /** See {@link pulseIndex}. */
  readonly pulse: Float64Array
}

export interface StopBeating {
  readonly type: 'stop'
  readonly heart: number
}

export interface Beat {
  readonly type: 'beat'
  readonly heart: number
  /** The worker had been given up before this heartbeat: some of its leases may be lost. */
  readonly late: boolean
  readonly paused: boolean
  /** id, reason, id, reason … of active jobs of any worker. */
  readonly cancels: readonly string[]
}

export interface BeatFailed {
  readonly type: 'failed'
  readonly heart: number
  readonly error: string
}

/**
 * Places in the memory that both threads share: a counter that shows that the main loop turns, the first time
 * (ms, monotonic) at which a job has run past its timeout and grace, and the store's clockOffset.
 */
export const pulseIndex = { turns: 0, deadline: 1, clockOffset: 2 } as const
export const pulseLength = 3

/** ms between two heartbeats: every second, and three times in a lease that is shorter than three. */
export function beatInterval(lease: number): number {
  return Math.min(1_000, Math.floor(lease / 3))
}
