import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { Channel, type ChannelState } from '../../packages/store/src/channel/index.ts'
import { ownServer } from '../faults/own-server.ts'
import { spawnFixture } from '../support/child.ts'
import { within } from '../support/deadline.ts'
import { onEachServer } from '../support/conformance.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { channelOf } from './test-channel.ts'

const writers = 8
const changes = 250

onEachServer((name, server) => {
  test(`${writers} processes × ${changes} changes: rev rises by exactly ${writers * changes}`, { timeout: 90_000 }, async () => {
    const prefix = randomPrefix()
    const store = testStore(server.url, { prefix })
    const channel = channelOf<{ even: number; last: Record<string, number> }>(store)
    const first = await channel.reset({ even: 0, last: {} })
    const gate = `${channel.redisKey}:gate`
    const processes = Array.from({ length: writers }, (_value, writer) =>
      spawnFixture('channel-writer.mjs', [server.url, prefix, String(writer), String(changes), gate]),
    )
    await Promise.all(processes.map((process) => process.event('ready', undefined, 30_000)))

    const stop = new AbortController()
    const seen: ChannelState<{ even: number; last: Record<string, number> }>[] = []
    const watching = (async () => {
      for await (const state of channel.watch({ signal: stop.signal })) {
        seen.push(state)
        if (state.rev === writers * changes) return
      }
    })()
    const start = performance.now()
    await internals(store).caller.call((client) => client.lpush(gate, ...Array<string>(writers).fill('go')))
    await Promise.all(processes.map((process) => process.event('done', undefined, 40_000)))
    const took = performance.now() - start
    await within(6_000, watching, 'the last state').finally(() => stop.abort())

    // Each writer changes `last` and `even` in turn.
    const value = {
      even: (writers * changes) / 2,
      last: Object.fromEntries(Array.from({ length: writers }, (_value, i) => [`w${i}`, changes - 1])),
    }
    expect(await channel.getIfUpdated()).toEqual({ changed: true, value, epoch: first.epoch, rev: writers * changes })
    for (const [i, state] of seen.entries()) {
      expect(state.rev).toBeGreaterThan(seen[i - 1]?.rev ?? -1)
      // As many changes are in the value as its rev says: it is that revision's, not an older one.
      const odd = Object.values(state.value.last).reduce((sum, last) => sum + (last + 1) / 2, 0)
      expect(state.value.even + odd).toBe(state.rev)
    }
    console.log(
      `${name}: ${writers} processes × ${changes} changes in ${Math.round(took)} ms; a watcher saw ${seen.length} of ${writers * changes} states`,
    )
  })
})

describeWithRedisServer('one writer', () => {
  test('10,000 small changes a second are possible: each takes less than 100 µs of one core, for all that the server does', async () => {
    const store = testStore((await ownServer()).url)
    const channel = new Channel(store, 'fast')
    await channel.set({ progress: 0, note: 'x'.repeat(200), list: Array.from({ length: 20 }, (_value, i) => i) })
    // The time of the processor, not of the clock: other tests run beside this one.
    const busy = async (): Promise<number> => {
      const cpu = await store.redis.info('cpu')
      return ['user', 'sys'].reduce((sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(cpu)?.[1]), 0)
    }
    const [before, start] = [await busy(), performance.now()]
    for (let batch = 0; batch < 100; batch++)
      await Promise.all(
        Array.from({ length: 200 }, (_value, i) => (i % 2 === 0 ? channel.query('numincrby', 'progress', 1) : channel.set(i, 'list[-1]'))),
      )
    const seconds = (performance.now() - start) / 1_000
    const each = ((await busy()) - before) * 50
    console.log(`one writer: ${Math.round(20_000 / seconds)} changes a second, ${each.toFixed(1)} µs of the server's processor for each`)
    expect(await channel.meta('rev')).toBe(20_000)
    expect(each).toBeLessThan(100)
  })
})
