import { expect, test } from 'vitest'
import { Channel, type QueryResults } from '../../packages/store/src/channel/index.ts'
import { testStore } from '../support/test-store.ts'
import { channelOf } from './test-channel.ts'

// None of this reaches the server.
const configuration = (option: string): object => ({ code: 'RIPEN_CONFIGURATION', option })

test('labels and options', () => {
  const store = testStore()
  for (const label of ['', 'a b', 'a{b}', 'x'.repeat(129), 1, undefined])
    expect(() => new Channel(store, label as string)).toThrow(expect.objectContaining(configuration('label')))
  expect(new Channel(store, 'a_b.c:d-1').label).toBe('a_b.c:d-1')
  expect(() => new Channel(store, 'a', { expires: 1 } as object)).toThrow(/did you mean 'expire'/)
  for (const expire of [0, -1, '5 weeks', Number.NaN])
    expect(() => new Channel(store, 'a', { expire } as object)).toThrow(expect.objectContaining(configuration('expire')))
  expect(() => new Channel({} as typeof store, 'a')).toThrow(expect.objectContaining(configuration('store')))
})

test('values that have no JSON form, or too much of it', async () => {
  const channel = channelOf(testStore())
  const cycle: unknown[] = []
  cycle.push(cycle)
  const large = 'x'.repeat(4_194_303)
  for (const value of [undefined, () => 1, Symbol('x'), 1n, cycle, Number.NaN, Infinity, large]) {
    for (const call of [
      () => channel.set(value),
      () => channel.reset(value),
      () => channel.set(value, 'a'),
      () => channel.query('arrappend', 'a', value),
    ])
      await expect(call()).rejects.toMatchObject(configuration('value'))
  }
  expect(await channel.isInitialized()).toBe(false)
})

test('a value that would grow above 4 MiB is refused and stays as it is', async () => {
  const channel = channelOf(testStore())
  await channel.set({ a: 'x'.repeat(4_100_000), b: 1 })
  await expect(channel.set('x'.repeat(100_000), 'c')).rejects.toMatchObject(configuration('value'))
  await expect(channel.query('strappend', 'a', 'x'.repeat(100_000))).rejects.toMatchObject(configuration('value'))
  expect([await channel.meta('rev'), await channel.query('strlen', 'a'), await channel.get('b')]).toEqual([0, 4_100_000, 1])
})

test('operations and their arguments', async () => {
  const channel = channelOf(testStore())
  await channel.set({ n: 1, a: [] })
  await expect(channel.query('jsonfoo' as 'get')).rejects.toMatchObject(configuration('op'))
  await expect(channel.query('jsonfoo' as 'get')).rejects.toThrow(/numincrby.*arrtrim/)
  await expect(channel.query('constructor' as 'get')).rejects.toMatchObject(configuration('op'))
  const bad: [keyof QueryResults, string, unknown[], string][] = [
    ['numincrby', 'n', [], 'args'],
    ['numincrby', 'n', [1, 2], 'args'],
    ['numincrby', 'n', ['1'], 'amount'],
    ['numincrby', 'n', [Number.NaN], 'amount'],
    ['nummultby', 'n', [Infinity], 'factor'],
    ['strappend', 'n', [1], 'text'],
    ['arrappend', 'a', [], 'args'],
    ['arrinsert', 'a', [0], 'args'],
    ['arrinsert', 'a', [0.5, 1], 'index'],
    ['arrpop', 'a', ['0'], 'index'],
    ['arrtrim', 'a', [0], 'args'],
    ['arrtrim', 'a', [0, Number.NaN], 'stop'],
    ['arrindex', 'a', [1, 0.5], 'start'],
    ['toggle', 'n', [1], 'args'],
    ['get', 'n', ['a'], 'args'],
    ['set', 'n', [undefined], 'value'],
  ]
  for (const [op, path, args, option] of bad)
    await expect(channel.query(op, path, ...args), op).rejects.toMatchObject(configuration(option))
  expect(await channel.query('NUMINCRBY' as 'numincrby', 'n', 1)).toBe(2)
  expect(await channel.meta('rev')).toBe(1)
})

test('paths', async () => {
  const channel = channelOf(testStore())
  for (const path of ['a.', '..', 'a..b', 'a[', 1, null]) {
    for (const call of [
      () => channel.get(path as string),
      () => channel.set(1, path as string),
      () => channel.query('del', path as string),
    ])
      await expect(call(), String(path)).rejects.toMatchObject({ code: 'RIPEN_PATH' })
  }
})

test('revisions, fields of meta and options of calls', async () => {
  const channel = channelOf(testStore())
  for (const ifRev of [-1, 0.5, 'x', null, {}, { epoch: 1 }, { epoch: 1, rev: -1 }])
    await expect(channel.set(1, '.', { ifRev } as object)).rejects.toMatchObject(configuration('ifRev'))
  await expect(channel.set(1, '.', { ifrev: 1 } as object)).rejects.toThrow(/did you mean 'ifRev'/)
  for (const since of [1, null, {}, { epoch: 1, rev: '0' }])
    await expect(channel.getIfUpdated(since as never)).rejects.toMatchObject(configuration('since'))
  await expect(channel.meta('rew' as 'rev')).rejects.toMatchObject(configuration('key'))
  expect(() => channel.watch({ signal: 1 } as object)).toThrow(expect.objectContaining(configuration('signal')))
  expect(await channel.isInitialized()).toBe(false)
})

test('a pipeline checks what it is given at once, and takes 10,000 operations', async () => {
  const channel = channelOf(testStore())
  const pipeline = channel.pipeline()
  expect(() => pipeline.set(undefined)).toThrow(expect.objectContaining(configuration('value')))
  expect(() => pipeline.get('a.')).toThrow(expect.objectContaining({ code: 'RIPEN_PATH' }))
  expect(() => pipeline.query('nothing' as 'get')).toThrow(expect.objectContaining(configuration('op')))
  expect(pipeline.length).toBe(0)
  pipeline.set({ n: 0 })
  for (let i = 1; i < 10_000; i++) pipeline.query('numincrby', 'n', 1)
  expect(() => pipeline.get()).toThrow(expect.objectContaining(configuration('pipeline')))
  expect((await pipeline.exec()).at(-1)).toBe(9_999)
})
