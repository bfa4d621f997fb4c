import { setTimeout as pause } from 'node:timers/promises'
import { until } from '../deadline.mjs'

const topologies = ['sentinel', 'cluster']

/**
 * ms by which a replica may lag behind though nobody hinders it. What was written later than that before the
 * death of its primary may be lost.
 */
const lag = 1_000

/** ms until clients have found their way. */
const settle = 1_000

/** ms that Sentinel takes to promote a replica, and to make one of the primary that comes back. */
const turnover = 20_000

/** Resolves when another server has the queue. */
async function promoted(topology, former) {
  await until(async () => (await topology.primary()) !== former, 'another primary')
  return Date.now()
}

/**
 * A dead primary comes back when another is there, and has to follow it: one that came back at once, perhaps
 * with less, would lead again.
 */
async function killPrimary(topology, primary, note, lostFrom) {
  await primary.kill()
  note('lossy', { from: lostFrom, until: Date.now() })
  note('returned', { at: await promoted(topology, primary) })
}

async function comeBack(topology, server) {
  await server.start()
  await topology.whole()
}

/**
 * What was acknowledged with a durability is there; settlements, locks and changes of channels of the last
 * moment may be lost.
 */
export const primaryKilled = {
  name: 'primary killed',
  topologies,
  draw(random) {
    const absent = random.between(0, 3_000)
    return { text: '', uses: ['server'], moves: 1, absent, lasts: turnover + absent, settle }
  },
  async make({ topology, note }, { absent }) {
    const primary = await topology.primary()
    await killPrimary(topology, primary, note, Date.now() - lag)
    await pause(absent)
    await comeBack(topology, primary)
  },
}

/**
 * The replica has stood still before it leads: all that it does not have is lost, and was not acknowledged
 * where that was asked for.
 */
export const laggardPromoted = {
  name: 'primary killed, replica lagging',
  topologies,
  draw(random) {
    const behind = random.between(500, 3_000)
    return { text: `by ${behind} ms`, uses: ['server'], moves: 1, behind, lasts: turnover + behind, settle }
  },
  async make({ topology, note }, { behind }) {
    const [primary, replica] = await Promise.all([topology.primary(), topology.replica()])
    const from = Date.now() - lag
    replica.suspend()
    // Else it would still find in its socket what was written meanwhile.
    await primary.ask('CLIENT', 'KILL', 'TYPE', 'replica')
    await pause(behind)
    const killed = killPrimary(topology, primary, note, from)
    await replica.resume()
    await killed
    await comeBack(topology, primary)
  },
}

export const failoverAskedFor = {
  name: 'failover asked for',
  topologies,
  draw: () => ({ text: '', uses: ['server'], moves: 1, lasts: turnover / 2, settle }),
  async make({ topology, note }) {
    const primary = await topology.primary()
    const from = Date.now()
    const { loses } = await topology.failOver()
    note('returned', { at: await promoted(topology, primary) })
    await until(async () => (await primary.replication()).role === 'slave', 'the end of the former primary')
    if (loses) note('lossy', { from: from - lag, until: Date.now() })
    await topology.whole()
  },
}

/** Nothing is lost; what asks for a replica waits, and is not confirmed. */
export const replicaAway = {
  name: 'replica away',
  topologies,
  draw(random) {
    const dead = random.chance(0.5)
    const absent = random.between(1_000, 4_000)
    return { text: `${absent} ms, ${dead ? 'killed' : 'stopped'}`, uses: ['server'], dead, absent, lasts: absent + 2_000, settle }
  },
  async make({ topology, note }, { dead, absent }) {
    const replica = await topology.replica()
    if (dead) await replica.kill()
    else replica.suspend()
    await pause(absent)
    await (dead ? replica.start() : replica.resume())
    await topology.whole()
    note('returned', { at: Date.now() })
  },
}

/**
 * Every server is asked to end, and comes again, one after the other. One that is asked gives its replica all
 * it has before it ends: nothing is lost.
 */
export const serversRestarted = {
  name: 'servers restarted in turn',
  topologies,
  draw: () => ({ text: '', uses: ['server'], moves: 2, lasts: 8_000, settle }),
  async make({ topology, note }) {
    for (const server of topology.servers) {
      await server.kill('SIGTERM')
      await comeBack(topology, server)
    }
    note('returned', { at: Date.now() })
  },
}

/** The queue stands still while its keys travel, and nothing is lost. */
export const slotMoved = {
  name: 'slot of the queue moved',
  topologies: ['cluster'],
  draw: () => ({ text: '', uses: ['server'], moves: 1, lasts: 4_000, settle }),
  async make({ topology, note }) {
    await topology.moveSlot()
    note('returned', { at: Date.now() })
    await topology.whole()
  },
}
