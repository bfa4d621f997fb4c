import { setTimeout as pause } from 'node:timers/promises'
import { producers, workers } from '../crew.mjs'

const hour = 3_600_000

/** The clock of one process is wrong by an hour for a while: no effect. */
export const clockWrong = {
  name: 'clock of a process wrong',
  draw(random) {
    const victim = random.pick([...Object.keys(workers), ...producers])
    const skew = random.pick([hour, -hour])
    const lasts = random.between(5_000, 9_000)
    return { text: `${victim} by ${skew / 60_000} min for ${lasts} ms`, victim, uses: [victim], skew, lasts, settle: 0 }
  },
  async make({ fleet }, { victim, skew, lasts }) {
    const member = fleet.member(victim)
    member.skew = skew
    await member.restart()
    await pause(lasts)
    member.skew = 0
    await member.restart()
  },
}
