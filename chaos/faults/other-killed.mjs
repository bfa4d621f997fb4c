import { setTimeout as pause } from 'node:timers/promises'
import { channelWriters, lockExpires, lockHolders, producers } from '../crew.mjs'

function killed(name, candidates, settle, record = () => undefined) {
  return {
    name,
    draw(random) {
      const victim = random.pick(candidates)
      const lasts = random.between(200, 2_000)
      return { text: victim, victim, uses: [victim], lasts, settle }
    },
    async make({ fleet, note }, { victim, lasts }) {
      const member = fleet.member(victim)
      record(note, member.life)
      await member.kill(lasts)
      await pause(lasts)
    },
  }
}

/** In mid-add: what was acknowledged ends, what was not may. */
export const producerKilled = killed('producer killed', producers, 0)

/** Others get its locks when they end. */
export const lockHolderKilled = killed('lock holder killed', lockHolders, lockExpires, (note, life) =>
  note('locks lost', { life, at: Date.now() }),
)

export const channelWriterKilled = killed('channel writer killed', channelWriters, 0)

/** It wakes up believing that it holds locks which others have by then. */
export const lockHolderStopped = {
  name: 'lock holder stopped past its lease',
  draw(random) {
    const victim = random.pick(lockHolders)
    const lasts = lockExpires + random.between(1_000, 3_000)
    return { text: `${victim} for ${lasts} ms`, victim, uses: [victim], lasts, settle: 500 }
  },
  async make({ fleet, note }, { victim, lasts }) {
    const member = fleet.member(victim)
    note('locks lost', { life: member.life, at: Date.now() })
    member.suspend()
    await pause(lasts)
    member.resume()
  },
}
