import { describe, expect, test } from 'vitest'
import { ConfigurationError, PathError } from './errors.ts'
import { blotted, shownText, shownValue, withoutPassword } from './shown-text.ts'

describe('what a message shows of a value', () => {
  test.each([
    ['url', 'redis://ada:hunter2@h/0'],
    ['redis', 'rediss:/ada:hunter2@h'],
    ['store', ' redis:hunter2@h'],
    ['store', 'ada:hunter2@h'],
    ['url', 'redis://:hunter2:6379'],
    ['url', 'redis://ada:hunter2:6379/0'],
    ['url', 'rediss://ada:hunter2'],
    ['url', 'redis+cluster://h1:7000,ada:hunter2:h2'],
    ['url', 'redis://h/0?password=hunter2&db=1'],
    ['url', 'redis+sentinel://x@y:hunter2@h1,h2/main'],
    ['redis.password', 'hunter2'],
    ['lockoutKey', 'hunter2'],
    ['redis.sentinelPassword', { hunter2: 1 }],
  ])('of %s is no password', (option, value) => {
    expect(shownValue(option, value)).not.toContain('hunter2')
    expect(new ConfigurationError(option, 'must be another', value).message).not.toContain('hunter2')
  })

  test.each([
    ['ada@example.org', "'ada@example.org'"],
    ['a\nb\t\u001b[2J\u009b\u202e\u007f', String.raw`'a\nb\t\u001b[2J\u009b\u202e\u007f'`],
    ['x'.repeat(100), `'${'x'.repeat(77)}…'`],
    [{ a: 1, 'b\u0000': 2 }, String.raw`an object (a, b\u0000)`],
    [[1, 2], 'an array'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [10n ** 100n, `1${'0'.repeat(79)}`],
  ])('of %o is short and on one line', (value, shown) => {
    expect(shownValue('option', value)).toBe(shown)
  })

  test('of an object that cannot be read is just that', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    expect(shownValue('option', hostile)).toBe('an object that cannot be read')
  })
})

describe('messages', () => {
  test('are on one line, well-formed and bounded', () => {
    expect(shownText('a\r\nb\u2028c\ud800')).toBe(String.raw`a\r\nb\u2028c` + '\ufffd')
    expect(shownText('x'.repeat(100_000)).length).toBe(8_000)
    expect(new PathError(`a\n${'b'.repeat(10_000)}`, 'is long').message.length).toBeLessThan(200)
    expect(new ConfigurationError('jobs.a\nb', 'must be a function').message).toBe(String.raw`jobs.a\nb: must be a function`)
  })

  test.each([
    ["ERR unknown command 'AUTH', with args beginning with: 'hunter2' ", "ERR unknown command 'AUTH'"],
    ['cannot reach redis://ada:hunter2@h:1/0 now', 'cannot reach redis://***@h:1/0 now'],
    [syntaxError('hunter2'), /^Unexpected token 'h': it is not valid JSON$/],
    [syntaxError(`{"${'x'.repeat(50)}": hunter2 ${'x'.repeat(50)}}`), /^Unexpected token 'h': it is not valid JSON$/],
  ])('have nothing of what others repeat: %s', (text, shown) => {
    expect(blotted(text)).toMatch(shown)
    expect(blotted(text)).not.toContain('hunter')
  })

  test('of any length are looked at in no time', () => {
    for (const text of ['//'.repeat(4_000), '"'.repeat(8_000), '//a'.repeat(3_000), '?pass'.repeat(2_000)]) {
      const start = performance.now()
      shownText(text)
      withoutPassword(text)
      expect(performance.now() - start).toBeLessThan(200)
    }
  })
})

function syntaxError(text: string): string {
  try {
    JSON.parse(text)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it is JSON')
}
