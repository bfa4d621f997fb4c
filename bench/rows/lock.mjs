import { performance } from 'node:perf_hooks'

import Redis from 'ioredis'

import { share, warmUpSize } from '../load.mjs'

/** How many callers take locks at once, where it is more than one. */
const callers = 8

/** How often each contender of the exclusion check takes its lock. */
const checks = 10

const arms = ['ripen', 'redlock', 'set-nx'].map((peer) => ({ name: peer, peer }))

/**
 * Lets 8 contenders for each lock share so many cycles. Under the lock each reads a counter of the server,
 * adds 1 and writes it back: throws unless the counters come out exact. Answers the time of all cycles and
 * the longest wait for a lock, in ms.
 */
async function contend(locks, redis, paths, cycles) {
  let longest = 0
  const contender = (path) => async () => {
    const counter = `counter:${path}`
    const called = performance.now()
    const held = await locks.acquire(path)
    longest = Math.max(longest, performance.now() - called)
    await redis.set(counter, Number(await redis.get(counter)) + 1)
    await locks.release(held)
  }
  const contenders = paths.flatMap((path) => Array.from({ length: callers }, () => contender(path)))
  const elapsed = await share(cycles, contenders)
  const counts = await redis.mget(paths.map((path) => `counter:${path}`))
  const counted = counts.reduce((sum, count) => sum + Number(count), 0)
  if (counted !== cycles) throw new Error(`${cycles} increments under locks, ${counted} counted`)
  return { elapsed, longest }
}

/**
 * Takes and releases locks that nobody else wants, one caller for each, then checks that these locks exclude.
 */
async function takeFree(locks, redis, paths, cycles) {
  const caller = (path) => async () => locks.release(await locks.acquire(path))
  const elapsed = await share(cycles, paths.map(caller))
  await contend(locks, redis, paths, paths.length * callers * checks)
  return { elapsed }
}

function lockRow({ name, title, jobs, nodes, take, more = [] }) {
  const figures = [{ key: 'rate', title, unit: 'cycles/s', digits: 0 }, ...more]
  return {
    name,
    group: 'lock',
    durability: 'none',
    jobs,
    arms,
    lines: figures.flatMap((figure) => [
      { ...figure, subject: 'ripen', reference: 'redlock' },
      { ...figure, title: `… against SET NX PX: ${figure.title}`, subject: 'ripen', reference: 'set-nx' },
    ]),
    async measure({ peer, url, jobs: cycles }) {
      const run = async (tree, count) => {
        const locks = await peer.openLocks({ url })
        const redis = new Redis(url)
        await redis.ping()
        const paths = Array.from({ length: nodes }, (_, node) => `${tree}.${node}`)
        const result = await take(locks, redis, paths, count)
        await redis.quit()
        await locks.close()
        return result
      }
      await run('warm-up', warmUpSize(cycles))
      const { elapsed, ...rest } = await run('bench', cycles)
      return { rate: (cycles / elapsed) * 1000, ...rest }
    },
  }
}

/** How fast a lock is taken and released again: free, on siblings of one tree, and contended for. */
export const lockRows = [
  lockRow({ name: 'lock-serial', title: 'lock and release, one caller', jobs: 5000, nodes: 1, take: takeFree }),
  lockRow({ name: 'lock-siblings', title: 'lock and release, 8 callers, 8 locks', jobs: 20_000, nodes: callers, take: takeFree }),
  lockRow({
    name: 'lock-contended',
    title: 'lock, read, write and release, 8 contenders, one lock',
    jobs: 5000,
    nodes: 1,
    take: contend,
    more: [{ key: 'longest', title: '8 contenders, one lock: longest wait', unit: 'ms', digits: 1 }],
  }),
]
