import { section } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { spawnFixture } from '../support/child.ts'
import { within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'

const leaves = Array.from({ length: 50 }, (_, i) => `leaf${i}`)

onEachServer((name, server) => {
  // The embedded server shares the processor with this process: fewer reads say as much.
  const reads = name === 'embedded' ? 1_000 : 10_000

  test(`one reader of a subtree of 50 leaves against one writer, ${reads} reads: never a mixture`, async () => {
    const store = testStore(server.url)
    const home = section(store, 'mixture')
    const value = (round: number): Record<string, number> => Object.fromEntries(leaves.map((leaf) => [leaf, round]))
    await home.set('x', value(0))
    let over = false
    let rounds = 0
    const writer = (async () => {
      while (!over) await home.set('x', value(++rounds))
    })()
    const seen = new Set<number>()
    for (let done = 0; done < reads; done += 10) {
      const found = await Promise.all(Array.from({ length: 10 }, () => home.get('x').val<Record<string, number>>()))
      for (const each of found) {
        const distinct = new Set(Object.values(each ?? {}))
        expect([Object.keys(each ?? {}).length, distinct.size]).toEqual([50, 1])
        for (const round of distinct) seen.add(round)
      }
    }
    over = true
    await writer
    expect(seen.size).toBeGreaterThan(10)
  })

  test('8 processes × 1,000 unlocked add(1) make 8,000', async () => {
    const store = testStore(server.url)
    await store.ready()
    const counter = section(store, 'count').get('n')
    const workers = Array.from({ length: 8 }, () => spawnFixture('add-numbers.mjs', [store.url, internals(store).options.prefix, '1000']))
    for (const worker of workers) await within(60_000, worker.event('done'), 'the end of a process')
    expect(await counter.val()).toBe(8_000)
  })
})

describeWithRedisServer('the cost of a branch', () => {
  test('is the same with a million unrelated nodes as with none', async () => {
    const store = testStore()
    const home = section(store, 'cost')
    await home.set('mine', Object.fromEntries(leaves.map((leaf) => [leaf, 1])))
    const cost = async (): Promise<number> => {
      const { caller } = internals(store)
      const spent = async (): Promise<number> => {
        const info = await caller.call((client) => (client as { info(section: string): Promise<string> }).info('commandstats'))
        return Number(/cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(info)?.[1] ?? 0)
      }
      const before = await spent()
      for (let i = 0; i < 200; i++) await home.get('mine').val()
      return ((await spent()) - before) / 200
    }
    await cost()
    const alone = await cost()
    for (let part = 0; part < 20; part++) {
      await home.set(`others.p${part}`, Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`n${i}`, 1])))
    }
    const among = await cost()
    console.log(`a branch of 50 leaves: ${alone.toFixed(0)} µs of the server alone, ${among.toFixed(0)} µs among a million`)
    // Other tests share the server, so this is a bound for the order of growth, not a measurement.
    expect(among).toBeLessThan(alone * 10 + 1_000)
    await home.clear()
  }, 120_000)
})
