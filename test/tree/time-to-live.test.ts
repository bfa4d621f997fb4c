import { root, section, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'

onEachServer((_name, server) => {
  let store: Store
  beforeEach(() => {
    store = testStore(server.url)
  })

  test('RD-29 a time to live counts down, ends the node, and can be given later', async () => {
    const home = section(store, 'ttl')
    const node = home.get('x')
    await home.set('x', 1, { expire: 1_500 })
    expect(await node.ttl()).toBeGreaterThan(1_000)
    expect(await node.ttl()).toBeLessThanOrEqual(1_500)
    expect(await node.val()).toBe(1)
    await until(async () => (await node.ttl()) === -2, 3_000, 'the end of the node')
    expect([await node.val(), await node.exists(), await home.exists()]).toEqual([null, false, false])
    await home.set('x', 2)
    expect(await node.ttl()).toBe(-1)
    expect(await node.expire('1 h')).toBe(true)
    expect(await node.ttl()).toBeGreaterThan(3_500_000)
    expect(await home.get('none').expire('1 h')).toBe(false)
  })

  test('a branch ends leaf by leaf: its ttl is that of the first', async () => {
    const home = section(store, 'branch')
    await home.set('x', { a: 1, b: 2 }, { expire: '1 h' })
    await home.set('x.c', 3)
    expect(await home.get('x').ttl()).toBeGreaterThan(3_500_000)
    expect(await home.get('x.c').ttl()).toBe(-1)
    await home.get('x.a').expire(20)
    await until(async () => !(await home.get('x.a').exists()), 3_000, 'the end of one leaf')
    expect(await home.get('x').val()).toEqual({ b: 2, c: 3 })
    expect(await root(store).ttl()).toBeGreaterThan(3_500_000)
    expect(await root(store).expire('2 h')).toBe(true)
    expect(await home.get('x.c').ttl()).toBeGreaterThan(7_000_000)
  })

  test('set without expire ends an earlier time to live, add keeps it', async () => {
    const home = section(store, 'keeps')
    await home.set('x', 1, { expire: '1 h' })
    await home.get('x').add(1)
    expect(await home.get('x').ttl()).toBeGreaterThan(3_500_000)
    await home.set('x', 1)
    expect(await home.get('x').ttl()).toBe(-1)
    await home.set('y', 5, { expire: 1 })
    await until(async () => !(await home.get('y').exists()), 3_000, 'the end of y')
    expect([await home.get('y').add(1), await home.get('y').ttl()]).toEqual([1, -1])
  })

  test('a section whose leaves have all ended leaves no key behind', async () => {
    const home = section(store, 'rest')
    await home.set('x', { a: 1, b: 2 }, { expire: 50 })
    const { prefix } = internals(store).options
    const keys = ['nodes', 'index', 'expiry'].map((key) => `{${prefix}::tree:rest}:${key}`)
    expect(await store.redis.exists(...keys)).toBe(3)
    await until(async () => (await store.redis.exists(...keys)) === 0, 5_000, 'the end of the keys')
    await home.set('x', 1, { expire: 50 })
    await home.set('y', 1)
    await until(async () => !(await home.get('x').exists()), 3_000, 'the end of x')
    expect(await home.val()).toEqual({ y: 1 })
    expect(await store.redis.pttl(keys[0] ?? '')).toBe(-1)
  })

  test('many leaves that end together', async () => {
    const home = section(store, 'many')
    await home.set('x', Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`n${i}`, i])), { expire: 300 })
    await home.set('y', 1)
    await until(async () => !(await home.get('x').exists()), 5_000, 'the end of all')
    expect(await home.val()).toEqual({ y: 1 })
    expect(await home.clear()).toBe(1)
  })
})
