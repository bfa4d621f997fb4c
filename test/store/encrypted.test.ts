import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, ConnectionError } from '@ripen/store'
import { calls, createClient, internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'
import { within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

describeWithRedisServer('rediss://', () => {
  let directory: string
  let port: number
  let ca: Buffer
  let server: RedisServer | undefined
  let reason = ''

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ripen-tls-'))
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    try {
      execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
      ca = readFileSync(certificate)
      port = await freePort()
      const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
      server = await redisServer({ args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'] })
    } catch (error) {
      reason = `no openssl, or a redis-server without TLS: ${error instanceof Error ? error.message : String(error)}`
      console.log(`skipped 'rediss://': ${reason}`)
    }
  })
  beforeEach((context) => context.skip(server === undefined, reason))
  afterAll(async () => {
    await server?.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function valueIn1(): Promise<string | null> {
    const direct = new Redis(server?.url ?? '', { db: 1 })
    onTestFinished(() => direct.disconnect())
    return direct.get('key')
  }

  function warnings(): readonly string[] {
    const heard: string[] = []
    const hear = (warning: Error): void => void heard.push(warning.message)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    return heard
  }

  test.each(['localhost', '127.0.0.1'])('connects to %s with a certificate that is trusted', async (host) => {
    const heard = warnings()
    const store = openedStore({ url: `rediss://${host}:${port}/1`, redis: { tls: { ca } } })
    expect(store.topology).toBe('standalone')
    await Promise.all([store.redis.set('key', `to ${host}`), store.now(), (await store.blocking()).ping()])
    expect(await valueIn1()).toBe(`to ${host}`)
    expect(heard).toEqual([])
  })

  test.each(['localhost', '127.0.0.1'])('refuses a certificate of %s that nobody vouches for, at once', async (host) => {
    const heard = warnings()
    const failing = rejection(connect({ url: `rediss://${host}:${port}`, enqueueTimeout: '20 s' }))
    const error = await within(3_000, failing, 'the failure')
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toMatch(/self.signed|certificate/)
    // Names that TLS does not allow, such as addresses, make Node warn.
    expect(heard).toEqual([])
  })

  test('is not spoken where redis:// is meant, and the other way round', async () => {
    for (const url of [`redis://127.0.0.1:${port}`, server?.url.replace('redis:', 'rediss:') ?? ''])
      expect(await within(3_000, rejection(connect({ url, enqueueTimeout: 500 })), url)).toBeInstanceOf(ConnectionError)
  })

  test('a thread that connects for the store trusts what the store trusts', async () => {
    const store = openedStore({ url: `rediss://localhost:${port}/1`, redis: { tls: { ca } } })
    const posted = structuredClone(await internals(store).connections.portableTarget())
    const client = createClient(posted, undefined, calls)
    onTestFinished(() => client.disconnect())
    client.on('error', () => undefined)
    await client.connect()
    expect(await client.set('key', 'from a thread')).toBe('OK')
    expect(await valueIn1()).toBe('from a thread')
  })

  test('so does a store that is made from a client', async () => {
    const own = new Redis(port, 'localhost', { tls: { ca }, db: 1, lazyConnect: true })
    const store = openedStore({ redis: own })
    expect(store.url).toBe(`rediss://localhost:${port}/1`)
    expect(await store.redis.set('key', 'from a client')).toBe('OK')
    expect(await store.now()).toBeGreaterThan(0)
    expect(await valueIn1()).toBe('from a client')
  })
})
