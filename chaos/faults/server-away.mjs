import { setTimeout as pause } from 'node:timers/promises'

/** SIGKILL of the server, which comes back at once with what it had written. */
export const serverKilled = {
  name: 'server killed',
  topologies: ['single'],
  draw: () => ({ text: '', uses: ['server'], lasts: 1_000, settle: 3_000 }),
  async make({ topology, note }) {
    const server = await topology.primary()
    await server.kill()
    note('returned', { at: await server.start(), within: 1_000 })
  },
}

/**
 * The server is away for 2, 10 or 25 s: dead, or stopped, so that connections stay open and nothing answers.
 */
export const serverAway = {
  name: 'server away',
  topologies: ['single'],
  draw(random, minutes) {
    const seconds = random.pick([2, 10, 25].filter((choice) => choice <= 10 * minutes))
    const dead = random.chance(0.5)
    return { text: `${seconds} s, ${dead ? 'killed' : 'stopped'}`, uses: ['server'], dead, lasts: 1_000 * seconds, settle: 3_000 }
  },
  async make({ topology, note }, { dead, lasts }) {
    const server = await topology.primary()
    if (dead) await server.kill()
    else server.suspend()
    await pause(lasts)
    note('returned', { at: await (dead ? server.start() : server.resume()), within: 1_000 })
  },
}
