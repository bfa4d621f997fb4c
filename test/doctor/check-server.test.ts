import { checkServer, openStore, type ServerFinding, type ServerReport, type Store } from '@ripen/store'
import { Redis } from 'ioredis'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ownServer } from '../faults/own-server.ts'
import { redisCluster } from '../support/cluster.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'

const always = ['version', 'persistence', 'eviction', 'memory', 'replication']

function named(report: ServerReport, name: ServerFinding['name']): ServerFinding | undefined {
  return report.findings.find((finding) => finding.name === name)
}

/** A store that need not connect. */
function unconnected(url: string): Store {
  const store = openStore(url)
  onTestFinished(() => store.close())
  return store
}

onEachServer((name, server) => {
  test('all that there is to see of a server', async () => {
    const store = testStore(server.url)
    const report = await checkServer(store)
    expect(report.findings.filter(({ level }) => level === 'error')).toEqual([])
    expect(report.ok).toBe(true)
    const [client, ...findings] = report.findings
    expect(client?.message).toMatch(/^@ripen\/store \d+\.\d+\.\d+, ioredis 6\.\d+\.\d+, Node\.js \d+\./)
    const expected = [...always, ...(name === 'cluster' ? ['cluster'] : []), 'latency', 'clock']
    const nodes = [...new Set(findings.map(({ node }) => node))]
    expect(nodes.length).toBe(name === 'cluster' ? 3 : 1)
    for (const node of nodes) expect(findings.filter((finding) => finding.node === node).map((finding) => finding.name)).toEqual(expected)
    for (const finding of findings.filter((each) => each.name === 'latency')) expect(finding.message).toContain('in 20')
    // Both clocks are the same one.
    for (const finding of findings.filter((each) => each.name === 'clock')) expect(finding.level).toBe('ok')
  })
})

test('the embedded server in memory', async () => {
  const report = await checkServer(testStore('embedded:'))
  expect(report).toMatchObject({ ok: true, topology: 'embedded' })
  expect(report.findings.map(({ name }) => name)).toEqual(['client', 'version', 'persistence', 'latency', 'clock'])
  expect(named(report, 'persistence')).toMatchObject({ level: 'warning', remedy: expect.stringContaining('RIPEN_URL') as unknown })
})

test('nobody there: an error of the report, in time', async () => {
  const report = await within(2_000, checkServer(unconnected('redis://127.0.0.1:1'), { timeout: 300 }), 'the report')
  expect(report.ok).toBe(false)
  expect(named(report, 'connection')).toMatchObject({ level: 'error', message: expect.stringContaining('ECONNREFUSED') as unknown })
})

test('bad options, an abort and a close reject', async () => {
  const store = unconnected('redis://127.0.0.1:1')
  await expect(checkServer(store, { timeouts: 1 } as object)).rejects.toThrow("did you mean 'timeout'")
  const reason = new Error('enough')
  const stop = new AbortController()
  const aborted = checkServer(store, { signal: stop.signal })
  stop.abort(reason)
  await expect(aborted).rejects.toBe(reason)
  const closed = checkServer(store)
  await store.close()
  await expect(closed).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
})

describeWithRedisServer('a server of its own', () => {
  test.each([
    ['always', 'ok'],
    ['everysec', 'ok'],
    [false, 'warning'],
  ] as const)('appendonly %s', async (appendonly, level) => {
    const { url } = await ownServer({ appendonly })
    expect(named(await checkServer(testStore(url)), 'persistence')).toMatchObject({ level })
  })

  test('the embedded server in a directory keeps its jobs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ripen-doctor-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const report = await checkServer(testStore(`embedded:${directory}`))
    expect(report.findings.map(({ name }) => name)).toEqual(['client', ...always, 'latency', 'clock'])
    expect(named(report, 'persistence')?.message).toContain('append-only file')
  })

  test('a policy that evicts, and memory that is full', async () => {
    const { url } = await ownServer({ args: ['--maxmemory', '3mb', '--maxmemory-policy', 'volatile-lru'] })
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await redis.setrange('ballast', 4 << 20, 'x')
    const report = await checkServer(testStore(url))
    expect(report.ok).toBe(false)
    expect(named(report, 'eviction')).toMatchObject({ level: 'error', message: expect.stringContaining('volatile-lru') as unknown })
    expect(named(report, 'memory')).toMatchObject({ level: 'error' })
  })

  test('CONFIG is refused, as by managed servers', async () => {
    const { url } = await ownServer({ appendonly: 'always', args: ['--rename-command', 'CONFIG', ''] })
    const report = await checkServer(testStore(url))
    expect(report.ok).toBe(true)
    expect(named(report, 'persistence')).toMatchObject({ level: 'warning', message: expect.stringContaining('unknown') as unknown })
    expect(named(report, 'replication')?.message).toContain('min-replicas-to-write unknown')
  })

  test('INFO is refused as well', async () => {
    const { url, port } = await ownServer()
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await redis.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-info', '-config', '-cluster')
    const report = await checkServer(unconnected(`redis://app:secret@127.0.0.1:${port}`))
    expect(always.map((name) => named(report, name as ServerFinding['name'])?.level)).toEqual(always.map(() => 'warning'))
    expect(named(report, 'latency')?.level).toBe('ok')
  })

  test('a wrong password', async () => {
    const { url, port } = await ownServer()
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await redis.config('SET', 'requirepass', 'secret')
    const report = await checkServer(unconnected(`redis://:wrong@127.0.0.1:${port}`), { timeout: 2_000 })
    expect(named(report, 'connection')?.message).toContain('WRONGPASS')
  })

  test('a replica, and its primary while the replica is gone', async () => {
    const primary = await ownServer({ args: ['--min-replicas-to-write', '1'] })
    const replica = await ownServer({ args: ['--replicaof', `127.0.0.1 ${primary.port}`] })
    const store = testStore(primary.url)
    await until(async () => named(await checkServer(store), 'replication')?.level === 'ok', 10_000, 'a replica', 100)
    expect(named(await checkServer(unconnected(replica.url)), 'replication')).toMatchObject({
      level: 'error',
      remedy: 'Connect to the primary',
    })
    await replica.stop()
    await until(async () => named(await checkServer(store), 'replication')?.level === 'error', 10_000, 'the loss of the replica', 100)
    expect(named(await checkServer(store), 'replication')?.message).toContain('writes are refused')
  })

  test('it stops answering', async () => {
    const server = await ownServer()
    const store = testStore(server.url)
    await store.ready()
    server.suspend()
    onTestFinished(() => server.resume())
    const report = await within(2_000, checkServer(store, { timeout: 400 }), 'the report')
    expect(report.findings.map(({ name }) => name)).toEqual(['client', 'connection'])
    expect(named(report, 'connection')?.message).toBe('no answer within 400 ms')
    server.resume()
  })
})

describeWithRedisServer('a cluster of its own', () => {
  test('a node named as if it were a server by itself, and the others when one has died', { timeout: 60_000 }, async () => {
    const cluster = await redisCluster(3)
    onTestFinished(() => cluster.close())
    const node = cluster.nodes[0]?.url ?? ''
    expect(named(await checkServer(testStore(node)), 'cluster')).toMatchObject({ level: 'error', remedy: 'Use a redis+cluster:// URL' })
    const store = unconnected(cluster.url)
    await store.ready()
    await cluster.nodes[2]?.stop()
    const told = async (): Promise<ServerFinding[]> => {
      const { findings } = await checkServer(store, { timeout: 3_000 })
      return findings.filter(({ name, level }) => name === 'cluster' && level === 'error')
    }
    const findings = await until(async () => ((some) => some.length === 2 && some)(await told()), 30_000, 'a failed cluster', 200)
    expect(findings).toEqual(
      [0, 1].map(() => expect.objectContaining({ message: expect.stringContaining('cluster_state fail') as unknown }) as unknown),
    )
  })
})
