import { internals } from '@ripen/store/internal'
import { describe, expect, test } from 'vitest'
import { Channel, type ChannelMeta, type Revision } from '../../packages/store/src/channel/index.ts'
import { until } from '../support/deadline.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { channelOf, testChannel } from './test-channel.ts'

const microseconds = (time: readonly [number, number] | undefined): number =>
  (time?.[0] ?? Number.NaN) * 1_000_000 + (time?.[1] ?? Number.NaN)

onEachServer((_name, server) => {
  describe('compare-and-set', () => {
    test('a set with the current revision is applied, with another it is refused and tells the current one', async () => {
      const channel = testChannel(server.url)
      const first = await channel.set({ n: 0 })
      const second = await channel.set(1, 'n', { ifRev: first })
      expect(second).toEqual({ epoch: first.epoch, rev: 1 })
      await expect(channel.set(2, 'n', { ifRev: first })).rejects.toMatchObject({ code: 'RIPEN_REVISION', revision: second })
      await expect(channel.set(2, '.', { ifRev: 0 })).rejects.toMatchObject({ code: 'RIPEN_REVISION', revision: second })
      expect(await channel.data()).toMatchObject({ _ipc_obj: { n: 1 }, _ipc_meta: { rev: 1 } })
      expect(await channel.set(2, 'n', { ifRev: 1 })).toEqual({ epoch: first.epoch, rev: 2 })
    })

    test('the revision of an earlier epoch does not fit, a number does', async () => {
      const channel = testChannel(server.url)
      const old = await channel.set('old')
      const now = await channel.reset('new')
      await expect(channel.set('lost', '.', { ifRev: old })).rejects.toMatchObject({ code: 'RIPEN_REVISION', revision: now })
      expect(await channel.set('by number', '.', { ifRev: 0 })).toEqual({ epoch: now.epoch, rev: 1 })
    })

    test('what is not initialised has no revision', async () => {
      const channel = testChannel(server.url)
      await expect(channel.set(1, '.', { ifRev: 0 })).rejects.toMatchObject({ code: 'RIPEN_REVISION', revision: null })
      expect(await channel.isInitialized()).toBe(false)
    })

    test('of many that read, add and set, none loses what another added', async () => {
      const store = testStore(server.url)
      const channel = channelOf(store)
      await channel.set(0)
      const refused: unknown[] = []
      const add = async (): Promise<void> => {
        const own = new Channel<number>(store, 'test')
        for (let done = 0; done < 20;) {
          const state = await own.getIfUpdated()
          if (!state.changed) throw new Error('not initialised')
          try {
            await own.set(state.value + 1, '.', { ifRev: state })
            done++
          } catch (error) {
            refused.push((error as { code: string }).code)
          }
        }
      }
      await Promise.all(Array.from({ length: 5 }, add))
      expect(await channel.data()).toMatchObject({ _ipc_obj: 100, _ipc_meta: { rev: 100 } })
      expect([...new Set(refused)]).toEqual(['RIPEN_REVISION'])
    })
  })

  describe('epochs', () => {
    test('a reset is a new epoch at rev 0, and sets both times', async () => {
      const channel = testChannel(server.url)
      await channel.set({})
      for (let i = 0; i < 5; i++) await channel.set(i, 'n')
      const before = (await channel.meta())!
      const revision = await channel.reset({ fresh: true })
      const after = (await channel.meta())!
      expect(revision).toEqual({ epoch: after.epoch, rev: 0 })
      expect(after.epoch).toBeGreaterThan(before.epoch)
      expect(after.created_at).toEqual(after.updated_at)
      expect(microseconds(after.created_at)).toBeGreaterThan(microseconds(before.updated_at))
      expect(await channel.get()).toEqual({ fresh: true })
    })

    test('of 200 resets, deletes and creations in a row, no two have the same epoch, also when the clock goes back', async () => {
      const store = testStore(server.url)
      const channel = channelOf(store)
      const epochs: number[] = []
      for (let i = 0; i < 100; i++) {
        if (i === 50) store.clockOffset = -3_600_000
        epochs.push((await channel.reset(i)).epoch)
        expect(await channel.delete()).toBe(true)
        expect(await channel.delete()).toBe(false)
        epochs.push((await channel.set(i)).epoch)
      }
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b))
    })

    test('a delete leaves nothing but the epoch, for a day', async () => {
      const store = testStore(server.url)
      const channel = channelOf(store)
      const { epoch } = await channel.set({ large: 'x'.repeat(1_000) })
      await channel.delete()
      const { caller } = internals(store)
      expect(await caller.call((client) => client.hgetall(channel.redisKey))).toEqual({ epoch: String(epoch) })
      const ttl = await caller.call((client) => client.pttl(channel.redisKey))
      expect(ttl).toBeGreaterThan(86_390_000)
      expect(ttl).toBeLessThanOrEqual(86_400_000)
      expect([await channel.get(), await channel.meta(), await channel.isInitialized()]).toEqual([null, null, false])
      expect(await channel.ensure(1)).toBe(false)
      expect(await caller.call((client) => client.pttl(channel.redisKey))).toBe(-1)
    })
  })

  test('the time of the update grows with every change, however fast they come, and that of the creation stays', async () => {
    const channel = testChannel(server.url)
    await channel.set({ n: 0 })
    const created = await channel.meta('created_at')
    const pipelines = Array.from({ length: 200 }, () => channel.pipeline().query('numincrby', 'n', 1).meta().exec())
    const metas = (await Promise.all(pipelines)).map(([, meta]) => meta as ChannelMeta)
    const times = metas.map(({ updated_at }) => microseconds(updated_at))
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    expect(metas.map(({ rev }) => rev)).toEqual(Array.from({ length: 200 }, (_value, i) => i + 1))
    expect(metas.every(({ created_at }) => microseconds(created_at) === microseconds(created!))).toBe(true)
  })

  test('times are those of the server, moved by clockOffset', async () => {
    const store = testStore(server.url)
    const channel = channelOf(store)
    store.clockOffset = 86_400_000
    await channel.set(1)
    const [seconds = 0] = (await channel.meta('created_at')) ?? []
    expect(Math.abs(seconds * 1_000 - (await store.now()))).toBeLessThan(5_000)
  })

  test('getIfUpdated gives the value only when it has another revision', async () => {
    const channel = testChannel(server.url)
    expect(await channel.getIfUpdated()).toEqual({ changed: false })
    expect(await channel.getIfUpdated({ epoch: 1, rev: 0 })).toEqual({ changed: false })
    const first = await channel.set(null)
    const state = await channel.getIfUpdated()
    expect(state).toEqual({ changed: true, value: null, ...first })
    expect(await channel.getIfUpdated(first)).toEqual({ changed: false })
    expect(await channel.getIfUpdated(state as { changed: true } & Revision)).toEqual({ changed: false })
    const second = await channel.set([1])
    expect(await channel.getIfUpdated(first)).toEqual({ changed: true, value: [1], ...second })
    // A reset back to the same rev, with the same value, is a change.
    const reset = await channel.reset([1])
    await channel.set([1])
    expect(await channel.getIfUpdated(second)).toEqual({ changed: true, value: [1], epoch: reset.epoch, rev: 1 })
    await channel.delete()
    expect(await channel.getIfUpdated(second)).toEqual({ changed: false })
  })

  test('20 at once: one creates it, the others find it there', async () => {
    const store = testStore(server.url)
    const answers = await Promise.all(Array.from({ length: 20 }, (_value, i) => new Channel(store, 'test').ensure(i)))
    expect(answers.filter((existed) => !existed).length).toBe(1)
    expect(await channelOf(store).get()).toBe(answers.indexOf(false))
  })

  test('with expire it ends that long after the last change; without, it stays', async () => {
    const store = testStore(server.url)
    const { caller } = internals(store)
    const channel = channelOf(store, { expire: '2 s' })
    const ttl = (): Promise<number> => caller.call((client) => client.pttl(channel.redisKey))
    await channel.set({ n: 0 })
    expect(await ttl()).toBeGreaterThan(1_500)
    await until(async () => (await ttl()) < 1_900, 1_000, 'some time')
    await channel.query('numincrby', 'n', 1)
    expect(await ttl()).toBeGreaterThan(1_900)
    // Reading, and what changes nothing, does not keep it.
    await until(async () => (await ttl()) < 1_900, 1_000, 'some time')
    await channel.get()
    await channel.query('del', 'missing')
    expect(await ttl()).toBeLessThan(1_900)
    const before = (await channel.meta())!
    await until(async () => !(await channel.isInitialized()), 4_000, 'the end')
    expect([await channel.get(), await channel.meta()]).toEqual([null, null])
    expect((await channel.set({ n: 0 })).epoch).toBeGreaterThan(before.epoch)
    await new Channel(store, 'test').set(1, 'n')
    expect(await ttl()).toBe(-1)
  })
})
