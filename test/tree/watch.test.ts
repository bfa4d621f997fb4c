import { root, section, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'

onEachServer((_name, server) => {
  let store: Store
  let writer: Store
  beforeEach(() => {
    store = testStore(server.url)
    writer = testStore(server.url, { prefix: internals(store).options.prefix })
  })

  /** Paths heard, once the subscription holds. */
  async function heard(node: { watch(options: { signal: AbortSignal }): AsyncIterable<{ path: string }> }, poke: () => Promise<unknown>) {
    const paths: string[] = []
    const stop = new AbortController()
    const over = (async () => {
      for await (const { path } of node.watch({ signal: stop.signal })) paths.push(path)
    })()
    await until(
      async () => {
        await poke()
        return paths.length > 0
      },
      5_000,
      'the subscription',
    )
    return {
      paths,
      end: async (): Promise<void> => {
        stop.abort()
        await within(2_000, over, 'the end of the watch')
      },
    }
  }

  test('a watch tells what changed at, below and above its node, and nothing else', async () => {
    const home = section(writer, 'watched')
    const { paths, end } = await heard(section(store, 'watched').get('a'), () => home.set('a.poke', 1))
    await home.set('ab', 1)
    await home.set('b.a', 1)
    await home.set('a.x.y', 1)
    await home.get('a.n').add(1)
    await home.get('a.x').clear()
    await home.get('a.none').clear()
    await root(writer).set('watched', { a: 1 })
    await until(() => paths.at(-1) === 'watched.a', 5_000, 'the last change')
    expect(paths.filter((path) => path !== 'watched.a.poke')).toEqual(['watched.a.x.y', 'watched.a.n', 'watched.a.x', 'watched.a'])
    await end()
  })

  test('the root hears of every section', async () => {
    const { paths, end } = await heard(root(store), () => root(writer).set('poke', 1))
    await root(writer).set('one.a', 1)
    await root(writer).set('two.b', 1)
    // Two primaries of a cluster publish: the order is open.
    await until(() => paths.includes('one.a') && paths.includes('two.b'), 5_000, 'the changes')
    expect(paths.filter((path) => path !== 'poke').toSorted()).toEqual(['one.a', 'two.b'])
    await end()
  })

  test('a watch that was told to end tells nothing more, whatever has come', async () => {
    const home = section(writer, 'ended')
    const stop = new AbortController()
    const changes = section(store, 'ended').watch({ signal: stop.signal })[Symbol.asyncIterator]()
    const first = changes.next()
    // On the same connection: what it has heard has come to the other as well.
    const { paths, end } = await heard(section(store, 'ended'), () => home.set('poke', 1))
    await Promise.all(['a', 'b', 'c'].map((name) => home.set(name, 1)))
    await until(() => paths.includes('ended.c'), 5_000, 'the last change')
    expect(await first).toMatchObject({ done: false })
    expect(await changes.next()).toMatchObject({ done: false })
    stop.abort()
    expect(await changes.next()).toEqual({ done: true, value: undefined })
    await end()
  })

  test('a watch that waits ends when it is told to', async () => {
    const changes = section(store, 'waits').watch()
    const next = changes.next()
    await section(writer, 'waits').set('x', 1)
    await within(2_000, Promise.resolve(changes.return?.()), 'the return')
    await within(2_000, next, 'the step that waited')
    expect(await changes.next()).toEqual({ done: true, value: undefined })
  })

  test('a watch ends with the store', async () => {
    const other = testStore(server.url)
    await other.ready()
    const next = section(other, 'x').watch()[Symbol.asyncIterator]().next()
    next.catch(() => undefined)
    await until(async () => (await store.redis.ping()) === 'PONG', 1_000, 'a moment')
    await other.close()
    await expect(within(2_000, next, 'the end of the watch')).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })
})
