import { setTimeout as pause } from 'node:timers/promises'
import { leaseOf } from '../crew.mjs'

/**
 * ms. A job with a timeout may run: five seconds after that the heartbeat no longer speaks for it, and the
 * lease ends up to a beat less than a lease later.
 */
const longest = 6_500

/**
 * The event loop of a worker is busy for longer than its lease, less than `maxBlocked`: heartbeats come from
 * a thread, and it keeps its jobs.
 */
export const workerBlocked = {
  name: 'event loop blocked',
  draw(random) {
    const victim = 'worker-3'
    const lasts = random.between(leaseOf(victim) + 1_000, longest)
    return { text: `${victim} for ${lasts} ms`, victim, uses: [victim], lasts, settle: 1_000 }
  },
  async make({ fleet, note }, { victim, lasts }) {
    const member = fleet.member(victim)
    const { life } = member
    const from = Date.now()
    member.send({ block: lasts })
    await pause(lasts)
    note('blocked', { life, from, until: from + lasts })
  },
}
