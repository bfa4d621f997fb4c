import { expect, test } from 'vitest'
import { judgeServer } from './judge-server.ts'
import { parseFields, type ServerFacts } from './server-facts.ts'
import type { ServerFinding } from './server-report.ts'

const healthyInfo = {
  redis_version: '7.0.15',
  aof_enabled: '1',
  aof_last_write_status: 'ok',
  rdb_last_bgsave_status: 'ok',
  maxmemory_policy: 'noeviction',
  maxmemory: '1000',
  used_memory: '100',
  role: 'master',
  slave0: 'ip=10.0.0.2,port=6379,state=online,offset=14,lag=0',
  cluster_enabled: '0',
}
const healthyConfig = { appendfsync: 'everysec', save: '', 'min-replicas-to-write': '0' }
const healthyCluster = { cluster_state: 'ok', cluster_slots_assigned: '16384', cluster_size: '3' }

type Fields = Readonly<Record<string, string | undefined>>

function given(fields: Fields): ReadonlyMap<string, string> {
  return new Map(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

/** The finding of this name for a server that is healthy but for what is given. */
function judged(
  name: ServerFinding['name'],
  info: Fields,
  config: Fields = {},
  topology: ServerFacts['topology'] = 'standalone',
  cluster: Fields = {},
): ServerFinding | undefined {
  const facts = {
    topology,
    info: given({ ...healthyInfo, ...info }),
    config: given({ ...healthyConfig, ...config }),
    cluster: given({ ...healthyCluster, ...cluster }),
  }
  return judgeServer(facts).find((finding) => finding.name === name)
}

test('nothing is wrong with a healthy server', () => {
  const findings = judgeServer({ topology: 'sentinel', info: given(healthyInfo), config: given(healthyConfig), cluster: new Map() })
  expect(findings.map(({ name, level }) => `${name} ${level}`)).toEqual([
    'version ok',
    'persistence ok',
    'eviction ok',
    'memory ok',
    'replication ok',
  ])
})

test('what a server does not tell is unknown, and no reason to say that all is well', () => {
  const findings = judgeServer({ topology: 'cluster', info: new Map(), config: new Map(), cluster: new Map() })
  expect(findings.map(({ level }) => level)).toEqual(['warning', 'warning', 'warning', 'warning', 'warning', 'warning'])
  for (const { message, remedy } of findings) {
    expect(message).toContain('unknown')
    expect(remedy).toBeUndefined()
  }
})

test.each([
  ['2.8.24', undefined, 'error', 'Redis 2.8.24 is too old'],
  ['6.0.20', undefined, 'error', 'Redis 6.0.20 is too old'],
  ['6.2.0', undefined, 'ok', 'Redis 6.2.0'],
  ['8.0.1', undefined, 'ok', 'Redis 8.0.1'],
  ['10.0.0', undefined, 'ok', 'Redis 10.0.0'],
  ['7.2.4', '8.1.0', 'ok', 'Valkey 8.1.0'],
])('version %s, Valkey %s: %s', (redis_version, valkey_version, level, message) => {
  expect(judged('version', { redis_version, valkey_version })).toMatchObject({ level, message })
})

test.each([
  [{}, { appendfsync: 'always' }, 'ok', 'appendfsync always'],
  [{}, { appendfsync: 'no' }, 'warning', 'appendfsync no'],
  [{}, { appendfsync: undefined }, 'warning', 'appendfsync unknown'],
  [{ aof_enabled: '0' }, { save: '' }, 'warning', 'a restart loses all jobs'],
  [{ aof_enabled: '0' }, { save: '3600 1' }, 'warning', 'only snapshots (save 3600 1)'],
  [{ aof_enabled: '0' }, { save: undefined }, 'warning', 'and whether it makes snapshots is unknown'],
  [{ aof_last_write_status: 'err' }, {}, 'error', 'the last write of the append-only file failed'],
  [{ aof_last_bgrewrite_status: 'err' }, {}, 'error', 'the last rewrite of the append-only file failed'],
  [{ rdb_last_bgsave_status: 'err' }, {}, 'error', 'the last snapshot failed'],
])('persistence of %j, %j: %s', (info, config, level, message) => {
  expect(judged('persistence', info, config)).toMatchObject({ level, message: expect.stringContaining(message) as unknown })
})

test.each([
  [{ maxmemory_policy: 'allkeys-lru' }, 'error'],
  [{ maxmemory_policy: 'volatile-ttl', maxmemory: '0' }, 'warning'],
])('eviction of %j: %s', (info, level) => {
  expect(judged('eviction', info)).toMatchObject({ level, remedy: 'Run CONFIG SET maxmemory-policy noeviction' })
})

test.each([
  [{ maxmemory: '0' }, 'ok', 'no maxmemory'],
  [{ used_memory: '899' }, 'ok', '(90 %)'],
  [{ used_memory: '900' }, 'warning', '(90 %)'],
  [{ used_memory: '1000' }, 'error', 'adds are refused'],
])('memory of %j: %s', (info, level, message) => {
  expect(judged('memory', info)).toMatchObject({ level, message: expect.stringContaining(message) as unknown })
})

const waiting = 'ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=0'

test.each([
  [{ role: 'slave' }, {}, 'standalone', 'error', 'takes no writes'],
  [{ slave0: undefined }, {}, 'standalone', 'ok', '0 of 0 replicas online'],
  [{ slave0: undefined }, {}, 'sentinel', 'warning', 'nothing takes over'],
  [{ slave0: undefined }, {}, 'cluster', 'warning', 'nothing takes over'],
  [{ slave1: waiting }, {}, 'standalone', 'warning', '1 of 2 replicas online'],
  [{ slave1: waiting, min_slaves_good_slaves: '1' }, { 'min-replicas-to-write': '2' }, 'standalone', 'error', 'writes are refused'],
  [{ min_slaves_good_slaves: '1' }, { 'min-replicas-to-write': '1' }, 'standalone', 'ok', 'min-replicas-to-write 1'],
  [{}, { 'min-replicas-to-write': undefined }, 'standalone', 'ok', 'min-replicas-to-write unknown'],
] as const)('replication of %j, %j, %s: %s', (info, config, topology, level, message) => {
  expect(judged('replication', info, config, topology)).toMatchObject({ level, message: expect.stringContaining(message) as unknown })
})

test('a node of a cluster is no server by itself', () => {
  expect(judged('cluster', { cluster_enabled: '1' })).toMatchObject({ level: 'error', remedy: 'Use a redis+cluster:// URL' })
})

test.each([
  [{}, 'ok', 'cluster_state ok, 3 primaries, 16384 slots'],
  [{ cluster_state: 'fail' }, 'error', 'keys are refused'],
  [{ cluster_slots_pfail: '5000' }, 'warning', '5000 on nodes that do not answer'],
])('cluster of %j: %s', (cluster, level, message) => {
  const finding = judged('cluster', { cluster_enabled: '1' }, {}, 'cluster', cluster)
  expect(finding).toMatchObject({ level, message: expect.stringContaining(message) as unknown })
})

test('fields are read as INFO has them', () => {
  expect([...parseFields('# Server\r\nredis_version:7.0.15\r\nos:Linux 6.1: x\r\n\r\n# Memory\r\nempty:\r\n')]).toEqual([
    ['redis_version', '7.0.15'],
    ['os', 'Linux 6.1: x'],
    ['empty', ''],
  ])
})
