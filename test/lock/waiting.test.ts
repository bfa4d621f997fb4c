import { type Lease, type Store, TreeLock } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { lockKeys } from '../../packages/store/src/lock/lock-keys.ts'
import { lockAcquireScript } from '../../packages/store/src/scripts.generated.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { expectNothingLeft, isFree, left, timedOut, twoStores, waiting } from './lock-setup.ts'

onEachServer((name, server) => {
  let store: Store
  let other: Store
  beforeEach(() => {
    ;[store, other] = twoStores(server.url)
  })

  const free = (path: string | readonly string[]): Promise<boolean> => isFree(other, path)

  /** Begins to wait for a lock, and notes when it is there. */
  function line(): { join: (path: string, owner?: string) => Promise<Lease>; served: string[] } {
    const served: string[] = []
    let length = 0
    const join = async (path: string, owner?: string): Promise<Lease> => {
      const lock = new TreeLock(length++ % 2 === 0 ? store : other, path, owner === undefined ? {} : { owner })
      const lease = await lock.acquire()
      served.push(owner ?? path)
      return lease
    }
    return { join, served }
  }

  test('RD-03: another owner waits until the lock is released, and gets it then', async () => {
    const lock = new TreeLock(store, 'qual')
    const lease = await lock.acquire()
    const start = performance.now()
    const waiter = new TreeLock(other, 'qual').acquire()
    await waiting(store, 1)
    await pause(250)
    await lease.release()
    const released = performance.now()
    const next = await within(500, waiter, 'the lock')
    expect(performance.now() - start).toBeGreaterThanOrEqual(250)
    expect(performance.now() - released).toBeLessThan(500)
    expect(next.fence).toBeGreaterThan(lease.fence)
    await next.release()
    await expectNothingLeft(store)
  })

  test('RD-18: LockTimeoutError at the deadline, and nothing is left', async () => {
    const lease = await new TreeLock(store, 'a').acquire()
    const start = performance.now()
    await expect(new TreeLock(other, 'a', { timeout: '1 s' }).acquire()).rejects.toMatchObject({ ...timedOut, path: 'a' })
    const took = performance.now() - start
    expect(took).toBeGreaterThanOrEqual(995)
    expect(took).toBeLessThan(1_500)
    await waiting(store, 0)
    await lease.release()
    expect(await new TreeLock(store, 'a').isLocked()).toBe(false)
    await expectNothingLeft(store)
  })

  test('RD-19: a lease that is not renewed ends at its time, and a late release does no harm', async () => {
    const lease = await new TreeLock(store, 'a', { expires: '1 s', renew: false }).acquire()
    const start = performance.now()
    const next = await new TreeLock(other, 'a').acquire()
    const took = performance.now() - start
    expect(took).toBeGreaterThan(900)
    expect(took).toBeLessThan(1_500)
    expect(await lease.release()).toBe(false)
    expect(await free('a')).toBe(false)
    expect(await next.release()).toBe(true)
    expect(await lease.release()).toBe(false)
    await expectNothingLeft(store)
  })

  test('RD-23: of two that contend, one in vain and one for long enough, the latter gets through', async () => {
    const lease = await new TreeLock(store, 'a').acquire()
    const early = new TreeLock(other, 'a', { timeout: 500 }).acquire()
    const late = new TreeLock(other, 'a', { timeout: 2_000 }).acquire()
    await expect(early).rejects.toMatchObject(timedOut)
    await lease.release()
    await (await within(500, late, 'the lock')).release()
  })

  test('200 waiters on one lock are served in order', { timeout: 60_000 }, async () => {
    const { join, served } = line()
    const first = await join('a', 'first')
    const owners = Array.from({ length: 200 }, (_value, i) => `owner-${i}`)
    const done: Promise<boolean>[] = []
    for (const [i, owner] of owners.entries()) {
      done.push(join('a', owner).then((lease) => lease.release()))
      await waiting(store, i + 1)
    }
    const start = performance.now()
    await first.release()
    expect((await Promise.all(done)).every(Boolean)).toBe(true)
    const took = performance.now() - start
    console.log(`${name}: 200 waiters served in ${Math.round(took)} ms`)
    expect(served).toEqual(['first', ...owners])
    // Woken, not polled: a look a second for each would take 200 s.
    expect(took).toBeLessThan(10_000)
    await expectNothingLeft(store)
  })

  test('a later one passes where paths do not conflict, and only there', async () => {
    const { join, served } = line()
    const [b, x] = [await join('a.b', 'B'), await join('a.x', 'X')]
    const whole = join('a', 'whole')
    await waiting(store, 1)
    const below = join('a.c', 'below')
    await waiting(store, 2)
    const above = join('a.b.c', 'above')
    await waiting(store, 3)
    await (await join('z', 'elsewhere')).release()
    expect(await free('a.c')).toBe(false)
    expect(await free('a.x.y')).toBe(false)
    await b.release()
    expect(await free('a.b')).toBe(false)
    await x.release()
    await (await whole).release()
    await Promise.all([(await below).release(), (await above).release()])
    expect(served.slice(0, 4)).toEqual(['B', 'X', 'elsewhere', 'whole'])
    expect(served.slice(4).sort()).toEqual(['above', 'below'])
    await expectNothingLeft(store)
  })

  test('the release of the root wakes all who wait below', async () => {
    const lease = await new TreeLock(store, []).acquire()
    const waiters = Array.from({ length: 30 }, (_value, i) => new TreeLock(i % 2 ? store : other, ['deep', 'er', `${i}`]).acquire())
    await waiting(store, 30)
    // Past the looks after the subscription, so that only the message can be what wakes them at once.
    await pause(300)
    await lease.release()
    const start = performance.now()
    const leases = await Promise.all(waiters)
    expect(performance.now() - start).toBeLessThan(400)
    await Promise.all(leases.map((each) => each.release()))
  })

  test('an owner that holds a lock does not wait behind those who wait for it', async () => {
    const mine = { owner: 'me', timeout: 2_000 }
    const held = await new TreeLock(store, 'a.b', mine).acquire()
    const { join, served } = line()
    // One waits for what I hold, the next one for the first, the third for neither.
    const whole = join('a', 'whole')
    await waiting(store, 1)
    const behind = join('a.c.d', 'behind')
    await waiting(store, 2)
    for (const path of ['a.b', 'a.b.x', 'a.c', 'a.c.d', 'a']) await (await new TreeLock(other, path, mine).acquire()).release()
    expect(served).toEqual([])
    await held.release()
    await (await whole).release()
    await (await behind).release()
    expect(served).toEqual(['whole', 'behind'])
  })

  test('an owner that holds something else waits like everybody', async () => {
    const held = await new TreeLock(store, 'mine', { owner: 'me' }).acquire()
    const lease = await new TreeLock(store, 'a', { owner: 'first' }).acquire()
    const { join, served } = line()
    const second = join('a', 'second')
    await waiting(store, 1)
    const me = join('a', 'me')
    await waiting(store, 2)
    await lease.release()
    await (await second).release()
    await (await me).release()
    expect(served).toEqual(['second', 'me'])
    await held.release()
  })

  test('who gives up, by its signal or its time, leaves the way free', async () => {
    const lease = await new TreeLock(store, 'a.b').acquire()
    const controller = new AbortController()
    const aborted = new TreeLock(store, 'a', { signal: controller.signal }).acquire()
    await waiting(store, 1)
    const late = new TreeLock(store, [], { timeout: 400 }).acquire()
    await waiting(store, 2)
    const next = new TreeLock(other, 'a.c').acquire()
    await waiting(store, 3)
    const reason = new Error('no longer wanted')
    const start = performance.now()
    controller.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    await expect(late).rejects.toMatchObject(timedOut)
    await (await next).release()
    // Its own second look would come later.
    expect(performance.now() - start).toBeLessThan(900)
    await lease.release()
    await expect(new TreeLock(store, 'a', { signal: AbortSignal.abort(reason) }).acquire()).rejects.toBe(reason)
    expect(await new TreeLock(store, 'a').isLocked()).toBe(false)
  })

  test('a waiter that died is passed over when it has been silent for 5 s', { timeout: 30_000 }, async () => {
    const lease = await new TreeLock(store, 'a', { owner: 'first' }).acquire()
    const { caller, options } = internals(store)
    // Somebody who asked once, and then no more.
    const dead = { offset: 0, id: 'dead', node: '\u0001a', owner: 'dead', expires: 30_000, wait: '1', channel: 'none' }
    expect((await caller.script(lockAcquireScript, { keys: lockKeys(options.prefix), arguments: dead }))[0]).toBe('')
    const start = performance.now()
    const next = new TreeLock(other, 'a').acquire()
    await waiting(store, 2)
    await lease.release()
    expect(await free('a')).toBe(false)
    await (await next).release()
    expect(performance.now() - start).toBeGreaterThan(3_900)
    expect(performance.now() - start).toBeLessThan(6_500)
    await expectNothingLeft(store)
  })

  test('the timeout holds while others come and go', async () => {
    const stop = new AbortController()
    const busy = Array.from({ length: 20 }, async (_value, i) => {
      for (; !stop.signal.aborted;) {
        await using _lease = await new TreeLock(i % 2 ? store : other, 'a.b').acquire()
        await pause(2)
      }
    })
    const held = await new TreeLock(store, 'a.c').acquire()
    const start = performance.now()
    await expect(new TreeLock(other, 'a.c.d', { timeout: 700 }).acquire()).rejects.toMatchObject(timedOut)
    const took = performance.now() - start
    expect(took).toBeGreaterThan(690)
    expect(took).toBeLessThan(1_000)
    stop.abort()
    await Promise.all([...busy, held.release()])
    await expectNothingLeft(store)
  })

  test('a timeout of 0 tries once and leaves no trace', async () => {
    const lease = await new TreeLock(store, 'a').acquire()
    const before = await left(store)
    await expect(new TreeLock(other, 'a', { timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    expect(await left(store)).toEqual(before)
    await lease.release()
  })

  test('closing the store ends the wait', async () => {
    const closing = testStore(server.url, { prefix: internals(store).options.prefix })
    const lease = await new TreeLock(store, 'a').acquire()
    const waiter = new TreeLock(closing, 'a').acquire()
    waiter.catch(() => undefined)
    await waiting(store, 1)
    await closing.close()
    await expect(within(1_000, waiter, 'the end of the wait')).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    await lease.release()
  })
})
