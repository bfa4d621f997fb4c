import { internals } from '@ripen/store/internal'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Channel, QueryResults } from '../../packages/store/src/channel/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { channelOf, testChannel } from './test-channel.ts'

type Op = keyof QueryResults
const path = { code: 'RIPEN_PATH' }
const type = { code: 'RIPEN_WRONG_TYPE' }

const document = {
  n: 5,
  f: 0.1,
  s: 'grüße 🙂',
  t: true,
  z: null,
  a: [1, 'two', { three: 3 }, [4]],
  e: [],
  o: { b: 1, a: { deep: [10, 20, 30] } },
  p: {},
}

onEachServer((_name, server) => {
  let channel: Channel

  beforeEach(async () => {
    channel = testChannel(server.url)
    await channel.set(document)
  })

  describe('operations that read', () => {
    test.for<[Op, string, unknown[], unknown]>([
      ['get', '.', [], document],
      ['get', 'o.a.deep[-1]', [], 30],
      ['get', 'a[2].three', [], 3],
      ['get', 'a[4]', [], null],
      ['get', 'a[-5]', [], null],
      ['get', 'n.x', [], null],
      ['get', 's[0]', [], null],
      ['get', 'a.0', [], null],
      ['get', 'o[0]', [], null],
      ['get', '__proto__', [], null],
      ['mget', 'n', ['f', 'missing', '.o.b'], [5, 0.1, null, 1]],
      ['type', 'n', [], 'integer'],
      ['type', 'f', [], 'number'],
      ['type', 's', [], 'string'],
      ['type', 't', [], 'boolean'],
      ['type', 'z', [], 'null'],
      ['type', 'a', [], 'array'],
      ['type', 'o', [], 'object'],
      ['type', 'missing', [], null],
      ['strlen', 's', [], 8],
      ['strlen', 'missing', [], null],
      ['arrlen', 'a', [], 4],
      ['arrlen', 'e', [], 0],
      ['objlen', 'o', [], 2],
      ['objlen', 'p', [], 0],
      ['objkeys', 'o', [], ['b', 'a']],
      ['objkeys', 'p', [], []],
      ['arrindex', 'a', ['two'], 1],
      ['arrindex', 'a', [{ three: 3 }], 2],
      ['arrindex', 'a', ['2'], -1],
      ['arrindex', 'a', ['two', 2], -1],
      ['arrindex', 'a', ['two', -3, 0], 1],
      ['arrindex', 'a', ['two', 0, 1], -1],
      ['arrindex', 'a', [[4], 0, -1], -1],
      ['arrindex', 'a', [[4], 0, 99], 3],
      ['arrindex', 'a', [1, -99], 0],
      ['arrindex', 'missing', [1], null],
      ['resp', 'a', [], ['[', 1, 'two', ['{', ['three', 3]], ['[', 4]]],
      ['resp', 't', [], 'true'],
      ['resp', 'f', [], '0.1'],
      ['resp', 'z', [], null],
      ['resp', 'p', [], ['{']],
    ])('%s %s %j', async ([op, at, args, result]) => {
      expect(await channel.query(op, at, ...args)).toEqual(result)
      expect(await channel.meta('rev')).toBe(0)
    })

    test.for<[Op, string, unknown[]]>([
      ['strlen', 'n', []],
      ['arrlen', 'o', []],
      ['objlen', 'a', []],
      ['objkeys', 's', []],
      ['arrindex', 'o', [1]],
    ])('%s %s is of the wrong type', async ([op, at, args]) => {
      await expect(channel.query(op, at, ...args)).rejects.toMatchObject(type)
    })
  })

  describe('operations that write', () => {
    test.for<[Op, string, unknown[], unknown, unknown]>([
      ['set', 'n', [6], { epoch: expect.any(Number), rev: 1 }, 6],
      ['numincrby', 'n', [2], 7, 7],
      ['numincrby', 'n', [0.5], 5.5, 5.5],
      ['numincrby', 'f', [0.2], 0.30000000000000004, 0.30000000000000004],
      ['numincrby', 'n', [-5], 0, 0],
      ['numincrby', 'n', [9_007_199_254_740_986], 9_007_199_254_740_991, 9_007_199_254_740_991],
      ['nummultby', 'n', [3], 15, 15],
      ['nummultby', 'n', [-0], 0, 0],
      ['nummultby', 'f', [1e-300], 1e-301, 1e-301],
      ['nummultby', 'n', [1e21], 5e21, 5e21],
      ['strappend', 's', ['"\\\u0000ü'], 12, 'grüße 🙂"\\\u0000ü'],
      ['strappend', 's', [''], 8, 'grüße 🙂'],
      ['arrappend', 'a', [5, { x: [] }], 6, [...document.a, 5, { x: [] }]],
      ['arrappend', 'e', [null], 1, [null]],
      ['arrinsert', 'a', [0, 'first'], 5, ['first', ...document.a]],
      ['arrinsert', 'a', [4, 'last'], 5, [...document.a, 'last']],
      ['arrinsert', 'a', [-1, 'x', 'y'], 6, [1, 'two', { three: 3 }, 'x', 'y', [4]]],
      ['arrinsert', 'e', [0, 1], 1, [1]],
      ['arrpop', 'a', [], [4], [1, 'two', { three: 3 }]],
      ['arrpop', 'a', [0], 1, ['two', { three: 3 }, [4]]],
      ['arrpop', 'a', [-2], { three: 3 }, [1, 'two', [4]]],
      ['arrpop', 'a', [99], [4], [1, 'two', { three: 3 }]],
      ['arrpop', 'a', [-99], 1, ['two', { three: 3 }, [4]]],
      ['arrtrim', 'a', [1, 2], 2, ['two', { three: 3 }]],
      ['arrtrim', 'a', [-2, -1], 2, [{ three: 3 }, [4]]],
      ['arrtrim', 'a', [-99, 99], 4, document.a],
      ['arrtrim', 'a', [2, 1], 0, []],
      ['arrtrim', 'a', [4, 9], 0, []],
      ['toggle', 't', [], false, false],
      ['clear', 'a', [], 1, []],
      ['clear', 'o', [], 1, {}],
      ['clear', 'n', [], 1, 0],
      ['del', 'o.a', [], 1, null],
      ['forget', 'a[-1]', [], 1, null],
    ])('%s %s %j', async ([op, at, args, result, value]) => {
      expect(await channel.query(op, at, ...args)).toEqual(result)
      expect(await channel.get(at)).toEqual(op === 'forget' ? { three: 3 } : value)
      expect(await channel.meta('rev')).toBe(1)
    })

    test.for<[Op, string, unknown[], unknown]>([
      ['del', 'missing', [], 0],
      ['del', 'a[9]', [], 0],
      ['arrpop', 'e', [], null],
      ['clear', 'e', [], 0],
      ['clear', 's', [], 0],
      ['clear', 'p', [], 0],
    ])('%s %s changes nothing, and rev stays', async ([op, at, args, result]) => {
      const before = await channel.data()
      expect(await channel.query(op, at, ...args)).toEqual(result)
      expect(await channel.data()).toEqual(before)
    })

    test.for<[Op, string, unknown[], { code: string }]>([
      ['set', 'missing.x', [1], path],
      ['set', 'a[4]', [1], path],
      ['set', 'a.x', [1], path],
      ['set', 'n.x', [1], path],
      ['set', 'o[0]', [1], path],
      ['numincrby', 'missing', [1], path],
      ['numincrby', 's', [1], type],
      ['numincrby', 'z', [1], type],
      ['nummultby', 'n', [1.7976931348623157e308], type],
      ['strappend', 'n', ['x'], type],
      ['strappend', 'missing', ['x'], path],
      ['arrappend', 'o', [1], type],
      ['arrinsert', 'a', [5, 1], path],
      ['arrinsert', 'a', [-5, 1], path],
      ['arrpop', 's', [], type],
      ['arrtrim', 'p', [0, 1], type],
      ['toggle', 'n', [], type],
      ['clear', 'missing', [], path],
      ['del', '.', [], path],
    ])('%s %s %j is refused, nothing is written and rev stays', async ([op, at, args, error]) => {
      const before = await channel.data()
      await expect(channel.query(op, at, ...args)).rejects.toMatchObject(error)
      expect(await channel.data()).toEqual(before)
    })

    test('none of them creates a channel', async () => {
      await channel.delete()
      for (const [op, ...args] of [
        ['del'],
        ['numincrby', 1],
        ['strappend', 'x'],
        ['arrappend', 1],
        ['arrpop'],
        ['toggle'],
        ['clear'],
        ['set', 1],
      ] as [Op][])
        await expect(channel.query(op, 'a', ...args), op).rejects.toMatchObject(path)
      expect(await channel.isInitialized()).toBe(false)
    })
  })

  test('keys of any kind', async () => {
    await channel.set({})
    const keys = ['', ' ', '.', '[0]', '"', '\\', '__proto__', 'constructor', 'ü', '🙂', '\ud83d', '\n', '0', '-1', '{}', ',', ':']
    for (const [i, key] of keys.entries()) await channel.set(i, `[${JSON.stringify(key)}]`)
    expect(await channel.query('objkeys')).toEqual(keys)
    for (const [i, key] of keys.entries()) expect(await channel.get(`[${JSON.stringify(key)}]`)).toBe(i)
    expect(({} as Record<string, unknown>)['6']).toBeUndefined()
    for (const key of keys) expect(await channel.query('del', `[${JSON.stringify(key)}]`)).toBe(1)
    expect(await channel.get()).toEqual({})
  })

  test('what is not touched keeps its text to the byte', async () => {
    const store = testStore(server.url)
    const exact = channelOf(store)
    await exact.set(null)
    // As another program may have written it: numbers that JavaScript would write in another way, or not
    // hold.
    const text = '{"big":12345678901234567890123,"one":1.0,"exp":1.0e21,"tiny":1e-7,"none":[],"empty":{},"u":"\\u00fc\\/","n":1}'
    await internals(store).caller.call((client) => client.hset(exact.redisKey, 'value', text))
    await exact.query('numincrby', 'n', 1)
    await exact.set([], 'new')
    await exact.query('arrappend', 'none', {})
    await exact.query('arrpop', 'none')
    const after = await internals(store).caller.call((client) => client.hget(exact.redisKey, 'value'))
    expect(after).toBe(text.replace('"n":1}', '"n":2,"new":[]}'))
  })

  test('values come back as JSON has them', async () => {
    for (const value of [
      0,
      -1,
      1e21,
      5e-324,
      Number.MAX_SAFE_INTEGER,
      '',
      '\u0000\u2028\ud83d',
      [],
      {},
      [[], {}, [[]]],
      { a: null },
      false,
    ]) {
      await channel.reset(value)
      expect(await channel.get()).toEqual(value)
    }
    await channel.set(new Date(0))
    expect(await channel.get()).toBe('1970-01-01T00:00:00.000Z')
  })
})
