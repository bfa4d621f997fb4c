import { describe, expect, test } from 'vitest'
import { resolveAddress, splitAddress, type Address } from './address.ts'

function resolve(address: string, [first, second, flat]: readonly [string | null, string | null, readonly string[]]): Address {
  return resolveAddress(splitAddress(address), ['0', first, second, flat])
}

describe('an address', () => {
  test('of an endpoint by its name alone', () => {
    expect(resolve('foo', [null, null, ['foo\nkv']])).toEqual({ provider: 'kv', node: '', endpoint: 'foo', specifier: '' })
    expect(resolve('foo.max-interval', [null, null, ['foo\nkv']])).toEqual({
      provider: 'kv',
      node: '',
      endpoint: 'foo',
      specifier: 'max_interval',
    })
  })

  test('of an endpoint of a provider', () => {
    expect(resolve('kv.foo', ['foo\nbar', null, []])).toEqual({ provider: 'kv', node: '', endpoint: 'foo', specifier: '' })
    expect(resolve('kv.foo.value', ['foo\nbar', null, []])).toEqual({ provider: 'kv', node: '', endpoint: 'foo', specifier: 'value' })
  })

  test('of an endpoint of a provider on a node', () => {
    expect(resolve('node.kv.foo.value', [null, 'foo', []])).toEqual({ provider: 'kv', node: 'node', endpoint: 'foo', specifier: 'value' })
  })

  test('of a provider, and of its attributes', () => {
    expect(resolve('kv', ['foo', null, []])).toEqual({ provider: 'kv', node: '', endpoint: '', specifier: '' })
    expect(resolve('node.kv', [null, 'foo', []])).toEqual({ provider: 'kv', node: 'node', endpoint: '', specifier: '' })
    expect(resolve('kv.endpoint-names', ['foo', null, []])).toEqual({ provider: 'kv', node: '', endpoint: '', specifier: 'endpoint_names' })
  })

  test.each([
    ['foo', [null, null, []]],
    ['foo', [null, null, ['foo\none', 'foo\ntwo']]],
    ['kv.nothing', ['foo', null, []]],
    ['othernode.kv.foo', [null, null, []]],
  ] as const)('%s, found as %j, is refused with 102', (address, found) => {
    expect(() => resolve(address, found)).toThrow(expect.objectContaining({ retcode: 102 }) as Error)
  })

  test.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a\nb', 'ä'])('%j has not the form of one', (address) => {
    expect(() => splitAddress(address)).toThrow(expect.objectContaining({ option: 'address' }) as Error)
  })
})
