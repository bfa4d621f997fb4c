import { workers } from '../crew.mjs'

/** A rolling deploy: a worker is asked to end, hands back what it holds, and comes again. */
export const workerRestarted = {
  name: 'worker restarted',
  draw(random) {
    const victim = random.pick(Object.keys(workers))
    return { text: victim, victim, uses: [victim], lasts: 3_000, settle: 0 }
  },
  async make({ fleet }, { victim }) {
    await fleet.member(victim).restart()
  },
}
