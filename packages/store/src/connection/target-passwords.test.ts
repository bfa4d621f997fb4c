import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/errors.ts'
import { withoutPassword } from '../errors/shown-text.ts'
import { parseTarget } from './target.ts'

function messageAbout(url: string): string {
  let thrown: unknown
  try {
    parseTarget(url)
  } catch (error) {
    thrown = error
  }
  expect(thrown, url).toBeInstanceOf(ConfigurationError)
  return (thrown as ConfigurationError).message
}

describe('passwords', () => {
  test.each(['redis://ada:x hunter2@h', "redis://:x'hunter2@h", 'redis://:x"hunter2@h', 'redis://:hunter2\t@h'])(
    'with blanks or quotes have to be escaped: %j',
    (url) => {
      const message = messageAbout(url)
      expect(message).toContain('blanks and quotes')
      expect(message).not.toContain('hunter2')
    },
  )

  test.each(
    [
      ['redis://ada:hunter2@h:port', 'rediss://:hunter2@h/x', 'http://ada:hunter2@h', 'redis+sentinel://:hunter2@h1'],
      ['redis+cluster://:hunter2@h1,', 'unix://ada:hunter2@/run/redis.sock', 'redis://:hunter2@h1,h2', 'redis://:hunter2@'],
      // Characters that should have been escaped.
      [
        'redis://:x/hunter2@h:port',
        'redis://:x@hunter2@h:port',
        'redis://:x@y/hunter2@h:port',
        'redis://:x?hunter2@h:port',
        'redis://:x#hunter2@h:port',
      ],
      ['redis://:hunter2%@h', 'redis://ada:hunter2%zz@h:port'],
    ].flat(),
  )('are not in the message about %s', (url) => {
    expect(messageAbout(url)).not.toContain('hunter2')
  })

  test.each([
    ['redis://:hunter2@h:1/0', 'redis://***@h:1/0'],
    ['redis://ada:hunter2@h', 'redis://***@h'],
    ['redis+cluster://:hunter2@h1:1,h2:2', 'redis+cluster://***@h1:1,h2:2'],
    ['redis://h:1/0', 'redis://h:1/0'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock'],
    ['embedded:./data', 'embedded:./data'],
  ])('are blotted out of %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown)
  })

  test('that are not escaped are taken as they stand, or refused, never cut short', () => {
    for (const password of ['x@hunter2', 'x/hunter2', 'x?hunter2', 'x#hunter2']) {
      let taken: unknown
      try {
        taken = parseTarget(`redis://:${password}@h`).options.password
      } catch (error) {
        taken = error instanceof ConfigurationError ? 'refused' : error
      }
      expect([password, 'refused']).toContain(taken)
    }
  })
})
