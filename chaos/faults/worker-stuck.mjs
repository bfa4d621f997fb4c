import { setTimeout as pause } from 'node:timers/promises'
import { leaseOf, workers } from '../crew.mjs'

/**
 * The event loop of a worker is busy for longer than its `maxBlocked` and its lease: its jobs start again
 * elsewhere, and what it settles late is refused.
 */
export const workerStuck = {
  name: 'event loop stuck',
  draw(random) {
    const victim = 'worker-4'
    const within = workers[victim].maxBlocked + leaseOf(victim) + 1_000
    const lasts = within + random.between(1_000, 4_000)
    return { text: `${victim} for ${lasts} ms`, victim, uses: [victim], within, lasts, settle: 1_500 }
  },
  async make({ fleet, note }, { victim, within, lasts }) {
    const member = fleet.member(victim)
    note('lost', { life: member.life, at: Date.now(), within })
    member.send({ block: lasts })
    await pause(lasts)
  },
}
