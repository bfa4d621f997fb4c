import { expect, test } from 'vitest'
import { Channel } from '../../packages/store/src/channel/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { channelOf, testChannel } from './test-channel.ts'

onEachServer((_name, server) => {
  test('every method, with the results that the channel itself gives', async () => {
    const channel = testChannel(server.url)
    const results = await channel
      .pipeline()
      .isInitialized()
      .data()
      .ensure({ n: 1, z: null })
      .ensure('again')
      .isInitialized()
      .type('n')
      .isNull('z')
      .isNull('missing')
      .query('numincrby', 'n', 2)
      .query('mget', 'n', 'z', 'x')
      .set('str', 's')
      .get('s')
      .get()
      .query('strappend', 's', 'ing')
      .meta('rev')
      .meta()
      .data()
      .reset([])
      .query('arrappend', '.', 1, 2)
      .exec()
    const epoch = (results[10] as { epoch: number }).epoch
    const meta = { key: channel.redisKey, rev: 3, epoch, created_at: expect.any(Array), updated_at: expect.any(Array) }
    const value = { n: 3, z: null, s: 'string' }
    const later = await channel.meta('epoch')
    expect(results).toEqual([
      false,
      null,
      false,
      true,
      true,
      'integer',
      true,
      null,
      3,
      [3, null, null],
      { epoch, rev: 2 },
      'str',
      { ...value, s: 'str' },
      6,
      3,
      meta,
      { _ipc_obj: value, _ipc_meta: meta },
      { epoch: later, rev: 0 },
      2,
    ])
    expect(later).toBeGreaterThan(epoch)
    expect(await channel.data()).toMatchObject({ _ipc_obj: [1, 2], _ipc_meta: { rev: 1, epoch: later } })
  })

  test('what one operation is refused for does not undo the others, and does not raise rev', async () => {
    const channel = testChannel(server.url)
    const results = await channel
      .pipeline()
      .set(1, 'a')
      .set({ s: 'x' })
      .query('numincrby', 's', 1)
      .set(1, 'a.b.c')
      .set(2, '.', { ifRev: 7 })
      .query('arrinsert', 's', 0, 1)
      .query('objlen', 's')
      .query('arrindex', 's', 1)
      .set(3, 'ok')
      .exec()
    const epoch = await channel.meta('epoch')
    expect(results).toEqual([
      expect.objectContaining({ code: 'RIPEN_PATH' }),
      { epoch, rev: 0 },
      expect.objectContaining({ code: 'RIPEN_WRONG_TYPE' }),
      expect.objectContaining({ code: 'RIPEN_PATH', path: 'a.b.c' }),
      expect.objectContaining({ code: 'RIPEN_REVISION', revision: { epoch, rev: 0 } }),
      expect.objectContaining({ code: 'RIPEN_WRONG_TYPE' }),
      expect.objectContaining({ code: 'RIPEN_WRONG_TYPE' }),
      expect.objectContaining({ code: 'RIPEN_WRONG_TYPE' }),
      { epoch, rev: 1 },
    ])
    expect(await channel.get()).toEqual({ s: 'x', ok: 3 })
  })

  test('nobody sees the channel between two operations', async () => {
    const store = testStore(server.url)
    const channel = channelOf(store)
    await channel.set({ a: 0, b: 0 })
    const move = async (): Promise<void> => {
      const own = new Channel(store, 'test')
      for (let i = 0; i < 50; i++) await own.pipeline().query('numincrby', 'a', 1).query('numincrby', 'b', -1).exec()
    }
    const moving = Promise.all([move(), move(), move()]).then(() => (done = true))
    let done = false
    let looks = 0
    while (!done) {
      const [a, b] = (await channel.query('mget', 'a', 'b')) as [number, number]
      expect(a + b).toBe(0)
      looks++
    }
    await moving
    expect(looks).toBeGreaterThan(5)
    expect(await channel.data()).toMatchObject({ _ipc_obj: { a: 150, b: -150 }, _ipc_meta: { rev: 300 } })
  })

  test('two pipelines of one channel do not meet, exec empties the queue, and nothing is nothing', async () => {
    const channel = testChannel(server.url)
    const [first, second] = [channel.pipeline(), channel.pipeline()]
    first.set({})
    second.get()
    first.set(1, 'a')
    expect([first.length, second.length]).toEqual([2, 1])
    expect(await second.exec()).toEqual([null])
    expect((await first.exec()).length).toBe(2)
    expect([first.length, await first.exec(), await channel.meta('rev')]).toEqual([0, [], 1])
    expect(await first.get('a').exec()).toEqual([1])
  })
})
