import { setTimeout as pause } from 'node:timers/promises'
import { channelWriters, leaseOf, lockHolders, producers, workers } from '../crew.mjs'
import { Random } from '../random.mjs'

const everybody = [...producers, ...Object.keys(workers), ...lockHolders, ...channelWriters]

/** One process, or all: ''. */
function drawVictim(random) {
  return random.chance(0.4) ? '' : random.pick(everybody)
}

const nameOf = (victim) => victim || 'everybody'

/** A blow to connections now and then, for as long as it lasts. */
async function strike({ seed, lasts, victim }, blow) {
  const random = new Random(seed)
  for (const end = performance.now() + lasts; performance.now() < end;) {
    blow(victim || random.pick(everybody))
    await pause(random.between(20, 400))
  }
}

function struck(name, blow) {
  return {
    name,
    draw(random) {
      const victim = drawVictim(random)
      const lasts = random.between(1_000, 4_000)
      return { text: `${nameOf(victim)} for ${lasts} ms`, victim, uses: ['network'], seed: random.between(0, 1e9), lasts, settle: 1_000 }
    },
    async make({ topology: { proxies }, note }, parameters) {
      await strike(parameters, (client) => proxies.forEach((proxy) => blow(proxy, client)))
      note('returned', { at: Date.now(), victim: parameters.victim })
    },
  }
}

export const connectionsCut = struck('connections cut', (proxy, client) => proxy.cut(client))

/** The server has done what it was asked for, and the connection is cut before its answer. */
export const repliesLost = struck('replies lost', (proxy, client) => proxy.loseReplies(client))

/** Nothing passes and nobody is told, as when a cable is pulled. */
export const halfOpen = {
  name: 'connections half open',
  draw(random) {
    const victim = drawVictim(random)
    const lasts = random.between(2_000, 7_000)
    return {
      text: `${nameOf(victim)} for ${lasts} ms`,
      victim,
      uses: ['network', ...(victim in workers ? [victim] : [])],
      lasts,
      settle: 6_000,
    }
  },
  async make({ topology: { proxies }, fleet, note }, { victim, lasts }) {
    for (const proxy of proxies) proxy.impair(victim, { silent: true })
    const longEnough = victim in workers && lasts > leaseOf(victim) + 1_000
    if (longEnough) note('lost', { life: fleet.member(victim).life, at: Date.now(), within: leaseOf(victim) + 1_000 })
    await pause(lasts)
    for (const proxy of proxies) proxy.restore(victim)
    note('returned', { at: Date.now(), victim })
  },
}

export const slowNetwork = {
  name: 'network slow',
  draw(random) {
    const victim = drawVictim(random)
    const delay = random.between(1, 200)
    const lasts = random.between(3_000, 8_000)
    return { text: `${nameOf(victim)}, ${delay} ms each way for ${lasts} ms`, victim, uses: ['network'], delay, lasts, settle: 500 }
  },
  async make({ topology: { proxies } }, { victim, delay, lasts }) {
    for (const proxy of proxies) proxy.impair(victim, { delay })
    await pause(lasts)
    for (const proxy of proxies) proxy.restore(victim)
  },
}
