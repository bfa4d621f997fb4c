import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { Channel, JsonPath } from '../../packages/store/src/channel/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { channelOf, testChannel } from './test-channel.ts'

// What RejsonIPC's own tests ask, and what stands in its place where Ripen decided otherwise. RJ-01 to RJ-10
// are beside JsonPath.

const time = expect.arrayContaining([expect.any(Number), expect.any(Number)])

onEachServer((_name, server) => {
  test('RJ-11 the key, the form of the document, and what paths lead to', async () => {
    const store = testStore(server.url, { prefix: 'rj-11' })
    const channel = channelOf(store)
    expect([channel.label, channel.redisKey]).toEqual(['test', '{rj-11::_ipc_test}'])
    await channel.reset({ key: 456 })
    expect(await channel.data()).toEqual({
      _ipc_obj: { key: 456 },
      _ipc_meta: { key: '{rj-11::_ipc_test}', rev: 0, epoch: expect.any(Number), created_at: time, updated_at: time },
    })
    expect(await channel.get('.')).toEqual({ key: 456 })
    expect(await channel.get('')).toEqual({ key: 456 })
    expect([await channel.get('key'), await channel.get('.key'), await channel.get(new JsonPath('.key'))]).toEqual([456, 456, 456])
    expect([await channel.meta('key'), (await channel.meta())?.key]).toEqual(['{rj-11::_ipc_test}', '{rj-11::_ipc_test}'])
    await expect(channel.meta('' as 'key')).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'key' })
  })

  test('RJ-12 it uses the connections of its store', async () => {
    const store = testStore(server.url)
    await store.ready()
    expect(await channelOf(store).isInitialized()).toBe(false)
  })

  test('RJ-13 ensure creates the document with its meta', async () => {
    const store = testStore(server.url)
    const channel = channelOf(store)
    expect(await channel.ensure(123)).toBe(false)
    const meta = await channel.meta()
    expect(meta).toEqual({ key: channel.redisKey, rev: 0, epoch: expect.any(Number), created_at: time, updated_at: time })
    expect(meta?.created_at).toEqual(meta?.updated_at)
    const [seconds = 0, microseconds = 0] = meta?.created_at ?? []
    expect(Math.abs(seconds * 1_000 + microseconds / 1_000 - (await store.now()))).toBeLessThan(5_000)
    expect(microseconds).toBeLessThan(1_000_000)
    expect(await channel.data()).toEqual({ _ipc_obj: 123, _ipc_meta: meta })
    expect(await channel.meta('rev')).toBe(0)
    const stored = await internals(store).caller.call((client) => client.hmget(channel.redisKey, 'value', 'rev', 'epoch'))
    expect(stored).toEqual(['123', '0', String(meta?.epoch)])
  })

  test('RJ-14 while it is not initialised, what it reads is null', async () => {
    const channel = testChannel(server.url)
    expect([await channel.data(), await channel.meta(), await channel.meta('rev'), await channel.get()]).toEqual([null, null, null, null])
    expect(await channel.isInitialized()).toBe(false)
    expect([await channel.type(), await channel.isNull(), await channel.type('a'), await channel.isNull('a')]).toEqual([
      null,
      null,
      null,
      null,
    ])
    expect([await channel.query('objkeys'), await channel.query('strlen', 'a'), await channel.query('mget', 'a', 'b')]).toEqual([
      null,
      null,
      [null, null],
    ])
    expect([await channel.getIfUpdated(), await channel.delete()]).toEqual([{ changed: false }, false])
  })

  test('RJ-15 a stored null is a value, and reading changes nothing', async () => {
    const channel = testChannel(server.url)
    expect(await channel.ensure()).toBe(false)
    const meta = await channel.meta()
    expect(await channel.isInitialized()).toBe(true)
    expect([await channel.type(), await channel.isNull(), await channel.get(), await channel.meta('rev')]).toEqual(['null', true, null, 0])
    for (let i = 0; i < 3; i++)
      expect([await channel.get(), await channel.type(), await channel.query('resp')]).toEqual([null, 'null', null])
    expect(await channel.meta()).toEqual(meta)
  })

  test('RJ-16 set creates it at rev 0, and ensure then leaves it alone', async () => {
    const channel = testChannel(server.url)
    expect(await channel.set(123)).toEqual({ epoch: expect.any(Number), rev: 0 })
    expect(await channel.ensure('str')).toBe(true)
    expect([await channel.get(), await channel.type(), await channel.meta('rev')]).toEqual([123, 'integer', 0])
  })

  test('RJ-17 setting a member raises rev and the time of the update', async () => {
    const channel = testChannel(server.url)
    await channel.ensure({ a: 123 })
    const before = (await channel.meta())!
    expect([await channel.type(), await channel.type('a')]).toEqual(['object', 'integer'])
    expect(await channel.set('str', 'a')).toEqual({ epoch: before.epoch, rev: 1 })
    const after = (await channel.meta())!
    expect(await channel.get()).toEqual({ a: 'str' })
    expect([after.rev, after.epoch, after.created_at]).toEqual([1, before.epoch, before.created_at])
    const [first, second] = [before, after].map(({ updated_at: [seconds, microseconds] }) => seconds * 1e6 + microseconds) as [
      number,
      number,
    ]
    expect(second).toBeGreaterThan(first)
  })

  test('RJ-18 a member cannot be set where there is no document', async () => {
    const channel = testChannel(server.url)
    await expect(channel.set(123, 'a')).rejects.toMatchObject({ code: 'RIPEN_PATH', path: 'a' })
    expect(await channel.isInitialized()).toBe(false)
    await channel.set({ a: 123 })
    expect(await channel.set({ b: 'str' }, 'b')).toMatchObject({ rev: 1 })
    expect(await channel.get()).toEqual({ a: 123, b: { b: 'str' } })
  })

  test('RJ-19 pipelines', async () => {
    const channel = testChannel(server.url)
    const numbers = Array.from({ length: 10 }, (_value, i) => i)
    await channel.set({})
    for (const i of numbers) await channel.set(i, `k${i}`)
    expect(await channel.get()).toEqual(Object.fromEntries(numbers.map((i) => [`k${i}`, i])))
    expect(await channel.meta('rev')).toBe(10)

    const writing = channel.pipeline().reset({})
    for (const i of numbers) writing.set(i * 2, `k${i}`)
    const results = await writing.exec()
    const epoch = await channel.meta('epoch')
    expect(results).toEqual(Array.from({ length: 11 }, (_value, rev) => ({ epoch, rev })))
    expect(await channel.get()).toEqual(Object.fromEntries(numbers.map((i) => [`k${i}`, i * 2])))
    expect(await channel.meta('rev')).toBe(10)
    expect(await channel.query('objkeys', '.')).toEqual(numbers.map((i) => `k${i}`))

    const reading = channel.pipeline()
    for (const i of numbers) reading.get(`k${i}`)
    expect(await reading.exec()).toEqual(numbers.map((i) => i * 2))
    expect(await channel.meta('rev')).toBe(10)
  })

  test('two channels of one label are the same, of other labels or prefixes not', async () => {
    const store = testStore(server.url)
    const [first, second] = [channelOf(store), new Channel(store, 'test')]
    await first.set(1)
    expect(await second.get()).toBe(1)
    expect(await new Channel(store, 'other').get()).toBeNull()
    expect(await testChannel(server.url).get()).toBeNull()
  })
})
