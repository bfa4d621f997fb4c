/**
 * Contenders for locks on a few paths of which some lie above others. Under each lock they write to a
 * resource that remembers the highest fence and refuses lower ones. Each writes down
 *
 *     h <path> <fence> <t>         the lock was granted
 *     p <path> <fence> <0|1|?>     the resource refused or took a write, or did not answer
 *     e <path> <fence> <t> <0|1>   the section ends, before the release: whether the lease was told to be lost
 *     r <path> <fence> <t> <0|1|?> what the release answered; ? for no answer
 *     t <path>                     it did not come in time
 *     E <code> <JSON>              another error
 */
import { done, history, now, ready, settings, stopped, storeOptions } from './member.mjs'

import { openStore, TreeLock } from '@ripen/store'
import { setTimeout as pause } from 'node:timers/promises'
import { Random } from './random.mjs'

const contenders = 3
const paths = ['a', 'a.b', 'a.b.c', 'a.d', 'e']

/**
 * Writes to the resources at and below a path: KEYS[1] is a hash of the highest fence of each, ARGV a fence
 * and paths. Writes all or nothing; doing it twice does no harm.
 */
const write = `for i = 2, #ARGV do if tonumber(ARGV[1]) < tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0) then return 0 end end
for i = 2, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], ARGV[1]) end
return 1`

const { name, incarnation, seed, expires } = settings
const random = new Random(`${seed} ${name}.${incarnation}`)
// Its own commands too must notice a connection that is half open.
const store = openStore({ ...storeOptions, redis: { ...storeOptions.redis, socketTimeout: 5_000 } })

async function section(path) {
  let lease
  try {
    lease = await new TreeLock(store, path, { expires, timeout: '3 s' }).acquire()
  } catch (error) {
    if (error.code !== 'RIPEN_LOCK_TIMEOUT') throw error
    return history.write('t', path)
  }
  const { fence, signal } = lease
  history.write('h', path, fence, now())
  const covered = paths.filter((each) => each === path || each.startsWith(`${path}.`))
  const put = async () => {
    // Its own command meets an outage with an error of ioredis; it may have been done.
    const taken = await store.redis.eval(write, 1, `{${settings.prefix}:resource}`, fence, ...covered).catch(() => '?')
    history.write('p', path, fence, taken)
  }
  try {
    await put()
    // Now and then longer than a lease lasts without being renewed.
    await pause(random.chance(0.005) ? 2 * expires : random.between(1, 40))
    await put()
  } finally {
    history.write('e', path, fence, now(), signal.aborted ? 1 : 0)
    await release(lease, path)
  }
}

async function release(lease, path) {
  const released = await lease.release().catch((error) => {
    if (error.code !== 'RIPEN_CONNECTION') throw error
  })
  history.write('r', path, lease.fence, now(), released === undefined ? '?' : Number(released))
}

async function contend() {
  while (!stopped.aborted) {
    try {
      await section(random.pick(paths))
    } catch (error) {
      history.write('E', error.code ?? error.name, JSON.stringify(error.message))
    }
    await pause(random.between(1, 40))
  }
}

ready()
await Promise.all(Array.from({ length: contenders }, contend))
await store.close()
done()
