import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../errors/errors.ts'
import { ownUrl } from './own-redis.ts'
import { parseTarget } from './target.ts'

describe('nothing is lost on the way through a URL:', () => {
  const hosts = ['h', '10.0.0.1', '::1', '2001:db8::7', 'fe80::1%eth0', '::ffff:10.0.0.1']
  const texts = ['', 'plain', '100%', '%41', 'a:b@c/d?e#f', '[::1]', ' ', 'é€🙂', ',', '&=+']

  test('where one server is, and as whom', () => {
    for (const host of hosts)
      for (const username of texts)
        for (const password of texts)
          for (const db of [0, 7]) {
            const own = { host, port: 1234, username, password, db }
            const { options } = parseTarget(ownUrl(own) ?? '')
            expect({ username: '', password: '', db: 0, ...options }).toEqual(own)
          }
  })

  test('sockets', () => {
    for (const name of texts.filter((text) => text !== '')) {
      const path = `/run/${name}/redis.sock`
      expect(parseTarget(ownUrl({ path }) ?? '').options).toEqual({ path })
      expect(parseTarget(ownUrl({ path, db: 3 }) ?? '').options).toEqual({ path, db: 3 })
    }
    expect(parseTarget(ownUrl({ path: 'beside.sock' }) ?? '').options.path).toBe(`${process.cwd()}/beside.sock`)
  })

  test('sentinels, and the name of their primary', () => {
    const sentinels = hosts.map((host, index) => ({ host, port: 1 + index }))
    for (const name of texts.filter((text) => text !== '')) {
      const own: RedisOptions = { sentinels, name, username: 'ada', password: 'a/b' }
      expect(parseTarget(ownUrl(own) ?? '')).toMatchObject({ topology: 'sentinel', options: own })
    }
  })

  test('nodes of a cluster', () => {
    const nodes = hosts.map((host, index) => ({ host, port: 1 + index }))
    const cluster = new Cluster(nodes, { lazyConnect: true, redisOptions: { username: 'bob' } })
    expect(parseTarget(ownUrl(cluster) ?? '')).toMatchObject({ topology: 'cluster', nodes, options: { username: 'bob', password: '' } })
    const written = new Cluster(['redis://ada:secret@b:2/0', '//c:3', '[::1]:4', 5], { lazyConnect: true })
    expect(ownUrl(written)).toBe('redis+cluster://b:2,c:3,[::1]:4,localhost:5')
  })

  test('a client', () => {
    const client = new Redis('redis://bob@[::1]:1/2', { lazyConnect: true })
    expect(ownUrl(client)).toBe('redis://bob@[::1]:1/2')
  })

  test('what cannot travel is refused by name, and no password is shown', () => {
    for (const [option, own] of Object.entries<RedisOptions>({
      'redis.password': { host: 'h', password: 'hunter2\ud800' },
      'redis.username': { host: 'h', username: '\ud800' },
      'redis.path': { path: '/run/\ud800' },
    })) {
      expect(() => ownUrl(own), option).toThrow(ConfigurationError)
      expect(() => ownUrl(own), option).toThrow(expect.objectContaining({ option }) as Error)
      expect(() => ownUrl(own)).not.toThrow('hunter2')
    }
  })
})
