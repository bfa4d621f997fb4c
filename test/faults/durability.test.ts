import { Queue } from '@ripen/queue'
import type { ConfigurationError } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import { addScript } from '../../packages/queue/src/scripts.generated.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { skipBecause } from '../support/skip-because.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { testQueue } from '../queue/test-queue.ts'
import { ownServer } from './own-server.ts'

interface Pair {
  readonly primary: RedisServer
  readonly replica: RedisServer
}

/** A primary and a replica that follows it. */
async function pair(appendonly: 'always' | false = false): Promise<Pair> {
  const primary = await ownServer({ appendonly, args: ['--repl-diskless-sync-delay', '0'] })
  const replica = await ownServer({ appendonly, args: ['--replicaof', '127.0.0.1', String(primary.port)] })
  const store = testStore(primary.url)
  await until(async () => (await store.redis.info('replication')).includes('state=online'), 10_000, 'the replica')
  return { primary, replica }
}

function queueOn(url: string, prefix = randomPrefix()): Queue {
  const queue = new Queue('kept', { store: testStore(url, { prefix }) })
  onTestFinished(() => queue.close())
  return queue
}

const one = { replicas: 1, timeout: '400 ms' } as const

describeWithRedisServer('an add that replicas must have', () => {
  test('is confirmed by them, alone and in bulk, and they have it when the primary is gone', async () => {
    const { primary, replica } = await pair()
    const prefix = randomPrefix()
    const queue = queueOn(primary.url, prefix)
    const durability = { replicas: 1, timeout: '10 s' } as const
    const alone = await Promise.all(Array.from({ length: 50 }, (_value, i) => queue.add('some', i, { durability })))
    const bulk = await queue.addBulk(Array.from({ length: 700 }, (_value, i) => ({ name: 'some', data: i, options: { durability } })))
    const acknowledged = [...alone, ...bulk]
    expect(acknowledged[0]?.options).toEqual({})
    await primary.stop()
    await testStore(replica.url).redis.call('REPLICAOF', 'NO', 'ONE')
    const after = queueOn(replica.url, prefix)
    const found = await Promise.all(acknowledged.map(({ id }) => after.getJob(id)))
    expect(found.filter((job) => job?.state === 'ready').length).toBe(750)
    await primary.start() // it is asked for connections that were left open
  })

  test('fails in its time when they do not have it; it is there, and adding it again confirms it', async () => {
    const { primary, replica } = await pair()
    const queue = queueOn(primary.url)
    replica.suspend()
    const begun = performance.now()
    const failed = await within(
      5_000,
      queue.add('some', 1, { durability: one }).catch((error: unknown) => error),
      'the refusal',
    )
    expect(performance.now() - begun).toBeGreaterThanOrEqual(400)
    expect(failed).toMatchObject({ code: 'RIPEN_DURABILITY', name: 'DurabilityError', jobId: expect.stringMatching(/^~/) as string })
    const { jobId } = failed as { jobId: string }
    expect(await queue.getJob(jobId)).toMatchObject({ state: 'ready', data: 1 })
    const results = await queue
      .addBulk([
        { name: 'some', data: 2, options: { durability: one } },
        { name: 'some', data: 3 },
      ])
      .catch((error: unknown) => (error as { results: unknown[] }).results)
    expect(results).toMatchObject([{ code: 'RIPEN_DURABILITY' }, { data: 3, state: 'ready' }])
    replica.resume()
    expect(await queue.add('some', 1, { id: jobId, durability: { ...one, timeout: '10 s' } })).toMatchObject({ id: jobId, duplicate: true })
  })

  test('other calls go on while one waits for replicas', async () => {
    const { primary, replica } = await pair()
    const queue = queueOn(primary.url)
    replica.suspend()
    let waits = true
    const slow = queue
      .add('some', 1, { durability: { replicas: 1, timeout: '3 s' } })
      .catch((error: unknown) => (error as { code: string }).code)
      .finally(() => (waits = false))
    for (let i = 0; i < 20; i++) await queue.add('some', i)
    expect(await queue.counts()).toMatchObject({ ready: 21 })
    expect(waits).toBe(true)
    expect(await slow).toBe('RIPEN_DURABILITY')
  })

  // On a new connection WAIT knows of no write, and confirms anything.
  test('a copy of an add whose answer was lost is not confirmed by the new connection alone', async () => {
    const { primary, replica } = await pair()
    const proxy = await tcpProxy(primary.port)
    onTestFinished(() => proxy.close())
    const queue = queueOn(proxy.url)
    await queue.add('some', 0, { durability: { replicas: 1, timeout: '10 s' } })
    replica.suspend()
    const cut = proxy.cutAfterRequest((request) => request.includes(addScript.sha))
    const added = queue.add('some', 1, { durability: { replicas: 1, timeout: '2 s' } }).catch((error: unknown) => error)
    await within(5_000, cut, 'the cut')
    const failed = await within(10_000, added, 'the end of the add')
    expect(failed).toMatchObject({ code: 'RIPEN_DURABILITY' })
    expect(await queue.counts()).toMatchObject({ ready: 2 })
  })

  test('fsync: on the disk of both, where the server has WAITAOF; else it is refused before anything is written', async (context) => {
    const { primary, replica } = await pair('always')
    const queue = queueOn(primary.url)
    const durability = { replicas: 1, timeout: '5 s', fsync: true } as const
    const added = await queue.add('some', 1, { durability }).catch((error: unknown) => error as Partial<ConfigurationError>)
    const refused = 'code' in added
    expect(added).toMatchObject(refused ? { code: 'RIPEN_CONFIGURATION', option: 'durability.fsync' } : { state: 'ready' })
    expect(await queue.counts()).toMatchObject({ ready: refused ? 0 : 1 })
    skipBecause(context, refused, 'WAITAOF needs Redis 7.2 or Valkey')
    expect(await queue.add('some', 2, { durability: { ...durability, replicas: 0 } })).toMatchObject({ state: 'ready' })
    replica.suspend()
    await expect(queue.add('some', 3, { durability: { ...durability, timeout: 300 } })).rejects.toMatchObject({ code: 'RIPEN_DURABILITY' })
    expect(await queue.add('some', 4, { durability: { ...durability, replicas: 0 } })).toMatchObject({ state: 'ready' })
  })
})

onEachServer((name, server) => {
  test.for<[string, unknown, string]>([
    ['no replicas', { replicas: 0, timeout: 1 }, 'durability.replicas'],
    ['half a replica', { replicas: 0.5, timeout: 1 }, 'durability.replicas'],
    ['no timeout', { replicas: 1 }, 'durability.timeout'],
    ['a long timeout', { replicas: 1, timeout: '2 minutes' }, 'durability.timeout'],
    ['an unknown key', { replicas: 1, timeout: 1, replica: 1 }, 'durability.replica'],
  ])('refuses %s', async ([, durability, option]) => {
    const queue = testQueue(server)
    await expect(queue.add('some', 1, { durability } as never)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option })
  })

  test('more replicas than there are', async () => {
    const queue = testQueue(server, { defaults: { durability: { replicas: 90, timeout: 50 } } })
    const [code, ready] = name === 'embedded' ? ['RIPEN_CONFIGURATION', 0] : ['RIPEN_DURABILITY', 1]
    await expect(queue.add('some', 1)).rejects.toMatchObject({ code })
    expect(await queue.counts()).toMatchObject({ ready })
  })
})
