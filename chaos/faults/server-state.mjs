import { setTimeout as pause } from 'node:timers/promises'

export const scriptsFlushed = {
  name: 'scripts flushed',
  draw: () => ({ text: '', uses: ['server'], lasts: 1_000, settle: 0 }),
  async make({ topology: { servers }, note }, { lasts }) {
    for (let times = 0; times < 5; times++) {
      for (const server of servers) await server.ask('SCRIPT', 'FLUSH')
      await pause(lasts / 5)
    }
    note('returned', { at: Date.now() })
  },
}

/** `maxmemory` below what is used: adds are refused, and all else goes on. */
export const memoryFull = {
  name: 'memory full',
  draw(random) {
    const lasts = random.between(2_000, 5_000)
    return { text: `for ${lasts} ms`, uses: ['server'], lasts, settle: 1_000 }
  },
  async make({ topology, note }, { lasts }) {
    const server = await topology.primary()
    const from = Date.now()
    await server.ask('CONFIG', 'SET', 'maxmemory', 1_000_000)
    await pause(lasts)
    const until = Date.now()
    await server.ask('CONFIG', 'SET', 'maxmemory', 0)
    note('full', { from, until })
    note('returned', { at: Date.now() })
  },
}
