import { type Lease, type Store, TreeLock } from '@ripen/store'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { randomNumbers } from '../faults/random-numbers.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { expectNothingLeft, tryAcquire, twoStores } from './lock-setup.ts'

const paths = ['', 'a', 'b', 'a.x', 'a.y', 'ab', 'b.x', 'a.x.1', 'a.x.2', 'a.y.1', 'b.x.1', 'b.y.1'].map((path) =>
  path.split('.').filter(Boolean),
)
const steps = 150

interface Held {
  readonly lease: Lease
  readonly path: readonly string[]
  /** A lease that is not renewed counts up to here at least, by the clock of performance. */
  readonly till: number
}

function conflict(one: readonly string[], other: readonly string[]): boolean {
  return one.every((segment, i) => i >= other.length || segment === other[i])
}

/** Who holds what: told of each grant and of each release before it is asked for. */
class Ledger {
  readonly held = new Set<Held>()
  readonly #highest: { path: readonly string[]; fence: number }[] = []
  readonly violations: string[] = []
  grants = 0
  nested = 0

  grant(held: Held): void {
    const now = performance.now()
    const conflicting = [...this.held].filter(
      (each) => each.lease.owner !== held.lease.owner && conflict(each.path, held.path) && !each.lease.signal.aborted && now < each.till,
    )
    for (const { path, lease, till } of conflicting)
      this.violations.push(
        `${held.path.join('.')} of ${held.lease.owner} (${(till - now).toFixed(1)} ms left) and ${path.join('.')} of ${lease.owner}`,
      )
    if ([...this.held].some((each) => each.lease.owner === held.lease.owner)) this.nested++
    for (const { path, fence } of this.#highest)
      if (conflict(path, held.path) && held.lease.fence <= fence) this.violations.push(`fence ${held.lease.fence} after ${fence}`)
    this.grants++
    this.held.add(held)
  }

  async release(held: Held): Promise<void> {
    this.held.delete(held)
    this.#highest.push({ path: held.path, fence: held.lease.fence })
    await held.lease.release()
  }
}

onEachServer((name, server) => {
  let stores: [Store, Store]
  beforeEach(() => {
    stores = twoStores(server.url)
  })

  test('at random: no two owners ever hold locks that exclude each other, fences grow, nothing is left', { timeout: 120_000 }, async () => {
    const seed = Math.floor(Math.random() * 1_000_000)
    console.log(`${name}: seed ${seed}`)
    const ledger = new Ledger()
    let refused = 0
    const act = async (owner: string, random: () => number, store: Store): Promise<void> => {
      const mine: Held[] = []
      for (let step = 0; step < steps; step++) {
        const dice = random()
        if (mine.length > 2 || (mine.length > 0 && dice < 0.6)) {
          const [held] = mine.splice(Math.floor(random() * mine.length), 1)
          if (held !== undefined) await ledger.release(held)
        } else {
          // Short paths stand in everybody's way, so they are rarer.
          const path = paths[Math.floor(random() ** 0.6 * paths.length)] ?? []
          const forget = dice > 0.97
          const expires = forget ? 150 : 30_000
          const till = forget ? performance.now() + expires : Number.POSITIVE_INFINITY
          const timeout = dice > 0.9 ? 0 : Math.floor(random() * 60)
          const lease = await tryAcquire(new TreeLock(store, path, { owner, timeout, expires, renew: !forget }))
          if (lease === undefined) refused++
          else {
            const held = { lease, path, till }
            ledger.grant(held)
            // Nobody releases it: it ends by itself.
            if (!forget) mine.push(held)
          }
        }
        if (random() < 0.3) await pause(random() * 4)
      }
      for (const held of mine) await ledger.release(held)
    }
    await Promise.all(Array.from({ length: 8 }, (_value, i) => act(`owner-${i}`, randomNumbers(seed + i), stores[i % 2] as Store)))
    console.log(`${name}: ${ledger.grants} grants, ${ledger.nested} nested, ${refused} refused`)
    expect(ledger.violations).toEqual([])
    expect(ledger.grants).toBeGreaterThan(100)
    expect(ledger.nested).toBeGreaterThan(10)
    expect(refused).toBeGreaterThan(10)
    await until(() => [...ledger.held].every(({ lease }) => lease.signal.aborted), 2_000, 'the end of what was forgotten')
    await (await new TreeLock(stores[0], []).acquire()).release()
    // Ids of those who left while a call was under way are refused for a minute more.
    stores[0].clockOffset = 61_000
    await (await new TreeLock(stores[0], []).acquire()).release()
    await expectNothingLeft(stores[0])
  })
})
