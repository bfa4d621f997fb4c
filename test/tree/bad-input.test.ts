import { root, section, Tree, type Store } from '@ripen/store'
import { beforeEach, describe, expect, test } from 'vitest'
import { testStore } from '../support/test-store.ts'

let store: Store
beforeEach(() => {
  store = testStore()
})

const path = { code: 'RIPEN_PATH' }

test.each(['', '.a', 'a.', 'a..b', 'a\u0001b', 'a\n', 'x'.repeat(1_025), ['a', ''], ['a.b'], [1], 7, null, undefined])(
  'RD-21 the path %j is refused',
  (bad) => {
    expect(() => new Tree(store).at(bad as never)).toThrow(expect.objectContaining(path))
    expect(() => section(store, 'x').get(bad as never)).toThrow(expect.objectContaining(path))
  },
)

test('RD-21 what a path may be', () => {
  expect(new Tree(store).at('a.b').path).toBe('a.b')
  expect(new Tree(store).at([]).path).toBe('')
  expect(root(store).get(['ä b', '*', '{x}']).path).toBe('ä b.*.{x}')
})

describe('values', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic['self'] = cyclic
  test.each([
    ['a key with a dot', { 'a.b': 1 }, path],
    ['an empty key', { a: { '': 1 } }, path],
    ['a control character', { 'a\u0002': 1 }, path],
    ['undefined', undefined, { option: 'value' }],
    ['a function', () => 1, { option: 'value' }],
    ['a cycle', cyclic, { option: 'value' }],
    ['a BigInt', 1n, { option: 'value' }],
    ['too many leaves', Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [i, 1])), { option: 'value' }],
  ])('%s is refused, and nothing is written', async (_name, value, error) => {
    const home = section(store, 'bad')
    await home.set('x', 1)
    await expect(home.set('x', value)).rejects.toMatchObject(error)
    expect(await home.val()).toEqual({ x: 1 })
  })
})

test('options and amounts keep their rules', async () => {
  const home = section(store, 'bad')
  await expect(home.set('x', 1, { expire: 0 })).rejects.toMatchObject({ option: 'expire' })
  await expect(home.set('x', 1, { expires: 5 } as never)).rejects.toThrow("did you mean 'expire'")
  await expect(home.expire(-1)).rejects.toMatchObject({ option: 'ttl' })
  for (const amount of [Number.NaN, Number.POSITIVE_INFINITY, '1'])
    await expect(home.get('x').add(amount as number)).rejects.toMatchObject({ option: 'amount' })
  await expect(root(store).set([], 1)).rejects.toMatchObject({ option: 'path' })
  expect(() => new Tree(store, { locks: {} } as never)).toThrow("did you mean 'lock'")
  expect(await home.exists()).toBe(false)
})

test('add takes numbers only', async () => {
  const home = section(store, 'types')
  for (const value of ['1', null, true, [1], {}, 'x']) {
    await home.set('x', value)
    await expect(home.get('x').add(1)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
    expect(await home.get('x').val()).toEqual(value)
  }
  await home.set('x', { y: 1 })
  await expect(home.get('x').add(1)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
  await home.set('x', 1.7e308)
  await expect(home.get('x').add(1.7e308)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
  await expect(root(store).add(1)).rejects.toMatchObject({ code: 'RIPEN_WRONG_TYPE' })
})
