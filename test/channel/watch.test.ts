import { openStore } from '@ripen/store'
import { describe, expect, test } from 'vitest'
import { Channel, type ChannelState } from '../../packages/store/src/channel/index.ts'
import { until, within } from '../support/deadline.ts'
import { onEachServer } from '../support/conformance.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { ownServer } from '../faults/own-server.ts'
import { MovableClock } from '../support/movable-clock.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { channelOf } from './test-channel.ts'

const next = <T>(states: AsyncIterator<ChannelState<T>>): Promise<IteratorResult<ChannelState<T>>> =>
  within(4_000, states.next(), 'a state')

function isNewer(state: ChannelState<unknown>, before: ChannelState<unknown> | undefined): boolean {
  return before === undefined || state.epoch > before.epoch || (state.epoch === before.epoch && state.rev > before.rev)
}

onEachServer((_name, server) => {
  test('the current value first, then each change', async () => {
    const store = testStore(server.url)
    const channel = channelOf<{ n: number }>(store)
    const revision = await channel.set({ n: 0 })
    const states = channel.watch()
    expect(await next(states)).toEqual({ done: false, value: { value: { n: 0 }, ...revision } })
    for (let n = 1; n < 4; n++) {
      const coming = next(states)
      await new Channel(testStore(server.url, { prefix: prefixOf(channel) }), 'test').set({ n })
      expect((await coming).value).toEqual({ value: { n }, epoch: revision.epoch, rev: n })
    }
    await states.return?.()
    expect(await states.next()).toMatchObject({ done: true })
  })

  test('it waits for a channel that is not initialised, also after a delete', async () => {
    const channel = channelOf(testStore(server.url))
    const states = channel.watch()
    const coming = next(states)
    await channel.ensure(null)
    expect((await coming).value).toMatchObject({ value: null, rev: 0 })
    const again = next(states)
    await channel.delete()
    const { epoch } = await channel.set('again')
    expect((await again).value).toEqual({ value: 'again', epoch, rev: 0 })
    await states.return?.()
  })

  test('a slow reader skips to the newest', async () => {
    const channel = channelOf<number>(testStore(server.url))
    await channel.set(0)
    const states = channel.watch()
    expect((await next(states)).value).toMatchObject({ value: 0 })
    for (let n = 1; n <= 50; n++) await channel.set(n)
    const seen: number[] = []
    while (seen.at(-1) !== 50) seen.push((await next(states)).value.value)
    expect(seen.length).toBeLessThanOrEqual(2)
    await states.return?.()
  })

  test('no state is older than its revision or than one before, across 100 resets and 1,000 changes', { timeout: 60_000 }, async () => {
    const store = testStore(server.url)
    const channel = channelOf<{ n: number; resets: number }>(store)
    await channel.set({ n: 0, resets: 0 })
    const stop = new AbortController()
    const watchers = Array.from({ length: 3 }, async () => {
      let last: ChannelState<{ n: number; resets: number }> | undefined
      let states = 0
      for await (const state of new Channel<{ n: number; resets: number }>(store, 'test').watch({ signal: stop.signal })) {
        expect(isNewer(state, last)).toBe(true)
        // `n` counts the changes of the epoch.
        expect(state.value.n).toBe(state.rev)
        expect(state.value.resets).toBeGreaterThanOrEqual(last?.value.resets ?? 0)
        last = state
        states++
        if (state.value.resets === 100 && state.rev === 10) break
      }
      return states
    })
    for (let resets = 1; resets <= 100; resets++) {
      await Promise.all(Array.from({ length: 10 }, () => channel.query('numincrby', 'n', 1)))
      await channel.reset({ n: 0, resets })
    }
    await Promise.all(Array.from({ length: 10 }, () => channel.query('numincrby', 'n', 1)))
    const counts = await within(10_000, Promise.all(watchers), 'the last state')
    stop.abort()
    expect(Math.min(...counts)).toBeGreaterThan(20)
  })

  describe('its end', () => {
    test('is quiet when the signal aborts, before, while it waits and while it has given a state', async () => {
      const channel = channelOf(testStore(server.url))
      expect(await channel.watch({ signal: AbortSignal.abort() }).next()).toEqual({ done: true, value: undefined })
      const waits = new AbortController()
      const coming = next(channel.watch({ signal: waits.signal }))
      await channel.isInitialized()
      waits.abort(new Error('not thrown'))
      expect(await coming).toEqual({ done: true, value: undefined })
      await channel.set(1)
      const given = new AbortController()
      let seen = 0
      for await (const _state of channel.watch({ signal: given.signal })) {
        seen++
        given.abort()
      }
      expect(seen).toBe(1)
    })

    test('comes at once with return(), also while it waits, and gives up the subscription', async () => {
      const store = testStore(server.url)
      const channel = channelOf(store)
      const states = channel.watch()
      const coming = states.next()
      await channel.isInitialized()
      expect(await within(2_000, states.return!(), 'the return')).toMatchObject({ done: true })
      expect(await coming).toEqual({ done: true, value: undefined })
    })

    test('is a ClosingError when the store closes', async () => {
      const store = openStore({ url: server.url, prefix: randomPrefix() })
      const states = new Channel(store, 'test').watch()
      const coming = within(4_000, states.next(), 'the end')
      coming.catch(() => undefined)
      await new Channel(store, 'test').isInitialized()
      await store.close()
      await expect(coming).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
      await expect(new Channel(store, 'test').watch().next()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    })
  })
})

describeWithRedisServer('a watch', () => {
  test('has one subscription, and gives it up', async () => {
    const store = testStore((await ownServer()).url)
    const channel = channelOf(store)
    await channel.set(1)
    const name = `${channel.redisKey}:changed:0`
    const subscribers = async (): Promise<number> => Number((await store.redis.pubsub('NUMSUB', name))[1])
    const watches = [channel.watch(), channel.watch()]
    for (const states of watches) await next(states)
    await until(async () => (await subscribers()) === 1, 2_000, 'the subscription')
    await watches[0]!.return!()
    await channel.set(2)
    expect((await next(watches[1]!)).value).toMatchObject({ value: 2 })
    await watches[1]!.return!()
    await until(async () => (await subscribers()) === 0, 2_000, 'the end of the subscription')
  })

  test('hears what it missed when the server is there again', { timeout: 40_000 }, async () => {
    const server = await ownServer({ appendonly: 'always' })
    const store = testStore(server.url)
    const channel = channelOf(store)
    await channel.set({ n: 1 })
    const states = channel.watch()
    expect((await next(states)).value).toMatchObject({ value: { n: 1 } })
    await server.stop()
    const coming = within(10_000, states.next(), 'the state after the outage')
    const set = channel.set({ n: 2 })
    await server.start()
    await set
    expect((await coming).value).toMatchObject({ value: { n: 2 } })
    await states.return?.()
  })

  test('finds a change whose message was lost', async () => {
    const server = await ownServer()
    const clock = new MovableClock({ runs: true })
    const store = testStore(server.url, { clock })
    const channel = channelOf(store)
    await channel.set('first')
    const states = channel.watch()
    expect((await next(states)).value).toMatchObject({ value: 'first' })
    const coming = within(10_000, states.next(), 'the state')
    // Written by nobody who tells of it.
    await store.redis.hset(channel.redisKey, 'value', '"second"', 'rev', 1)
    await clock.advance(5_000)
    expect((await coming).value).toMatchObject({ value: 'second', rev: 1 })
    await states.return?.()
  })

  test('begins while the server is away', { timeout: 20_000 }, async () => {
    const server = await ownServer({ appendonly: 'always' })
    await server.stop()
    const channel = channelOf(testStore(server.url))
    const states = channel.watch()
    const coming = within(15_000, states.next(), 'the first state')
    await server.start()
    await channel.set('here')
    expect((await coming).value).toMatchObject({ value: 'here' })
    await states.return?.()
  })
})

function prefixOf(channel: Channel): string {
  return channel.redisKey.slice(1, channel.redisKey.indexOf(':'))
}
