import { section, type Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { beforeEach, describe, expect, test } from 'vitest'
import { spawnFixture, type FixtureProcess } from '../support/child.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { expectNothingLeft, waiting } from './lock-setup.ts'

onEachServer((name, server) => {
  let store: Store
  beforeEach(async () => {
    store = testStore(server.url)
    // The children need the URL of a server that runs.
    await store.ready()
  })

  function start(file: string, ...rest: string[]): FixtureProcess {
    return spawnFixture(file, [store.url, internals(store).options.prefix, ...rest])
  }

  async function expectCount(processes: number, mode: string, times: number): Promise<void> {
    const began = performance.now()
    const children = Array.from({ length: processes }, () => start('locked-counter.mjs', mode, String(times)))
    await Promise.all(children.map((child) => child.event('done', undefined, 240_000)))
    console.log(`${name}: ${processes} processes × ${times} locked, ${mode}: ${Math.round(performance.now() - began)} ms`)
    for (const child of children) expect(await child.exit()).toEqual({ code: 0, signal: null })
    expect(await section(store, 'count').get('n').val()).toBe(processes * times)
    await expectNothingLeft(store)
  }

  // The embedded server is one thread of JavaScript, and in a cluster messages take up to 50 ms: they prove
  // the same with fewer rounds.
  const share = name === 'embedded' || name === 'cluster' ? 10 : 1

  describe('counting under a lock', () => {
    test('RD-08: one owner, 1,000 times', { timeout: 60_000 }, () => expectCount(1, 'write', 1_000 / share))

    test('RD-24: four at once in one process, then four processes, 1,000 reads and writes each', { timeout: 300_000 }, async () => {
      const home = section(store, 'count')
      const times = 1_000 / share
      const run = async (): Promise<void> => {
        for (let left = times; left > 0; left--) {
          await using _lease = await home.get('n').acquire({ timeout: '60 s' })
          await home.set('n', ((await home.get('n').val<number>()) ?? 0) + 1)
        }
      }
      await Promise.all([run(), run(), run(), run()])
      expect(await home.get('n').val()).toBe(4 * times)
      await home.delete('n')
      await expectCount(4, 'write', times)
    })

    test('RD-28: two processes, 10,000 locked adds each', { timeout: 300_000 }, () => expectCount(2, 'add', 10_000 / share))
  })

  test('a holder that was stopped past its lease is refused everywhere', { timeout: 40_000 }, async () => {
    const resource = `{${internals(store).options.prefix}}:resource`
    const stopped = start('lock-holder.mjs', 'a', '1000', resource)
    const { fence } = await stopped.event('held')
    stopped.kill('SIGSTOP')
    const since = performance.now()
    const other = start('lock-holder.mjs', 'a', '1000', resource)
    const next = await other.event('held')
    expect(performance.now() - since).toBeLessThan(4_000)
    expect(Number(next['fence'])).toBeGreaterThan(Number(fence))
    expect(next['accepted']).toBe(1)
    stopped.kill('SIGCONT')
    expect(await stopped.event('ended')).toEqual({
      event: 'ended',
      aborted: true,
      reason: 'RIPEN_LEASE_LOST',
      extended: 'RIPEN_LEASE_LOST',
      accepted: 0,
      released: false,
    })
    // The other one did not notice anything.
    other.kill('SIGTERM')
    expect(await other.event('ended')).toEqual({ event: 'ended', aborted: false, extended: 'extended', accepted: 1, released: true })
    expect(await store.redis.hget(resource, 'by')).toBe(String(other.pid))
    await store.redis.del(resource)
    await expectNothingLeft(store)
  })

  test(
    'a holder that was killed holds the lock until its lease ends, a waiter that was killed holds up nobody for long',
    { timeout: 40_000 },
    async () => {
      const resource = `{${internals(store).options.prefix}}:resource`
      const killed = start('lock-holder.mjs', 'a', '2000', resource)
      await killed.event('held')
      const waiter = start('lock-holder.mjs', 'a', '2000', resource)
      await waiting(store, 1)
      const began = performance.now()
      waiter.kill('SIGKILL')
      killed.kill('SIGKILL')
      const lease = await section(store, 'a').acquire()
      const took = performance.now() - began
      console.log(`${name}: the lock of a killed holder, behind a killed waiter, after ${Math.round(took)} ms`)
      expect(took).toBeGreaterThan(1_000)
      expect(took).toBeLessThan(6_500)
      await lease.release()
      await store.redis.del(resource)
    },
  )
})
