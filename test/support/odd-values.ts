import vm from 'node:vm'

/**
 * Values that somebody may throw, return or report, and that cannot all be read, printed or written as JSON.
 * Each name is told with a failure.
 */
export function oddValues(): [name: string, value: unknown][] {
  const cycle: Record<string, unknown> = { name: 'cycle' }
  cycle['self'] = cycle
  const round = new Error('round')
  round.cause = new Error('and round', { cause: round })
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const { proxy: revokedFunction, revoke: revokeFunction } = Proxy.revocable(() => 1, {})
  revokeFunction()
  const fail = (): never => {
    throw new TypeError('not to be read')
  }
  const hostile = new Proxy(
    {},
    {
      get: fail,
      has: fail,
      ownKeys: fail,
      getPrototypeOf: fail,
      getOwnPropertyDescriptor: fail,
    },
  )
  // Answers every question with another such thing.
  const endless: object = new Proxy(() => undefined, { get: (_target, key) => (key === Symbol.toPrimitive ? undefined : endless) })
  let nested: unknown = 'deep'
  for (let level = 0; level < 10_000; level++) nested = { nested }
  let chained = new Error('first')
  for (let level = 0; level < 10_000; level++) chained = new Error(`level ${level}`, { cause: chained })
  const with_ = (members: object): Error => Object.defineProperties(new Error('an error'), Object.getOwnPropertyDescriptors(members))
  return [
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['0', 0],
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['empty text', ''],
    ['long text', 'long '.repeat(20_000)],
    ['text of control characters', '\u0000\u0007\u001B'.repeat(5_000)],
    ['a lone surrogate', 'a\uD800b'],
    ['text whose limit is in a pair', '😀'.repeat(5_001)],
    ['a symbol', Symbol('odd')],
    ['a BigInt', 10n],
    ['a large BigInt', 2n ** 100_000n],
    ['a function', () => 1],
    [
      'a class',
      class Odd {
        readonly odd = true
      },
    ],
    ['an object', { status: 404 }],
    ['an object with a message', { message: 'quota exceeded', code: 'E_QUOTA' }],
    ['an object with odd members', { message: Symbol('m'), code: 5n, name: [], stack: 7, cause: 'c', errors: 'e' }],
    ['an object without a prototype', Object.create(null)],
    ['a cycle', cycle],
    ['a deep object', nested],
    ['a wide object', Object.fromEntries(Array.from({ length: 1_000 }, (_value, index) => [`member ${index}`, index]))],
    ['a sparse array', Object.assign([], { length: 4_000_000_000 })],
    ['a large array', Array.from({ length: 5_000 }, () => 'item')],
    ['a map', new Map([[1, 2]])],
    ['a date', new Date(0)],
    ['a date that is none', new Date(Number.NaN)],
    ['bytes', new Uint8Array(10_000)],
    ['a toJSON that throws', { toJSON: fail }],
    ['a toJSON that answers itself', { toJSON: (): unknown => ({ toJSON: (): unknown => cycle }) }],
    ['a toString that throws', { toString: fail, [Symbol.toPrimitive]: fail }],
    ['a toString that answers an object', { toString: () => ({}) }],
    ['a getter that throws', Object.defineProperty({}, 'message', { get: fail, enumerable: true })],
    ['a then that throws', Object.defineProperty({}, 'constructor', { get: fail })],
    ['a proxy that throws', hostile],
    ['a proxy without an end', endless],
    ['a revoked proxy', revoked],
    ['a revoked function', revokedFunction],
    ['an error', new Error('an error')],
    ['an error without a message', new Error()],
    ['an error with a long message', new RangeError('x'.repeat(100_000))],
    ['an error whose name is a BigInt', with_({ name: 7n })],
    ['an error whose name is a symbol', with_({ name: Symbol('name') })],
    ['an error whose name is a cycle', with_({ name: cycle })],
    [
      'an error whose name cannot be read',
      with_({
        get name(): string {
          return fail()
        },
      }),
    ],
    [
      'an error whose message cannot be read',
      with_({
        get message(): string {
          return fail()
        },
      }),
    ],
    [
      'an error whose stack cannot be read',
      with_({
        get stack(): string {
          return fail()
        },
      }),
    ],
    [
      'an error whose cause cannot be read',
      with_({
        get cause(): unknown {
          return fail()
        },
      }),
    ],
    ['an error whose code is an object', with_({ code: { a: 1 } })],
    ['an error with long members', with_({ name: 'n'.repeat(5_000), code: 'c'.repeat(5_000), stack: 's'.repeat(50_000) })],
    ['an error with lone surrogates', with_({ name: '\uDC00', code: '\uD800', message: 'm\uD800' })],
    ['an error with a toJSON', with_({ toJSON: fail })],
    ['an error of another realm', vm.runInNewContext(`Object.assign(new TypeError('far'), { code: 'E_FAR' })`)],
    ['a DOMException', new DOMException('stopped', 'AbortError')],
    ['a copy of a DOMException', Object.create(DOMException.prototype)],
    ['a proxy of an error', new Proxy(new Error('behind a proxy'), { getPrototypeOf: fail })],
    ['a cycle of causes', round],
    ['a long chain of causes', chained],
    [
      'many parts',
      new AggregateError(
        Array.from({ length: 1_000 }, (_value, index) => new Error(`part ${index}`)),
        'all failed',
      ),
    ],
    ['parts that cannot be read', new AggregateError([revoked, hostile, endless, cycle], 'odd parts')],
  ]
}
