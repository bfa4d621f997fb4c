import { section, type Store, TreeLock } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { expectNothingLeft, isFree, timedOut, twoStores, waiting } from './lock-setup.ts'

onEachServer((_name, server) => {
  let store: Store
  let other: Store
  beforeEach(() => {
    ;[store, other] = twoStores(server.url)
  })

  const free = (path: string | readonly string[]): Promise<boolean> => isFree(other, path)

  test('RD-02: the same owner nests, everything is free afterwards, also when the body throws', async () => {
    const lock = new TreeLock(store, 'qual')
    expect(await lock.isLocked()).toBe(false)
    const failed = async (): Promise<void> => {
      await using lease = await lock.acquire()
      expect(await lock.isLocked()).toBe(true)
      await using inner = await new TreeLock(store, 'qual', { owner: lease.owner }).acquire()
      expect(inner.owner).toBe(lease.owner)
      expect(await lock.isLocked()).toBe(true)
      throw new Error('of the body')
    }
    await expect(failed()).rejects.toThrow('of the body')
    expect(await lock.isLocked()).toBe(false)
    await expectNothingLeft(store)
  })

  test('RD-06: what is locked can be written: locks and values are apart', async () => {
    const node = section(store, 'qual')
    const lease = await node.acquire()
    expect([await node.isLocked(), await new TreeLock(other, 'qual').isLocked()]).toEqual([true, true])
    await node.set('child', {})
    await section(other, 'qual').set('child.deep', 1)
    await node.clear()
    expect(await node.isLocked()).toBe(true)
    expect(await lease.release()).toBe(true)
    expect(await node.isLocked()).toBe(false)
  })

  test('RD-07: of two nested leases, each keeps its part until it is released', async () => {
    const outer = await new TreeLock(store, 'a.b').acquire()
    const inner = await new TreeLock(store, 'a.b.c', { owner: outer.owner }).acquire()
    const got: string[] = []
    const waiter = new TreeLock(other, 'a.b.c.d').acquire().then((lease) => {
      got.push('d')
      return lease
    })
    await waiting(store, 1)
    expect(await outer.release()).toBe(true)
    expect(await free('a.b.c.d')).toBe(false)
    expect(got).toEqual([])
    expect(await free('a.x')).toBe(true)
    expect(await inner.release()).toBe(true)
    const before = performance.now()
    await (await waiter).release()
    expect(performance.now() - before).toBeLessThan(500)
  })

  test('RD-17: isLocked follows acquire and release', async () => {
    const lock = new TreeLock(store, 'a')
    expect(await lock.isLocked()).toBe(false)
    const lease = await lock.acquire()
    expect(await lock.isLocked()).toBe(true)
    expect(await lease.release()).toBe(true)
    expect(await lock.isLocked()).toBe(false)
    {
      await using _lease = await lock.acquire()
      expect(await lock.isLocked()).toBe(true)
    }
    expect(await lock.isLocked()).toBe(false)
    await expectNothingLeft(store)
  })

  test('RD-27: a nested lease neither shortens nor lengthens the outer one, and any order of release will do', async () => {
    const lock = new TreeLock(store, 'a', { expires: '15 s', renew: false })
    const outer = await lock.acquire()
    const inner = await new TreeLock(store, 'a', { owner: outer.owner, expires: 100, renew: false }).acquire()
    await inner.release()
    const nested = await new TreeLock(store, 'a', { owner: outer.owner, expires: '1 h', renew: false }).acquire()
    await nested.release()
    store.clockOffset = other.clockOffset = 14_000
    expect(await free('a')).toBe(false)
    expect(await lock.isLocked()).toBe(true)
    store.clockOffset = other.clockOffset = 15_001
    expect(await lock.isLocked()).toBe(false)
    expect(await free('a')).toBe(true)
    expect(await outer.release()).toBe(false)
  })

  test('a lock excludes others from its node, from those above it and from those below it', async () => {
    const lease = await new TreeLock(store, 'a.b').acquire()
    for (const path of [[], 'a', 'a.b', 'a.b.c', 'a.b.c.d.e']) expect([path, await free(path)]).toEqual([path, false])
    for (const path of ['b', 'ab', 'a.bc', 'a.c', 'a.a', 'b.a', 'a.b c']) expect([path, await free(path)]).toEqual([path, true])
    await lease.release()
    for (const path of [[], 'a', 'a.b', 'a.b.c']) expect([path, await free(path)]).toEqual([path, true])
  })

  test('the root excludes everybody, and everybody excludes the root', async () => {
    const root = await new TreeLock(store, []).acquire()
    for (const path of [[], 'a', 'a.b', 'z']) expect(await free(path)).toBe(false)
    const below = await new TreeLock(store, 'z', { owner: root.owner }).acquire()
    await root.release()
    expect(await free([])).toBe(false)
    expect(await free('a')).toBe(true)
    await below.release()
    expect(await free([])).toBe(true)
    await expectNothingLeft(store)
  })

  test('isLocked looks at the node and those above it, not below', async () => {
    const lease = await new TreeLock(store, 'a.b').acquire()
    const locked = (path: string | string[]): Promise<boolean> => new TreeLock(other, path).isLocked()
    expect([await locked([]), await locked('a'), await locked('a.b'), await locked('a.b.c.d')]).toEqual([false, false, true, true])
    expect([await locked('a.bb'), await locked('b')]).toEqual([false, false])
    await lease.release()
  })

  test('segments may hold what looks like a pattern, a key or another script', async () => {
    for (const segment of ['*', 'a*', '[a-z]', '{a}', 'é', '日本', '😀', ' ', '-', '(', '[', '+', ':', '0']) {
      const lease = await new TreeLock(store, ['x', segment]).acquire()
      expect([segment, await free(['x', segment, 'y'])]).toEqual([segment, false])
      expect([segment, await free(['x', `${segment}b`])]).toEqual([segment, true])
      expect([segment, await free('x')]).toEqual([segment, false])
      await lease.release()
    }
  })

  test('without an owner each acquire of a process excludes the others', async () => {
    const lock = new TreeLock(store, 'a', { timeout: 0 })
    const lease = await lock.acquire()
    await expect(lock.acquire()).rejects.toMatchObject(timedOut)
    await expect(new TreeLock(store, 'a.b', { timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    await lease.release()
    const next = await lock.acquire()
    expect(next.owner).not.toBe(lease.owner)
    await next.release()
  })

  test('owners whose names begin alike are different owners', async () => {
    const lease = await new TreeLock(store, 'a', { owner: 'one' }).acquire()
    for (const owner of ['on', 'one1', 'One', 'one:', ' one'])
      await expect(new TreeLock(store, 'a', { owner, timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    await (await new TreeLock(other, 'a', { owner: 'one', timeout: 0 }).acquire()).release()
    expect(await free('a')).toBe(false)
    await lease.release()
  })

  test('many leases of other owners below a node keep it, and each of many of its own does not', async () => {
    const mine = { owner: 'me' }
    const leases = await Promise.all(Array.from({ length: 250 }, (_value, i) => new TreeLock(store, `many.${i}`, mine).acquire()))
    const foreign = await new TreeLock(other, 'many.zz').acquire()
    await expect(new TreeLock(store, 'many', { ...mine, timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    await foreign.release()
    leases.push(await new TreeLock(store, 'many', { ...mine, timeout: 0 }).acquire())
    await Promise.all(leases.map((lease) => lease.release()))
    await expectNothingLeft(store)
  })

  test('the fence grows with every lease, of whatever path and owner, also when the clock goes back', async () => {
    const fences: number[] = []
    for (const [path, offset] of [
      ['a', 0],
      ['b', 0],
      ['a.b', -3_600_000],
      ['a', -7_200_000],
      ['a', 0],
    ] as const) {
      store.clockOffset = offset
      const lease = await new TreeLock(store, path).acquire()
      fences.push(lease.fence)
      await lease.release()
    }
    expect(fences.every((fence, i) => Number.isSafeInteger(fence) && fence > (fences[i - 1] ?? 0))).toBe(true)
  })

  test('locks of another prefix are others', async () => {
    const lease = await new TreeLock(store, 'a').acquire()
    const [stranger] = twoStores(server.url)
    expect(await isFree(stranger, 'a')).toBe(true)
    expect(await free('a')).toBe(false)
    await lease.release()
  })
})
