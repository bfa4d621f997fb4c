import { tickScript } from '@ripen/queue/internal'
import type { FeatureHost, OpenFeature, WorkerFeature } from './feature-host.ts'
import { Ticker } from './ticker.ts'

/** ms after a failed tick in which schedules that are due are left to other workers. */
const tickRest = 1_000

/** Reports schedules that are due: id, next run and row of each in turn. */
export const schedulesFeature: WorkerFeature = { scripts: [tickScript], open: openSchedules }

/**
 * Adds the runs of what is due; then the next time has to be armed. What was refused, as with memory full,
 * would be refused at once again.
 */
function openSchedules(host: FeatureHost): OpenFeature {
  const { shard, session, signal } = host
  const { clock } = shard.store
  const ticker = new Ticker({ shard, order: session.order, signal, wrong: (error) => host.error(error) })
  let restUntil = Number.NEGATIVE_INFINITY
  return {
    report(schedules, now) {
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
    },
  }
}
