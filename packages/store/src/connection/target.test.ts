import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/errors.ts'
import { parseTarget, reconnectDelay, withDatabase } from './target.ts'

function refusal(url: string): ConfigurationError {
  let thrown: unknown
  try {
    parseTarget(url)
  } catch (error) {
    thrown = error
  }
  expect(thrown, url).toBeInstanceOf(ConfigurationError)
  return thrown as ConfigurationError
}

describe('a URL of', () => {
  test.each<[string, object]>([
    ['redis://localhost', { host: 'localhost', port: 6379 }],
    ['redis://localhost:1234/0', { host: 'localhost', port: 1234, db: 0 }],
    ['redis://127.0.0.1:6380/15', { host: '127.0.0.1', port: 6380, db: 15 }],
    ['redis://cache.example.org/', { host: 'cache.example.org', port: 6379 }],
    ['redis://[::1]:6380/2', { host: '::1', port: 6380, db: 2 }],
    ['redis://[2001:db8::7]', { host: '2001:db8::7', port: 6379 }],
    ['redis://:secret@localhost:1', { host: 'localhost', port: 1, password: 'secret' }],
    ['redis://ada:secret@localhost:65535', { host: 'localhost', port: 65_535, username: 'ada', password: 'secret' }],
    ['redis://ada:p%40ss%2Fw%3Ard%25@localhost', { host: 'localhost', port: 6379, username: 'ada', password: 'p@ss/w:rd%' }],
    ['redis://bob@localhost', { host: 'localhost', port: 6379, username: 'bob', password: '' }],
    ['redis://b%40b:@localhost', { host: 'localhost', port: 6379, username: 'b@b', password: '' }],
    ['redis://[fe80::1%25eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
    ['redis://[::ffff:10.0.0.1]', { host: '::ffff:10.0.0.1', port: 6379 }],
    ['redis://:a:b:c@localhost', { host: 'localhost', port: 6379, password: 'a:b:c' }],
  ])('one server: %s', (url, options) => {
    expect(parseTarget(url)).toEqual({ topology: 'standalone', url, options })
  })

  test('one server with TLS', () => {
    const { topology, options } = parseTarget('rediss://ada:secret@cache.example.org:6380/1')
    expect(topology).toBe('standalone')
    expect(options).toMatchObject({ host: 'cache.example.org', port: 6380, db: 1, username: 'ada', password: 'secret' })
    expect(options.tls).toBeDefined()
    expect(parseTarget('redis://cache.example.org').options.tls).toBeUndefined()
  })

  test.each<[string, object]>([
    ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
    ['unix:///run/redis.sock?db=3', { path: '/run/redis.sock', db: 3 }],
    ['unix:///run/a%3Fb/100%25.sock?db=3', { path: '/run/a?b/100%.sock', db: 3 }],
    ['unix:///run/my redis/a.sock', { path: '/run/my redis/a.sock' }],
  ])('a socket: %s', (url, options) => {
    expect(parseTarget(url)).toEqual({ topology: 'standalone', url, options })
  })

  test.each<[string, object]>([
    [
      'redis+sentinel://h1:26379,h2:26380/mymaster',
      {
        sentinels: [
          ['h1', 26_379],
          ['h2', 26_380],
        ],
        name: 'mymaster',
      },
    ],
    [
      'redis+sentinel://h1,[::1]:7/mymaster',
      {
        sentinels: [
          ['h1', 26_379],
          ['::1', 7],
        ],
        name: 'mymaster',
      },
    ],
    ['redis+sentinel://:secret@h1/mymaster/4', { sentinels: [['h1', 26_379]], name: 'mymaster', password: 'secret', db: 4 }],
  ])('sentinels: %s', (url, { sentinels, ...options }: { sentinels?: [string, number][] }) => {
    const hosts = sentinels?.map(([host, port]) => ({ host, port }))
    expect(parseTarget(url)).toEqual({ topology: 'sentinel', url, options: { ...options, sentinels: hosts } })
  })

  test.each<[string, [string, number][], object]>([
    [
      'redis+cluster://h1:7000,h2:7001',
      [
        ['h1', 7000],
        ['h2', 7001],
      ],
      {},
    ],
    ['redis+cluster://h1', [['h1', 6379]], {}],
    [
      'redis+cluster://ada:secret@h1:7000,[::1]:7001',
      [
        ['h1', 7000],
        ['::1', 7001],
      ],
      { username: 'ada', password: 'secret' },
    ],
  ])('a cluster: %s', (url, nodes, options) => {
    expect(parseTarget(url)).toEqual({ topology: 'cluster', url, nodes: nodes.map(([host, port]) => ({ host, port })), options })
  })

  test('an embedded server', () => {
    expect(parseTarget('embedded:')).toEqual({ topology: 'embedded', url: 'embedded:', directory: '', options: {} })
    expect(parseTarget('embedded:./data')).toMatchObject({ topology: 'embedded', directory: './data' })
    expect(() => parseTarget('embedded://data')).toThrow("url: must name a directory after 'embedded:'")
    expect(parseTarget('embedded:/var/lib/ripen')).toMatchObject({ topology: 'embedded', directory: '/var/lib/ripen' })
  })
})

describe('refused with the forms that are known:', () => {
  test.each(
    [
      ['', 'localhost', 'localhost:6379', '6379', '/run/redis.sock', '//localhost', 'http://localhost', 'REDIS://localhost'],
      [
        'redis:localhost',
        'redis:/localhost',
        'redis://',
        'redis://:6379',
        'redis://a b',
        'redis://h:port',
        'redis://h:0',
        'redis://h:65536',
      ],
      ['redis://h:', 'redis://h:1:2', 'redis://::1', 'redis://h1,h2', 'redis://h?db=1', 'redis://h/one', 'redis://h/-1', 'redis://h/99999'],
      ['unix://', 'unix:///', 'unix://run/redis.sock', 'unix:///a.sock?db=x', 'unix:///a.sock?password=x'],
      ['redis+sentinel://h1', 'redis+sentinel://h1/', 'redis+sentinel:///name', 'redis+sentinel://h1,/name', 'redis+sentinel://h1/name/x'],
      ['redis+cluster://', 'redis+cluster://h1,', 'redis+cluster://,h1', 'redis+cluster://h1:x', 'rediss+cluster://h1', 'embedded'],
      // No form of escape.
      ['redis://:100%@h', 'redis://%zz:secret@h', 'unix:///run/100%.sock', 'redis+sentinel://h1/%zz'],
      ['redis://[1.2]:1', 'redis://[::1', 'redis://[]'],
    ].flat(),
  )('%j', (url) => {
    const error = refusal(url)
    expect(error.option).toBe('url')
    expect(error.message).toContain('must ')
  })

  test('a cluster has one database', () => {
    expect(() => parseTarget('redis+cluster://h1/1')).toThrow(ConfigurationError)
    expect(() => withDatabase(parseTarget('redis+cluster://h1'), 1)).toThrow(/one database/)
  })
})

describe('another database of', () => {
  test.each([
    ['redis://h', 'redis://h/2'],
    ['redis://h/', 'redis://h/2'],
    ['redis://h:1/1', 'redis://h:1/2'],
    ['redis://[::1]:1/12', 'redis://[::1]:1/2'],
    ['rediss://ada:p%2Fw@h/1', 'rediss://ada:p%2Fw@h/2'],
    ['unix:///run/redis.sock', 'unix:///run/redis.sock?db=2'],
    ['unix:///run/a%3Fb.sock?db=1', 'unix:///run/a%3Fb.sock?db=2'],
    ['redis://bob@h', 'redis://bob@h/2'],
    ['redis+sentinel://bob@h1/a%2Fb', 'redis+sentinel://bob@h1/a%2Fb/2'],
    ['unix:///run/redis.sock?db=1', 'unix:///run/redis.sock?db=2'],
    ['redis+sentinel://h1,h2:7/main', 'redis+sentinel://h1,h2:7/main/2'],
    ['redis+sentinel://h1,h2:7/main/1', 'redis+sentinel://h1,h2:7/main/2'],
    ['redis+sentinel://h1/7', 'redis+sentinel://h1/7/2'],
    ['redis+sentinel://h1/7/1', 'redis+sentinel://h1/7/2'],
    ['redis+sentinel://h1/7-main/1', 'redis+sentinel://h1/7-main/2'],
  ])('%s is %s', (url, other) => {
    const target = parseTarget(url)
    expect(withDatabase(target, 2)).toMatchObject({ topology: target.topology, database: 2 })
    // However it is written, it leads to the same place.
    expect(parseTarget(withDatabase(target, 2).url).options).toEqual(parseTarget(other).options)
    expect(parseTarget(other).options).toEqual({ ...target.options, db: 2 })
  })
})

test('reconnects are fast at first and never more than a quarter of a second apart', () => {
  expect(reconnectDelay(1)).toBeLessThan(100)
  for (const times of [1, 2, 5, 10, 1_000, 1_000_000]) {
    expect(reconnectDelay(times)).toBeGreaterThanOrEqual(20)
    expect(reconnectDelay(times)).toBeLessThanOrEqual(250)
  }
})
