import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { lookup } from 'node:dns'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from '@ripen/queue'
import { connect, type StoreOptions } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { AbstractConnector, Cluster, Redis, type ClusterOptions } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { capturedLog } from '../store/captured-log.ts'
import { within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a heartbeat connects as its store does', () => {
  /**
   * Does a job, and answers with the options of which it was told that they keep the heartbeat in the main
   * thread.
   */
  async function work(options: StoreOptions): Promise<readonly string[]> {
    const { logger, entries } = capturedLog()
    await using store = await connect({ ...options, logger })
    const queue = new Queue('mail', { store })
    const workers = [new Worker(queue, async () => 'done'), new Worker(queue, async () => 'done')]
    const running = workers.map((worker) => worker.run())
    const ready = Promise.all(workers.map((worker) => worker.ready()))
    try {
      expect(await (await queue.add('some')).wait({ timeout: '8 s' })).toBe('done')
      await within(5_000, ready, 'both heartbeats')
    } finally {
      await Promise.all(workers.map((worker) => worker.close({ timeout: 500 })))
      await Promise.all(running)
    }
    const told = entries.filter(({ level, fields }) => level === 'warn' && 'options' in fields)
    expect(told.length).toBeLessThanOrEqual(1)
    return told.flatMap(({ fields }) => (fields as { options: readonly string[] }).options)
  }

  test('with checks of certificates that are functions', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ripen-tls-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const [key, certificate] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')]
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
    // For a name by which it is not reached here: only the user's own check lets it pass.
    const names = ['-subj', '/CN=cache.internal', '-addext', 'subjectAltName=DNS:cache.internal']
    execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', certificate], { stdio: 'pipe' })
    const port = await freePort()
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
    await ownServer({ args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'] })
    const ca = readFileSync(certificate)
    let checks = 0
    const checkServerIdentity = (): undefined => void checks++
    const name = 'redis.tls.checkServerIdentity'
    expect(await work({ url: `rediss://127.0.0.1:${port}`, redis: { tls: { ca, checkServerIdentity } } })).toEqual([name])
    const before = checks
    expect(await work({ redis: new Redis(port, '127.0.0.1', { lazyConnect: true, tls: { ca, checkServerIdentity } }) })).toEqual([name])
    expect(checks).toBeGreaterThan(before)
    expect(await work({ url: `rediss://127.0.0.1:${port}`, redis: { tls: { ca, servername: 'cache.internal' } } })).toEqual([])
  })

  test('with a connector of the user', async () => {
    const { port } = await ownServer()
    class Tunnel extends AbstractConnector {
      constructor() {
        super(200)
      }

      override async connect(): Promise<Socket> {
        this.connecting = true
        return (this.stream = createConnection({ host: '127.0.0.1', port }))
      }
    }
    expect(await work({ redis: { host: 'behind.a.tunnel', Connector: Tunnel } })).toEqual(['redis.Connector'])
  })

  test('with the addresses of a cluster that is behind another network', async () => {
    const { url, port } = await ownServer({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '10.255.255.1'] })
    const admin = new Redis(url)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    admin.disconnect()
    const here = { host: '127.0.0.1', port }
    const cluster = (options: Pick<ClusterOptions, 'natMap' | 'dnsLookup'>): Cluster =>
      new Cluster([here], { lazyConnect: true, ...options })
    // Plain values cross into the thread.
    expect(await work({ redis: cluster({ natMap: { [`10.255.255.1:${port}`]: here } }) })).toEqual([])
    expect(await work({ redis: cluster({ natMap: () => here, dnsLookup: (name, done) => lookup(name, done) }) })).toEqual([
      'redis.natMap',
      'redis.dnsLookup',
    ])
  })

  test('and what ioredis has by default crosses by itself', async () => {
    const { url, port } = await ownServer()
    expect(await work({ redis: new Redis(url, { lazyConnect: true, retryStrategy: () => 10 }) })).toEqual([])
    expect(await work({ redis: { host: '127.0.0.1', port, retryStrategy: () => 10, reconnectOnError: null } })).toEqual([])
    expect(await work({ url, redis: { reconnectOnError: () => false } })).toEqual(['redis.reconnectOnError'])
  })
})
