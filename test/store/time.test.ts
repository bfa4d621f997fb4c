import { monitor } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { expect, test, vi } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { MovableClock } from '../support/movable-clock.ts'
import { testStore } from '../support/test-store.ts'

const hour = 3_600_000

onEachServer((_name, server) => {
  test("the time is the server's, in whole milliseconds", async () => {
    const store = testStore(server.url)
    const before = Date.now()
    const now = await store.now()
    // The servers of the conformance suite run on this machine, or keep the time as it does.
    expect(Math.abs(now - before)).toBeLessThan(60_000)
    expect(Number.isInteger(now)).toBe(true)
    expect(await store.now()).toBeGreaterThanOrEqual(now)
  })

  test('a wrong clock of this process changes nothing', async () => {
    const store = testStore(server.url)
    const right = await store.now()
    vi.useFakeTimers({ now: Date.now() - hour, toFake: ['Date'] })
    try {
      expect(Math.abs(right - Date.now())).toBeGreaterThan(hour / 2)
      expect(Math.abs((await store.now()) - right)).toBeLessThan(60_000)
    } finally {
      vi.useRealTimers()
    }
  })

  test('clockOffset is added', async () => {
    const store = testStore(server.url)
    const other = testStore(server.url)
    const now = await store.now()
    store.clockOffset = hour
    expect((await store.now()) - now).toBeGreaterThanOrEqual(hour)
    expect((await store.now()) - now).toBeLessThan(hour + 60_000)
    store.clockOffset = -hour
    expect((await store.now()) - now).toBeLessThan(60_000 - hour)
    expect((await other.now()) - now).toBeLessThan(60_000)
    store.clockOffset = 0
    expect((await store.now()) - now).toBeLessThan(60_000)
  })
  test('its databases and its monitored views go by the clock of the store, and their calls end by it', async () => {
    const clock = new MovableClock({ runs: true })
    const store = testStore(server.url, { clock, names: { other: 1 } })
    // A cluster has one database only.
    const databases = store.topology === 'cluster' ? [] : [await store.database('other')]
    for (const view of [store, ...databases, monitor(store, { name: 'db' })]) {
      expect(internals(view).clock).toBe(clock)
      const outcome = internals(view)
        .caller.call(() => new Promise(() => undefined))
        .catch((error: unknown) => error)
      await clock.advance(5_000)
      expect(await outcome).toMatchObject({ code: 'RIPEN_CONNECTION', message: 'no answer within 5000 ms' })
    }
  })
})
