import { Tree, root, section, type Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer, onStandaloneServers } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'

const nested = { a: { b: 2, c: { d: 9, e: { f: 42 } } }, g: 3 }

onEachServer((_name, server) => {
  let store: Store
  beforeEach(() => {
    store = testStore(server.url)
  })

  test('RD-01 a value set replaces what was at and below its path, and values above it', async () => {
    const home = section(store, 'basic')
    const a = home.get('a')
    await home.set('a', 2)
    expect(await a.val()).toBe(2)
    await home.set('a.b', 3)
    expect([await a.get('b').val(), await a.val()]).toEqual([3, { b: 3 }])
    await home.set('a.c', null)
    expect([await a.get('c').val('other'), await a.val()]).toEqual([null, { b: 3, c: null }])
    await home.set('a', { b: 42, e: 3 })
    expect(await a.val()).toEqual({ b: 42, e: 3 })
  })

  test('RD-04 the root: clear, set and read', async () => {
    const top = root(store)
    await top.set('x', 1)
    await top.set('y.z', 1)
    expect(await top.clear()).toBe(2)
    expect(await (await top.set('x', 2)).get('x').val()).toBe(2)
    expect(await top.val()).toEqual({ x: 2 })
  })

  test('RD-05 a section: clear, set and read', async () => {
    const home = section(store, 'home')
    await home.set('x', 1)
    expect(await home.clear()).toBe(1)
    await home.set('x', 2)
    expect([await home.get('x').val(), await home.val()]).toEqual([2, { x: 2 }])
  })

  test('RD-09 nodes to one path are interchangeable', async () => {
    const [one, other] = [section(store, 'x'), new Tree(store).at(['x'])]
    await one.set('y', 1)
    expect([other.path, await other.val()]).toEqual([one.path, await one.val()])
    expect(await section(store, 'z').val()).toBeNull()
  })

  test('RD-10 values compare by val()', async () => {
    const home = section(store, 'compare')
    await home.set('one', { a: 1 })
    await home.set('two', { a: 1 })
    expect(await home.get('one').val()).toEqual(await home.get('two').val())
    await home.set('two.a', 2)
    expect(await home.get('one').val()).not.toEqual(await home.get('two').val())
  })

  test('RD-11 delete takes a node away with everything below it', async () => {
    const home = section(store, 'delete')
    await home.set('x', { y: 1, z: { a: [1] } })
    await home.set('xx', 1)
    expect([await home.delete('x'), await home.delete('x')]).toEqual([true, false])
    expect([await home.get('x').val(), await home.val()]).toEqual([null, { xx: 1 }])
  })

  test('RD-12 exists is true for leaves and branches', async () => {
    const home = section(store, 'exists')
    expect([await home.get('x').exists(), await home.exists(), await root(store).exists()]).toEqual([false, false, false])
    await home.set('x.y', null)
    const all = [home.get('x.y'), home.get('x'), home, root(store)]
    expect(await Promise.all(all.map((node) => node.exists()))).toEqual([true, true, true, true])
  })

  test('RD-14 add counts from nothing', async () => {
    const counter = section(store, 'add').get('n')
    expect([await counter.val(), await counter.add(1), await counter.add(1), await counter.val()]).toEqual([null, 1, 2, 2])
    expect([await counter.add(0.1), await counter.add(0.2), await counter.add(-5)]).toEqual([2.1, 2.1 + 0.2, 2.1 + 0.2 - 5])
    expect(await counter.add(2 ** 53)).toBe(2.1 + 0.2 - 5 + 2 ** 53)
  })

  test('RD-15 val takes a default where nothing is', async () => {
    const node = section(store, 'default').get('x')
    expect([await node.val(), await node.val(1), await node.val(null)]).toEqual([null, 1, null])
    await section(store, 'default').set('x', 10)
    expect([await node.val(), await node.val(1)]).toEqual([10, 10])
  })

  test('RD-20 objects are branches, and come back as they were', async () => {
    const home = section(store, 'nested')
    await home.set('x', nested)
    expect(await home.get('x').val()).toEqual(nested)
    expect(await home.get('x.a.c.e.f').val()).toBe(42)
    await home.set('x.a.c.e', 2)
    await home.set('x.a.c.e.f', { deep: 'nested' })
    expect(await home.get('x.a.c').val()).toEqual({ d: 9, e: { f: { deep: 'nested' } } })
    await home.set('empty', {})
    expect([await home.get('empty').val(), await home.get('empty').exists()]).toEqual([{}, true])
    await home.set('empty.no', 1)
    expect(await home.get('empty').val()).toEqual({ no: 1 })
  })

  test('RD-25 a name of a database that is not known is refused', async () => {
    await expect(section(store, 'x', { database: 'nope' }).val()).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'database' })
  })

  test('RD-26 two hundred readers at once', async () => {
    const home = section(store, 'readers')
    await home.set('x', nested)
    const reader = async (): Promise<void> => {
      for (let i = 0; i < 10; i++)
        expect([await home.get('x').exists(), await home.get('x').val(), await home.get('x.g').val()]).toEqual([true, nested, 3])
    }
    await Promise.all(Array.from({ length: 200 }, reader))
  })

  test('JSON is kept exactly', async () => {
    const home = section(store, 'json')
    const values = [
      [],
      [{}],
      [[]],
      {},
      { a: [] },
      '',
      'ü\u0000\u2028"\\',
      0,
      -1.5,
      1e21,
      2 ** 53 + 2,
      1.7976931348623157e308,
      5e-324,
      12345678901234567168,
      true,
      null,
    ]
    for (const value of values) expect(await (await home.set('x', value)).get('x').val()).toEqual(value)
    const odd = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as object
    await home.set('x', odd)
    expect(JSON.stringify(await home.get('x').val())).toBe('{"__proto__":{"a":1},"constructor":2}')
    await home.set('x', { date: new Date(0), gone: undefined })
    expect(await home.get('x').val()).toEqual({ date: '1970-01-01T00:00:00.000Z' })
  })

  test('patterns are names like any other', async () => {
    const home = section(store, 'glob*')
    for (const name of ['h*', 'hzz', 'g[1]', 'g1', 'a-b', 'a', '?']) await home.set([name, 'v'], name)
    expect(await home.get(['h*']).clear()).toBe(1)
    expect([await home.get('hzz.v').val(), await home.get(['g[1]']).val()]).toEqual(['hzz', { v: 'g[1]' }])
    await section(store, 'globs').set('x', 1)
    expect(await home.clear()).toBe(6)
    expect(await section(store, 'globs').val()).toEqual({ x: 1 })
  })

  test('a subtree of thousands is read and replaced whole', async () => {
    const home = section(store, 'large')
    const large = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`n${i}`, { value: i }]))
    await home.set('x', large)
    expect(await home.get('x').val()).toEqual(large)
    let leaves = 0
    for await (const leaf of home.leaves()) leaves += leaf.path.startsWith('large.x.n') ? 1 : 0
    expect(leaves).toBe(5_000)
    await home.set('x', { only: 1 })
    expect(await home.val()).toEqual({ x: { only: 1 } })
  })
})

onStandaloneServers((_name, server) => {
  test('RD-25 named databases hold values of their own', async () => {
    const named = testStore(server.url, { names: { snmp: 1, img: 2 } })
    const trees = [section(named, 'x'), section(named, 'x', { database: 'snmp' }), section(named, 'x', { database: 'img' })]
    for (const [index, tree] of trees.entries()) await tree.set('y', index)
    expect(await Promise.all(trees.map((tree) => tree.get('y').val()))).toEqual([0, 1, 2])
  })
})
