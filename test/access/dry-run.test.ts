import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dryRun, trialsOf } from '../../packages/store/src/access/dry-run.ts'
import { scripts } from '../lua-source.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'

const all = await scripts()
const commands = [...new Set(all.flatMap((script) => script.commands))].sort()

/** A key of each type, with more in it than any trial names. */
const contents: readonly (readonly string[])[] = [
  ['hset', 'hash', '', '1', 'x', '2'],
  ['zadd', 'zset', '1', '', '2', 'x'],
  ['rpush', 'list', 'x', 'y'],
  ['set', 'string', 'x', 'EX', '1000'],
]
const keys = [...contents.map(([, key = '']) => key), 'absent']

describeWithRedisServer('a dry run', () => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await redisServer()
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.close()
  })
  beforeEach(async () => {
    await redis.flushall()
    for (const [command = '', ...parameters] of contents) await redis.call(command, ...parameters)
  })

  const everything = async (): Promise<unknown> => Promise.all(keys.flatMap((key) => [redis.dump(key), redis.expiretime(key)]))

  const run = async (source: string, called: readonly string[] = commands): Promise<string[]> => {
    const trials = keys.flatMap((key) => trialsOf(called, key, ['news']))
    const texts = [false, true].map((harmful) =>
      JSON.stringify(trials.filter((trial) => trial.harmful === harmful).map(({ call }) => call)),
    )
    const errors = (await redis.eval(source, keys.length, ...keys, ...texts)) as unknown[]
    return errors.flatMap((error, at) => (at % 2 === 1 ? [String(error)] : []))
  }

  test('tries every command of every script, with as many arguments as it takes', async () => {
    expect(trialsOf(commands, 'key', ['news']).map(({ call }) => call[0])).toEqual(commands)
    expect((await run(dryRun.readOnly)).filter((error) => /number of arg|unknown/i.test(error))).toEqual([])
  })

  test.each([[['unlink', 'hget']], [['publish']]])('tries %j, also without another write that the server refuses first', async (called) => {
    expect((await run(dryRun.readOnly, called)).filter((error) => /Write commands are not allowed/.test(error))).toHaveLength(keys.length)
  })

  test.each([
    ['of writes that the server refuses in it', dryRun.readOnly],
    ['on a server that carries them out', dryRun.older],
    ['on a server that knows the flag and does not heed it', dryRun.readOnly.replace('no-writes', 'allow-stale')],
  ])('changes nothing and tells nobody, %s', async (_what, source) => {
    const listener = redis.duplicate()
    const heard: string[] = []
    listener.on('message', (_channel, message) => heard.push(message))
    await listener.subscribe('news')
    const before = await everything()
    await run(source)
    expect(await everything()).toEqual(before)
    await redis.publish('news', 'the end')
    await expect.poll(() => heard).toEqual(['the end'])
    listener.disconnect()
  })
})
