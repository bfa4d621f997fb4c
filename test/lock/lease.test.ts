import { type Store, TreeLock } from '@ripen/store'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { expectNothingLeft, isFree, leaseLost, left, timedOut, twoStores } from './lock-setup.ts'

onEachServer((_name, server) => {
  let store: Store
  let other: Store
  beforeEach(() => {
    ;[store, other] = twoStores(server.url)
  })

  /** Time passes for the server: what is not renewed meanwhile is over. */
  function advance(milliseconds: number): void {
    store.clockOffset = other.clockOffset = store.clockOffset + milliseconds
  }

  test('a lease is renewed for as long as it is held', async () => {
    const lease = await new TreeLock(store, 'a', { expires: 300 }).acquire()
    await expect(new TreeLock(other, 'a', { timeout: 1_200 }).acquire()).rejects.toMatchObject(timedOut)
    expect(lease.signal.aborted).toBe(false)
    expect(await lease.release()).toBe(true)
    expect(lease.signal.aborted).toBe(false)
    await expectNothingLeft(store)
  })

  test('without renewal the signal aborts when the lease is over', async () => {
    const start = performance.now()
    const lease = await new TreeLock(store, 'a', { expires: 300, renew: false }).acquire()
    await within(1_000, once(lease.signal, 'abort'), 'the end of the lease')
    // Never later than the server gives the lock to others.
    expect(performance.now() - start).toBeGreaterThanOrEqual(299)
    expect(performance.now() - start).toBeLessThan(600)
    expect(lease.signal.reason).toMatchObject(leaseLost)
    expect(lease.signal.reason.message).toContain("'a'")
    await expect(lease.extend()).rejects.toMatchObject(leaseLost)
    await (await new TreeLock(other, 'a', { timeout: 500 }).acquire()).release()
    expect(await lease.release()).toBe(false)
  })

  test('a lease lasts for its whole time, not a fraction of a millisecond less', async () => {
    const lasted: number[] = []
    for (let round = 0; round < 20; round++) {
      const start = performance.now()
      await new TreeLock(store, 'a', { expires: 100, renew: false }).acquire()
      await pause(90 + Math.random())
      while (!(await isFree(other, 'a')));
      lasted.push(performance.now() - start)
    }
    expect(Math.min(...lasted)).toBeGreaterThanOrEqual(100)
  })

  test('extend moves the end on, and never back', async () => {
    const lease = await new TreeLock(store, 'a', { expires: '10 s', renew: false }).acquire()
    await lease.extend('1 h')
    await lease.extend('100 ms')
    await lease.extend()
    advance(3_590_000)
    await expect(new TreeLock(other, 'a', { timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    advance(10_001)
    await (await new TreeLock(other, 'a', { timeout: 0 }).acquire()).release()
    await expect(lease.extend()).rejects.toMatchObject(leaseLost)
    expect(lease.signal.reason).toMatchObject(leaseLost)
    expect(await lease.release()).toBe(false)
  })

  test('extend is refused when the time was over, though nobody else has come', async () => {
    const lease = await new TreeLock(store, 'a', { expires: '10 s' }).acquire()
    advance(10_001)
    expect(lease.signal.aborted).toBe(false)
    await expect(lease.extend()).rejects.toMatchObject(leaseLost)
    expect(lease.signal.aborted).toBe(true)
    expect(await new TreeLock(other, 'a').isLocked()).toBe(false)
  })

  test('the renewal finds out that the lease was lost', async () => {
    const lease = await new TreeLock(store, 'a', { expires: 900 }).acquire()
    advance(1_000)
    const next = await new TreeLock(other, 'a', { timeout: 0 }).acquire()
    await within(700, once(lease.signal, 'abort'), 'the signal')
    expect(lease.signal.reason).toMatchObject(leaseLost)
    expect(next.fence).toBeGreaterThan(lease.fence)
    // What is ours no longer is not touched.
    expect(await lease.release()).toBe(false)
    expect(await next.release()).toBe(true)
  })

  test('RD-16: bad timeouts are refused, the defaults are 10 s and 30 s', async () => {
    for (const [option, value] of [
      ['timeout', -1],
      ['expires', -1],
      ['expires', 99],
      ['timeout', Number.NaN],
      ['expires', Infinity],
    ] as const)
      expect(() => new TreeLock(store, 'a', { [option]: value })).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option }))
    const start = performance.now()
    const lease = await new TreeLock(store, 'a', { renew: false }).acquire()
    await expect(new TreeLock(other, 'a').acquire()).rejects.toMatchObject(timedOut)
    expect(Math.round((performance.now() - start) / 1_000)).toBe(10)
    // 29.5 s with those of the wait.
    advance(Math.round(29_500 - (performance.now() - start)))
    expect(await isFree(other, 'a')).toBe(false)
    await lease.extend()
    advance(29_500)
    expect(await isFree(other, 'a')).toBe(false)
    advance(501)
    expect(await isFree(other, 'a')).toBe(true)
    expect(await lease.release()).toBe(false)
  })

  test('release and disposal may come in any order, as often as they like', async () => {
    const lease = await new TreeLock(store, 'a').acquire()
    expect([await lease.release(), await lease.release()]).toEqual([true, false])
    await lease[Symbol.asyncDispose]()
    const next = await new TreeLock(store, 'a', { timeout: 0 }).acquire()
    expect((await Promise.all([next.release(), next.release()])).filter(Boolean)).toEqual([true])
    await expect(next.extend()).rejects.toMatchObject(leaseLost)
    await expectNothingLeft(store)
  })

  test('disposal tells the log that the lease was lost, and does not throw', async () => {
    const warnings: [object, string][] = []
    const silent = (): void => undefined
    const logger = { debug: silent, info: silent, error: silent, warn: (fields: object, text: string) => warnings.push([fields, text]) }
    const logging = testStore(server.url, { prefix: randomPrefix(), logger })
    {
      await using fine = await new TreeLock(logging, 'a').acquire()
      expect(fine.signal.aborted).toBe(false)
    }
    expect(warnings).toEqual([])
    {
      await using lost = await new TreeLock(logging, 'a.b', { expires: '10 s' }).acquire()
      expect(lost.signal.aborted).toBe(false)
      logging.clockOffset = 10_001
    }
    expect(warnings).toEqual([[{ path: 'a.b', fence: expect.any(Number) }, 'a lock had been lost before it was released']])
    {
      await using _kept = await new TreeLock(logging, 'c').acquire()
      await logging.close()
    }
    expect(warnings.length).toBe(2)
    expect(warnings[1]?.[1]).toBe('a lock could not be released: it will expire')
  })

  test('600 leases that ended are tidied up on the way, also by who tries once', async () => {
    const acquire = (i: number): Promise<unknown> => new TreeLock(store, `a.${i}`, { expires: '1 h', renew: false }).acquire()
    // In parts, as the last of 600 questions at once has one call's time too.
    for (let from = 0; from < 600; from += 50) await Promise.all(Array.from({ length: 50 }, (_value, i) => acquire(from + i)))
    expect((await left(store))['entries']).toBe(600)
    advance(3_600_001)
    expect(await new TreeLock(other, 'a.7').isLocked()).toBe(false)
    const lease = await new TreeLock(other, 'a', { timeout: 0 }).acquire()
    expect((await left(store))['entries']).toBe(1)
    await lease.release()
    await expectNothingLeft(store)
  })
})
