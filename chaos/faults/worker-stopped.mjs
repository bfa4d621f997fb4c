import { setTimeout as pause } from 'node:timers/promises'
import { leaseOf, workers } from '../crew.mjs'

/**
 * SIGSTOP of a worker past its lease, then SIGCONT: its jobs start again elsewhere, and what it settles late
 * is refused.
 */
export const workerStopped = {
  name: 'worker stopped past its lease',
  draw(random) {
    const victim = random.pick(Object.keys(workers))
    const lasts = leaseOf(victim) + random.between(1_500, 4_000)
    return { text: `${victim} for ${lasts} ms`, victim, uses: [victim], lasts, settle: 1_500 }
  },
  async make({ fleet, note }, { victim, lasts }) {
    const member = fleet.member(victim)
    note('lost', { life: member.life, at: Date.now(), within: leaseOf(victim) + 1_000 })
    member.suspend()
    await pause(lasts)
    member.resume()
  },
}

/**
 * SIGSTOP of a worker for less than its lease: what it was told of waits for others, or for its return, and
 * it keeps its jobs.
 */
export const workerPaused = {
  name: 'worker stopped for a moment',
  draw(random) {
    const victim = random.pick(Object.keys(workers))
    const lasts = random.between(200, 800)
    return { text: `${victim} for ${lasts} ms`, victim, uses: [victim], lasts, settle: 500 }
  },
  async make({ fleet, note }, { victim, lasts }) {
    const member = fleet.member(victim)
    const { life } = member
    const from = Date.now()
    member.suspend()
    await pause(lasts)
    member.resume()
    note('blocked', { life, from, until: from + lasts })
  },
}
