import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/errors.ts'
import {
  any,
  boolean,
  identifier,
  integer,
  name,
  number,
  oneOf,
  optional,
  parseOptions,
  queueName,
  soughtIdentifier,
  span,
  text,
  type Rule,
} from './options.ts'

const rules = {
  lease: optional(span(100), 10_000),
  concurrency: optional(integer(1, 500), 1),
  maxStalls: optional(integer(0, 100), 3),
  closeTimeout: optional(span(), 25_000),
  isolate: optional(oneOf('process', 'thread'), undefined),
}

function refusal(call: () => unknown): ConfigurationError {
  let thrown: unknown
  try {
    call()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(ConfigurationError)
  return thrown as ConfigurationError
}

const parse = (input: unknown, path?: string): unknown => parseOptions('Worker options', input, rules, path)

describe('parseOptions', () => {
  test('fills in what is absent, and answers with every key', () => {
    const defaults = { lease: 10_000, concurrency: 1, maxStalls: 3, closeTimeout: 25_000, isolate: undefined }
    expect(parse(undefined)).toEqual(defaults)
    expect(parse({})).toEqual(defaults)
    expect(Object.keys(parse({}) as object)).toEqual(Object.keys(rules))
    expect(parse({ concurrency: undefined })).toEqual(defaults)
  })

  test('takes what keeps its rule', () => {
    expect(parse({ lease: '5 s', concurrency: 50, isolate: 'thread' })).toEqual({
      lease: 5_000,
      concurrency: 50,
      maxStalls: 3,
      closeTimeout: 25_000,
      isolate: 'thread',
    })
  })

  test.each([
    ['concurency', 'concurrency'],
    ['Concurrency', 'concurrency'],
    ['maxStals', 'maxStalls'],
    ['maxstalls', 'maxStalls'],
    ['leas', 'lease'],
    ['closeTimout', 'closeTimeout'],
    ['isolated', 'isolate'],
  ])("'%s' is unknown, and '%s' is suggested", (given, near) => {
    const error = refusal(() => parse({ [given]: 1 }))
    expect(error.option).toBe(given)
    expect(error.message).toBe(`${given}: is not an option of Worker options, did you mean '${near}'?`)
  })

  test('far from everything, the known ones are listed', () => {
    const error = refusal(() => parse({ elephants: 1 }))
    expect(error.message).not.toContain('did you mean')
    for (const key of Object.keys(rules)) expect(error.message).toContain(key)
  })

  test('an unknown key is refused also when it is undefined, or a name that every object has', () => {
    expect(refusal(() => parse({ elephants: undefined })).option).toBe('elephants')
    expect(refusal(() => parse({ constructor: 1 })).option).toBe('constructor')
    expect(refusal(() => parse(JSON.parse('{ "__proto__": 1 }'))).option).toBe('__proto__')
  })

  test('a nested path is in the name of the option', () => {
    expect(refusal(() => parse({ lease: -1 }, 'jobs[3].options')).option).toBe('jobs[3].options.lease')
    expect(refusal(() => parse({ leese: 1 }, 'jobs[3].options')).message).toMatch(/^jobs\[3\]\.options\.leese: .*did you mean 'lease'\?$/)
    const nested: Rule<unknown> = (option, value) => parseOptions('backoff', value, { delay: optional(span(), 1_000) }, option)
    const error = refusal(() => parseOptions('JobOptions', { backoff: { delay: 'soon' } }, { backoff: nested }))
    expect(error.option).toBe('backoff.delay')
    expect(error.message).toContain("got 'soon'")
  })

  test.each([[null], ['text'], [7], [true], [[]], [() => ({})]])('%o is no object of options', (input) => {
    expect(refusal(() => parse(input)).option).toBe('Worker options')
    expect(refusal(() => parse(input, 'retain')).option).toBe('retain')
  })
})

describe('rules', () => {
  test.each<[string, Rule<unknown>, unknown[], unknown[]]>([
    ['span', span(1), [1, '1 ms', 5_000, '2 h'], [0, 0.4, '0 s', -1, Number.NaN, '1', '', null, undefined]],
    ['integer', integer(-3, 500), [-3, 0, 500], [-4, 501, 1.5, Number.NaN, '7', 7n, null, undefined, true]],
    ['number', number(0, 1), [0, 0.5, 1], [-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY, '0.5', null, undefined]],
    ['boolean', boolean, [true, false], [0, 1, 'true', '', null, undefined]],
    ['text', text, ['a', ' ', '0', '😀', '\n'], ['', 7, null, undefined, {}, '\ud83d', 'a\udc00', '\udc00\ud83d']],
    [
      'name',
      name,
      ['a', 'mail', 'tenant.42:mail_out-1', 'A'.repeat(128)],
      ['', 'A'.repeat(129), 'a b', 'é', 'a/b', '{a}', 'a\n', 7, null, undefined],
    ],
    [
      'identifier',
      identifier,
      ['a', 'é', 'a b/c{d}', 'x'.repeat(256), '😀'.repeat(64)],
      ['', 'x'.repeat(257), 'é'.repeat(129), 'a\u0000', 'a\n', '\u007f', '😀'.slice(0, 1), 7, null, undefined],
    ],
    [
      'queueName',
      queueName,
      ['a', 'eu:mail', 'a b/c%', '😀'.repeat(32), 'x'.repeat(128)],
      ['', 'a{', '}', 'x'.repeat(129), '😀'.repeat(33), 'a\u0000', '\ud83d', 7, null, undefined],
    ],
    ['oneOf', oneOf('fifo', 'lifo'), ['fifo', 'lifo'], ['FIFO', '', 'fif', null, undefined, 0]],
  ])('%s', (_name, rule, right, wrong) => {
    for (const value of right) expect(() => rule('option', value)).not.toThrow()
    for (const value of wrong) expect(refusal(() => rule('some.option', value)).option).toBe('some.option')
  })

  test('optional takes the default for undefined alone', () => {
    const rule = optional(integer(1, 10), 5)
    expect(rule('option', undefined)).toBe(5)
    expect(rule('option', 7)).toBe(7)
    for (const value of [null, 0, '', false]) expect(() => rule('option', value)).toThrow(ConfigurationError)
  })

  test('any takes everything as it is', () => {
    const value = { deep: [1] }
    expect(any()('option', value)).toBe(value)
    expect(any()('option', undefined)).toBeUndefined()
  })
})

test('an id that is sought is undefined where it can be none', () => {
  expect(soughtIdentifier('id', 'a b😀')).toBe('a b😀')
  for (const none of ['', 'a\n', '\ud83d', 'x'.repeat(257)]) expect(soughtIdentifier('id', none)).toBeUndefined()
  for (const value of [undefined, null, 7, {}]) expect(refusal(() => soughtIdentifier('id', value)).option).toBe('id')
})

test('a message shows the value, shortened', () => {
  expect(refusal(() => integer(0, 9)('n', 'x'.repeat(10_000))).message.length).toBeLessThan(200)
  expect(refusal(() => integer(0, 9)('n', { a: 1, b: 2 })).message).toContain('an object (a, b)')
  expect(refusal(() => integer(0, 9)('n', [1, 2])).message).toContain('an array')
  expect(refusal(() => integer(0, 9)('n', () => 1)).message).toContain('a function')
  expect(refusal(() => integer(0, 9)('n', Symbol('s'))).message).toContain('Symbol(s)')
})

test('a key of any length is refused at once, and not repeated as a whole', () => {
  const start = performance.now()
  const error = thrownBy(() => parseOptions('some options', { ['x'.repeat(5_000_000)]: 1 }, { some: any() }))
  expect(error.message.length).toBeLessThan(300)
  expect(performance.now() - start).toBeLessThan(1_000)
})

function thrownBy(act: () => unknown): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
