import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, ConnectionError } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { findServerBinary } from '../../packages/store/src/embedded/server-binary.ts'
import { until, within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

describeWithRedisServer('redis+sentinel://', () => {
  let primary: RedisServer
  let sentinels: readonly Sentinel[]
  let hosts: string

  beforeAll(async () => {
    primary = await redisServer()
    sentinels = await Promise.all([startSentinel(primary.port), startSentinel(primary.port)])
    hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
  })
  afterAll(async () => {
    await Promise.all(sentinels.map((sentinel) => sentinel.close()))
    await primary.close()
  })

  function direct(db = 0): Redis {
    const client = new Redis(primary.url, { db })
    onTestFinished(() => client.disconnect())
    return client
  }

  test('connects to the primary that sentinels name', async () => {
    const store = openedStore(`redis+sentinel://${hosts}/main`)
    expect(store.topology).toBe('sentinel')
    expect(store.url).toBe(`redis+sentinel://${hosts}/main`)
    await store.ready()
    await Promise.all([store.redis.set('key', 'value'), (await store.blocking()).ping()])
    expect(await internals(store).caller.call((client) => client.get('key'))).toBe('value')
    expect(await store.now()).toBeGreaterThan(0)
    expect(await direct().get('key')).toBe('value')
  })

  test('takes a database and names of databases', async () => {
    const store = openedStore({ url: `redis+sentinel://${hosts}/main/2`, names: { persons: 3 } })
    await store.redis.set('key', 'in 2')
    await (await store.database('persons')).redis.set('key', 'in 3')
    expect([await direct(2).get('key'), await direct(3).get('key')]).toEqual(['in 2', 'in 3'])
  })

  test('takes an unreachable sentinel among others', async () => {
    await using store = await connect(`redis+sentinel://127.0.0.1:${await freePort()},${hosts}/main`)
    expect(await store.redis.ping()).toBe('PONG')
  })

  test('takes the client of an application', async () => {
    const own = new Redis({ sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: 'main', lazyConnect: true })
    const store = openedStore({ redis: own })
    expect(store.topology).toBe('sentinel')
    expect(store.url).toBe(`redis+sentinel://${hosts}/main`)
    expect(await store.redis.set('key', 'from a client')).toBe('OK')
    expect(await direct().get('key')).toBe('from a client')
    expect(await store.now()).toBeGreaterThan(0)
  })

  test('fails at once for a name that no sentinel knows', async () => {
    const failing = rejection(connect({ url: `redis+sentinel://${hosts}/nobody`, enqueueTimeout: '20 s' }))
    expect(await within(5_000, failing, 'the failure')).toBeInstanceOf(ConnectionError)
  })

  test('closes in time while no sentinel answers', async () => {
    const store = openedStore({ url: `redis+sentinel://127.0.0.1:${await freePort()}/main`, enqueueTimeout: '20 s' })
    const waiting = rejection(store.now())
    await rejection(store.ready())
    await within(2_000, store.close(), 'the close')
    expect((await within(100, waiting, 'the end of the call')).code).toBe('RIPEN_CLOSING')
  })
})

interface Sentinel {
  readonly port: number
  close(): Promise<void>
}

async function startSentinel(primaryPort: number): Promise<Sentinel> {
  const directory = mkdtempSync(join(tmpdir(), 'ripen-sentinel-'))
  const port = await freePort()
  const file = join(directory, 'sentinel.conf')
  writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${directory}\nsentinel monitor main 127.0.0.1 ${primaryPort} 1\n`)
  const child: ChildProcess = spawn(findServerBinary() ?? '', [file, '--sentinel'], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  const killWithUs = (): void => void child.kill('SIGKILL')
  process.on('exit', killWithUs)
  const probe = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  probe.on('error', () => undefined)
  await until(async () => (await probe.call('SENTINEL', 'get-master-addr-by-name', 'main')) !== null, 10_000, 'an answer of the sentinel')
  probe.disconnect()
  return {
    port,
    close: async () => {
      process.off('exit', killWithUs)
      child.kill('SIGKILL')
      await within(5_000, ended, 'the end of the sentinel')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
