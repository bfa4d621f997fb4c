import { connect, type Logger } from '@ripen/store'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { capturedLog, type LogEntry } from './captured-log.ts'

async function started(policy: string): Promise<RedisServer> {
  const server = await redisServer({ args: ['--maxmemory-policy', policy] })
  onTestFinished(() => server.close())
  return server
}

async function connected(url: string, logger: Logger, names: Record<string, number> = {}): Promise<void> {
  const store = await connect({ url, logger, names })
  for (const name of Object.keys(names)) await store.database(name)
  await store.close()
}

const warnings = (entries: readonly LogEntry[]): LogEntry[] => entries.filter(({ level }) => level === 'warn' || level === 'error')

describeWithRedisServer('the maxmemory-policy', () => {
  test.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])('%s is warned about once, with the remedy', async (policy) => {
    const { url } = await started(policy)
    const { logger, entries } = capturedLog()
    await connected(url, logger, { persons: 1, things: 2 })
    await connected(url, logger)
    expect(warnings(entries)).toHaveLength(1)
    const [warning] = warnings(entries)
    expect(warning?.message).toContain(`maxmemory-policy is ${policy}`)
    const remedy = /CONFIG (SET) (maxmemory-policy) (noeviction)/.exec(warning?.message ?? '')
    expect(remedy).not.toBeNull()
    // The remedy is one.
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    expect(await redis.call('CONFIG', ...(remedy ?? []).slice(1))).toBe('OK')
    expect(await redis.info('memory')).toContain('maxmemory_policy:noeviction')
  })

  test('noeviction is not', async () => {
    const { url } = await started('noeviction')
    const { logger, entries } = capturedLog()
    await connected(url, logger)
    expect(warnings(entries)).toEqual([])
  })

  test('of each server is looked at', async () => {
    const { logger, entries } = capturedLog()
    for (const server of await Promise.all([started('allkeys-lru'), started('allkeys-lru')])) await connected(server.url, logger)
    expect(warnings(entries)).toHaveLength(2)
  })
})

test('the embedded server evicts nothing, and nobody is warned', async () => {
  const { logger, entries } = capturedLog()
  await connected('embedded:', logger)
  expect(warnings(entries)).toEqual([])
})
