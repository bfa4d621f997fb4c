import { clockWrong } from './clock-wrong.mjs'
import { entriesCorrupted } from './entries-corrupted.mjs'
import { failoverAskedFor, laggardPromoted, primaryKilled, replicaAway, serversRestarted, slotMoved } from './failover.mjs'
import { connectionsCut, halfOpen, repliesLost, slowNetwork } from './network.mjs'
import { channelWriterKilled, lockHolderKilled, lockHolderStopped, producerKilled } from './other-killed.mjs'
import { poisonJob } from './poison-job.mjs'
import { serverAway, serverKilled } from './server-away.mjs'
import { memoryFull, scriptsFlushed } from './server-state.mjs'
import { workerBlocked } from './worker-blocked.mjs'
import { workerKilled } from './worker-killed.mjs'
import { workerRestarted } from './worker-restarted.mjs'
import { workerPaused, workerStopped } from './worker-stopped.mjs'
import { workerStuck } from './worker-stuck.mjs'

/**
 * All faults. One has
 *
 *     name
 *     topologies   where it can be made; everywhere when absent
 *     draw         its parameters: (random, minutes) → { text, uses, lasts, settle, lingers, … }
 *                  uses: what no other fault may touch meanwhile; lasts: ms until it is over; settle: ms until its traces are gone; lingers: ms until what it has begun must have ended;
 *                  moves: how often another server may begin to lead
 *     make         does it: ({ topology, fleet, note }, parameters); resolves when it is over
 *
 * `note(what, fields)` tells the checker: 'lost', the jobs of a life start again elsewhere; 'returned', from
 * when on who was hindered goes on; 'lossy', between which times writes were made that a failover may have
 * lost; and what single faults say.
 *
 * `topology` has
 *
 *     url, durability       for clients; durability is that of adds, where it is needed
 *     proxies, servers      of which the first may take any role later
 *     redis                 a client that follows the primaries
 *     primary(), replica()  the server that has the queue at the moment, and the one that follows it
 *     whole()               resolves when all servers take part and agree, with a URL for the checker
 *     failOver()            makes the replica lead; resolves with { loses }: whether writes of that time may be lost
 *     moveSlot()            of the queue, to another primary
 *     stop()
 */
export const faults = [
  workerKilled,
  workerStopped,
  workerPaused,
  workerBlocked,
  workerStuck,
  workerRestarted,
  clockWrong,
  producerKilled,
  lockHolderKilled,
  lockHolderStopped,
  channelWriterKilled,
  serverKilled,
  serverAway,
  primaryKilled,
  laggardPromoted,
  failoverAskedFor,
  replicaAway,
  serversRestarted,
  slotMoved,
  connectionsCut,
  repliesLost,
  halfOpen,
  slowNetwork,
  scriptsFlushed,
  memoryFull,
  poisonJob,
  entriesCorrupted,
]

export function faultsOf(topology) {
  return faults.filter(({ topologies }) => topologies === undefined || topologies.includes(topology))
}
