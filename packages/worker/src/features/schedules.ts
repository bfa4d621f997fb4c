import type { FeatureHost, ReportHandler } from './feature-host.ts'
import { Ticker } from './ticker.ts'

/** ms after a failed tick in which schedules that are due are left to other workers. */
const tickRest = 1_000

/**
 * Schedules are due: id, next run and row of each in turn. Adds their runs; then the next time has to be armed. What was refused, as with memory full, would be refused at once again.
 */
export function openSchedules(host: FeatureHost): ReportHandler {
  const { shard, session, signal } = host
  const { clock } = shard.store
  const ticker = new Ticker(shard, session.order, signal, (error) => host.error(error))
  let restUntil = Number.NEGATIVE_INFINITY
  return (schedules, now) => {
    if (clock.now() < restUntil) return
    ticker.tick(schedules, now).then(
      (taken) => {
        if (taken) host.look()
      },
      (error: unknown) => {
        restUntil = clock.now() + tickRest
        if (!signal.aborted) host.error(error)
      },
    )
  }
}
