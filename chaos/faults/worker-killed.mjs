import { setTimeout as pause } from 'node:timers/promises'
import { leaseOf, workers } from '../crew.mjs'

/** SIGKILL of a worker in mid-work: all its jobs start again elsewhere within its lease and 1 s. */
export const workerKilled = {
  name: 'worker killed',
  draw(random) {
    const victim = random.pick(Object.keys(workers))
    const lasts = random.between(200, 3_000)
    return { text: victim, victim, uses: [victim], lasts, settle: leaseOf(victim) + 1_500 - lasts }
  },
  async make({ fleet, note }, { victim, lasts }) {
    const member = fleet.member(victim)
    const { life } = member
    note('lost', { life, at: Date.now(), within: leaseOf(victim) + 1_000 })
    await member.kill(lasts)
    await pause(lasts)
  },
}
