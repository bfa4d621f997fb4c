import {
  Composition,
  extendScript,
  heldScript,
  leaveScript,
  openScript,
  pageScript,
  progressScript,
  settleScript,
  startScript,
  type Shard,
} from '@ripen/queue/internal'
import { featureScripts } from './features/open-features.ts'

/** All that a worker runs. The heartbeat has a connection of its own, but the same user. */
const scripts = [
  openScript,
  ...Composition.of('').complete(settleScript),
  extendScript,
  startScript,
  heldScript,
  pageScript,
  progressScript,
  leaveScript,
  ...featureScripts,
]

/**
 * Before a worker does anything: may its user do all of it? Else a job would be taken that cannot be settled.
 *
 * @throws AccessError that names what is missing; ConnectionError.
 */
export function requireRights(shard: Shard): Promise<void> {
  return shard.require(scripts, [['time'], ['blpop', shard.keys.wake, 'x']])
}
