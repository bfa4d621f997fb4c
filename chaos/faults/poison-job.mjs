import { producers } from '../crew.mjs'

/**
 * A job that kills every worker that runs it: it fails alone, after `maxStalls`. It takes its time: a lease
 * for each stall.
 */
export const poisonJob = {
  name: 'poison job',
  draw(random) {
    const victim = random.pick(producers)
    return { text: '', victim, uses: [], lasts: 0, settle: 0, lingers: 45_000 }
  },
  async make({ fleet }, { victim }) {
    fleet.member(victim).send({ add: 'poison' })
  },
}
