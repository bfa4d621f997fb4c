import vm from 'node:vm'
import { describe, expect, test } from 'vitest'
import { oddValues } from '../../../../../test/support/odd-values.ts'
import { logLine } from './log-line.ts'
import { plainFields } from './plain-fields.ts'

const lone = /\p{Surrogate}/u

describe('a line', () => {
  test.for(oddValues())('with %s as its message, as its fields, and in them', ([, value]) => {
    for (const line of [logLine(1, value, undefined), logLine(1, 'm', value), logLine(1, 'm', { a: 1, value, z: 2 })]) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2_048)
      expect(line).not.toContain('\n')
      expect(lone.test(line)).toBe(false)
      const [at, message, fields = {}] = JSON.parse(line) as [number, string, object?]
      expect([at, typeof message, typeof fields, Array.isArray(fields)]).toEqual([1, 'string', 'object', false])
    }
  })

  test('is as short as it may be', () => {
    expect(logLine(5, 'sent', undefined)).toBe('[5,"sent"]')
    expect(logLine(5, 'sent', {})).toBe('[5,"sent"]')
    expect(logLine(5, 'sent', { to: 'ada' })).toBe('[5,"sent",{"to":"ada"}]')
  })

  test.for<[string, string, unknown]>([
    ['a long message', 'x'.repeat(10_000), undefined],
    ['a long message of wide characters', '漢'.repeat(10_000), undefined],
    ['a long message of pairs', '😀'.repeat(10_000), undefined],
    ['control characters', '\u0000'.repeat(10_000), undefined],
    ['long fields', 'm', { text: 'x'.repeat(10_000) }],
    ['wide fields', 'm', { text: '漢'.repeat(10_000) }],
    ['many fields', 'm', Object.fromEntries(Array.from({ length: 5_000 }, (_value, index) => [`key ${index}`, index]))],
    ['a long key', 'm', { ['k'.repeat(10_000)]: 1 }],
    ['both', 'x'.repeat(10_000), { text: 'y'.repeat(10_000) }],
  ])('of 2 kB at most: %s', ([, message, fields]) => {
    const line = logLine(1_700_000_000_000, message, fields)
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2_048)
    expect(Buffer.byteLength(line)).toBeGreaterThan(200)
    expect(line).toContain('…')
  })

  test('a long message leaves short fields as they are', () => {
    const [, message, fields] = JSON.parse(logLine(1, 'x'.repeat(10_000), { to: 'ada' })) as [number, string, object]
    expect(fields).toEqual({ to: 'ada' })
    expect(message).toMatch(/^x{1900,}…$/)
  })
})

describe('fields', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  const shared = { a: 1 }
  class Point {
    readonly x = 1
    get y(): number {
      throw new Error('no')
    }
  }

  test.for<[string, unknown, unknown]>([
    ['none', undefined, {}],
    ['what JSON holds', { a: [1, 'two', null, true], b: { c: -0.5 } }, { a: [1, 'two', null, true], b: { c: -0.5 } }],
    ['a BigInt', { size: 10n }, { size: '10' }],
    ['no number', { size: Number.NaN }, { size: 'NaN' }],
    ['a function', { call: () => 1 }, { call: 'a function' }],
    ['what is not there', { a: undefined, b: 1 }, { b: 1 }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a cycle', cycle, { name: 'cycle', self: 'a value that it is part of' }],
    ['an object that comes twice', { one: shared, two: shared }, { one: { a: 1 }, two: { a: 1 } }],
    ['a getter that throws', { get bad(): never { throw new Error('no') }, good: 1 }, { bad: 'a value that cannot be read', good: 1 }], // prettier-ignore
    ['an instance', new Point(), { x: 1 }],
    ['bytes', { body: new Uint8Array(3), whole: new ArrayBuffer(4), shared: new SharedArrayBuffer(5) }, { body: '3 bytes', whole: '4 bytes', shared: '5 bytes' }], // prettier-ignore
    ['a Buffer alone', Buffer.alloc(6), { value: '6 bytes' }],
    ['what has a name and a message', { name: 'ada', message: 'hello', to: 'bob' }, { name: 'ada', message: 'hello', to: 'bob' }],
    ['a map and a set', { map: new Map([['k', 1]]), set: new Set([1]) }, { map: [['k', 1]], set: [1] }],
    ['a name of its own for Object.prototype', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    ['a list', [1, 2], { value: [1, 2] }],
    ['a text', 'text', { value: 'text' }],
    ['a long list', { list: Array.from({ length: 2_000 }, () => 'item') }, { list: expect.arrayContaining(['item', expect.stringMatching(/^… \d+ more$/)]) }], // prettier-ignore
  ])('%s', ([, given, kept]) => {
    expect(plainFields(given, 2_000)).toEqual(kept)
  })

  test('an error, alone or among others', () => {
    const error = Object.assign(new RangeError('far', { cause: new Error('root') }), { code: 'E_FAR' })
    const told = { name: 'RangeError', message: 'far', code: 'E_FAR', cause: expect.objectContaining({ message: 'root' }) }
    expect(plainFields(error, 4_000)).toMatchObject({ ...told, stack: expect.stringContaining('far') })
    expect(plainFields({ error }, 4_000)).toMatchObject({ error: told })
  })

  test('an error as it is told elsewhere, whatever class and realm it is of', () => {
    const near = new DOMException('took too long', 'TimeoutError')
    expect(plainFields(near, 4_000)).toMatchObject({ name: 'TimeoutError', message: 'took too long' })
    expect(plainFields({ err: near }, 4_000)).toMatchObject({ err: { name: 'TimeoutError', message: 'took too long' } })
    const far: unknown = vm.runInNewContext(`Object.create(new RangeError('far'))`)
    expect(plainFields({ far }, 4_000)).toMatchObject({ far: { name: 'RangeError', message: 'far' } })
    const many = new AggregateError([new Error('one'), new TypeError('two')], 'both')
    expect(plainFields({ many }, 4_000)).toMatchObject({
      many: { name: 'AggregateError', message: 'both', errors: [{ message: 'one' }, { name: 'TypeError', message: 'two' }] },
    })
  })

  test('bytes are told without a look at them', () => {
    const body = Buffer.alloc(8)
    body.toJSON = () => {
      throw new Error('each byte is copied')
    }
    for (const line of [logLine(1, 'm', { body }), logLine(1, 'm', body), logLine(1, { body }, undefined), logLine(1, body, undefined)])
      expect(line).toContain('8 bytes')
  })

  test('large objects are listed once, not each', () => {
    let listed = 0
    const members = Object.fromEntries(Array.from({ length: 30_000 }, (_value, index) => [`k${index}`, undefined]))
    const ownKeys = (target: object): PropertyKey[] => {
      listed++
      return Reflect.ownKeys(target)
    }
    const large = (): object => new Proxy(members, { ownKeys } as ProxyHandler<object>)
    expect(plainFields({ list: Array.from({ length: 100 }, large), last: 1 }, 2_000)).toMatchObject({ last: 1 })
    expect(listed).toBe(1)
  })
})
