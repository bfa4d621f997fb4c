import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import Redis from 'ioredis'

/**
 * The lock that people write by hand: SET with NX and PX, tried again after a random wait whose bound doubles
 * from 1 ms to 50 ms, and a script that deletes the key of who still has it.
 */
const ttl = 30_000
const longestWait = 50

const compareAndDelete = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`

export async function openLocks({ url }) {
  const redis = new Redis(url)
  await redis.ping()
  redis.defineCommand('compareAndDelete', { numberOfKeys: 1, lua: compareAndDelete })
  return {
    async acquire(path) {
      const key = `lock:${path}`
      const token = randomUUID()
      for (let bound = 1; (await redis.set(key, token, 'PX', ttl, 'NX')) === null; bound = Math.min(2 * bound, longestWait)) {
        await delay(Math.random() * bound)
      }
      return { key, token }
    },
    async release({ key, token }) {
      if ((await redis.compareAndDelete(key, token)) !== 1) throw new Error(`${key} was no longer ours`)
    },
    close: () => redis.quit(),
  }
}
