import { root, section, type Store } from '@ripen/store'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'

async function paths(nodes: AsyncIterable<{ path: string }>): Promise<string[]> {
  const found: string[] = []
  for await (const node of nodes) found.push(node.path)
  return found
}

onEachServer((_name, server) => {
  let store: Store
  beforeEach(() => {
    store = testStore(server.url)
  })

  test('RD-13 children are direct, leaves are all, both in path order', async () => {
    const dummy = section(store, 'dummy')
    await dummy.set('a.b.d', 3)
    await dummy.set('a.b.c', 2)
    await dummy.set('a-b', 1)
    expect(await paths(dummy.children())).toEqual(['dummy.a', 'dummy.a-b'])
    expect(await paths(dummy.leaves())).toEqual(['dummy.a.b.c', 'dummy.a.b.d', 'dummy.a-b'])
    expect(await paths(dummy.get('a.b.c').leaves())).toEqual(['dummy.a.b.c'])
    expect(await paths(dummy.get('a.b.c').children())).toEqual([])
    const names: string[] = []
    for await (const name of dummy.get('a.b')) names.push(name)
    expect(names).toEqual(['c', 'd'])
  })

  test('the root walks all sections, and forgets none that is written again', async () => {
    const top = root(store)
    for (const name of ['b', 'a', 'c']) await top.set(`${name}.x`, name)
    expect(await paths(top.children())).toEqual(['a', 'b', 'c'])
    await top.delete('b')
    expect(await paths(top.leaves())).toEqual(['a.x', 'c.x'])
    await top.set('b.x', 1)
    expect(await paths(top.children())).toEqual(['a', 'b', 'c'])
    expect(await top.val()).toEqual({ a: { x: 'a' }, b: { x: 1 }, c: { x: 'c' } })
  })

  test('pages join without a gap', async () => {
    const home = section(store, 'pages')
    const names = Array.from({ length: 450 }, (_, i) => `n${String(i).padStart(3, '0')}`)
    await home.set('x', Object.fromEntries(names.map((name) => [name, { a: 1, b: 2 }])))
    expect((await paths(home.get('x').children())).map((path) => path.slice('pages.x.'.length))).toEqual(names)
    expect(await paths(home.leaves())).toHaveLength(900)
  })
})
