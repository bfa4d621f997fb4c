import { describe, expect, test } from 'vitest'
import vm from 'node:vm'
import { oddValues } from '../../../../test/support/odd-values.ts'
import { describeError, type DescribedError } from './describe-error.ts'
import { toError } from './to-error.ts'

const lone = /\p{Surrogate}/u

function lengthOf({ name, message, code = '', stack = '' }: DescribedError): number {
  return name.length + message.length + code.length + stack.length
}

describe('describeError', () => {
  test.for(oddValues())('%s is described in bounded text', ([, value]) => {
    const described = describeError(value)
    expect(described.name.length).toBeLessThanOrEqual(200)
    expect(described.code?.length ?? 0).toBeLessThanOrEqual(200)
    expect(described.message.length).toBeLessThanOrEqual(8_000)
    expect(described.stack?.length ?? 0).toBeLessThanOrEqual(8_000)
    const text = JSON.stringify(described)
    expect(text.length).toBeLessThan(100_000)
    expect(JSON.parse(text)).toEqual(described)
    expect(lone.test(described.name + described.message + (described.code ?? '') + (described.stack ?? ''))).toBe(false)
  })

  test.for(oddValues())('%s becomes an error that can be read', ([, value]) => {
    const error = toError(value)
    expect(typeof error.name).toBe('string')
    expect(typeof error.message).toBe('string')
  })

  test('an error as it is', () => {
    const error = Object.assign(new TypeError('bad'), { code: 'E_BAD' })
    expect(describeError(error)).toEqual({ name: 'TypeError', message: 'bad', code: 'E_BAD', stack: error.stack })
    expect(toError(error)).toBe(error)
  })

  test('an error of another realm', () => {
    const error: unknown = vm.runInNewContext(`Object.assign(new RangeError('far'), { code: 'E_FAR' })`)
    expect(describeError(error)).toMatchObject({ name: 'RangeError', message: 'far', code: 'E_FAR', stack: expect.stringContaining('far') })
    expect(toError(error)).toBe(error)
  })

  test.for([
    ['text', 'plain text', 'plain text'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a BigInt', 10n, '10'],
    ['a function', () => 1, 'a function'],
    ['an object with a message', { message: 'quota exceeded', code: 'E_QUOTA' }, 'quota exceeded'],
    ['an object', { status: 404, at: [1, 'two'] }, '{"status":404,"at":[1,"two"]}'],
    ['an object with a text of its own', { toString: () => 'told' }, 'told'],
    ['an array', [1, [2, [3, [4]]]], '[1,[2,[3,[…]]]]'],
    ['an object without a prototype', Object.create(null), '{}'],
    ['bytes in an object', { body: Buffer.from('abc') }, '{"body":"3 bytes"}'],
    ['a date', new Date(0), String(new Date(0))],
    ['a revoked proxy', revoked(), 'a value that cannot be read'],
  ])('a thrown value that is no error: %s', ([, value, message]) => {
    expect(describeError(value)).toMatchObject({ name: 'NonError', message })
    expect(toError(value)).toMatchObject({ name: 'NonError', message })
  })

  test('the code of a thrown object', () => {
    expect(describeError({ message: 'quota exceeded', code: 'E_QUOTA' }).code).toBe('E_QUOTA')
    expect(describeError({ message: 'gone', code: 410 }).code).toBe('410')
    expect(describeError(new DOMException('stopped', 'AbortError'))).toMatchObject({ name: 'AbortError', message: 'stopped' })
    expect(describeError(new DOMException('stopped', 'AbortError')).code).toBeUndefined()
  })

  test('a name that is no text', () => {
    expect(describeError(Object.assign(new TypeError('x'), { name: 5n })).name).toBe('5')
    expect(describeError(Object.assign(new TypeError('x'), { name: Symbol('n') })).name).toBe('Symbol(n)')
    expect(describeError(Object.assign(new TypeError('x'), { name: {} })).name).toBe('TypeError')
  })

  test('causes, five deep', () => {
    let error = new Error('cause 0')
    for (let level = 1; level <= 8; level++) error = new Error(`cause ${level}`, { cause: error })
    const messages: string[] = []
    for (let at: DescribedError | undefined = describeError(error); at !== undefined; at = at.cause) messages.push(at.message)
    expect(messages).toEqual(['cause 8', 'cause 7', 'cause 6', 'cause 5', 'cause 4', 'cause 3'])
  })

  test('a cycle of causes ends', () => {
    const error = new Error('round')
    error.cause = new Error('and round', { cause: error })
    expect(describeError(error)).toMatchObject({ cause: { message: 'and round' } })
    expect(describeError(error).cause?.cause).toBeUndefined()
  })

  test('a cause that is text', () => {
    expect(describeError(new Error('x', { cause: 'the disk is full' })).cause).toEqual({ name: 'NonError', message: 'the disk is full' })
  })

  test('ten parts of an AggregateError, with their causes', () => {
    const parts = Array.from({ length: 12 }, (_value, index) => new Error(`part ${index}`, { cause: new Error(`cause ${index}`) }))
    const { errors = [] } = describeError(new AggregateError(parts, 'all failed'))
    expect(errors.map(({ message, cause }) => `${message}, ${cause?.message}`)).toEqual(
      Array.from({ length: 10 }, (_value, index) => `part ${index}, cause ${index}`),
    )
  })

  test('2,000 characters of a cause, and a bound for all', () => {
    const wide = (level: number): Error =>
      level === 0
        ? new Error('x'.repeat(9_000))
        : new AggregateError(
            Array.from({ length: 10 }, () => wide(level - 1)),
            'y'.repeat(900),
          )
    const described = describeError(wide(3))
    expect(described.errors).toHaveLength(10)
    let count = 0
    const walk = ({ errors = [] }: DescribedError): void =>
      errors.forEach((part) => {
        count++
        expect(lengthOf(part)).toBeLessThanOrEqual(2_000)
        walk(part)
      })
    walk(described)
    expect(count).toBe(25)
  })

  test('a pair of surrogates is not cut in two', () => {
    const { message } = describeError(new Error(`${'x'.repeat(7_999)}😀`))
    expect(message).toBe('x'.repeat(7_999))
    expect(describeError(new Error('a\uD800b')).message).toBe('a\uFFFDb')
  })
})

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
