import { judgeEviction } from './eviction.ts'
import type { ServerFacts } from './server-facts.ts'
import type { ServerFinding } from './server-report.ts'

/** The oldest Redis whose commands the scripts may use. */
const oldest = [6, 2] as const
/** A server that has used this part of its maxmemory is soon full. */
const nearlyFull = 0.9

/** Judges what a server tells of itself. */
export function judgeServer(facts: ServerFacts): ServerFinding[] {
  const findings = [judgeVersion(facts), judgePersistence(facts), judgeEviction(facts.info), judgeMemory(facts), judgeReplication(facts)]
  const cluster = judgeCluster(facts)
  return cluster === undefined ? findings : [...findings, cluster]
}

function judgeVersion({ info }: ServerFacts): ServerFinding {
  const name = 'version'
  // Valkey also tells the version of Redis that it is compatible with.
  const compatible = info.get('redis_version')
  if (compatible === undefined) return { level: 'warning', name, message: 'the version is unknown: the server refuses INFO' }
  const valkey = info.get('valkey_version')
  const message = valkey === undefined ? `Redis ${compatible}` : `Valkey ${valkey}`
  const [major = 0, minor = 0] = compatible.split('.').map(Number)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return { level: 'ok', name, message }
  return { level: 'error', name, message: `${message} is too old`, remedy: 'Upgrade to Redis 6.2 or later, or to Valkey' }
}

function judgePersistence({ info, config }: ServerFacts): ServerFinding {
  const name = 'persistence'
  const appending = info.get('aof_enabled')
  if (appending === undefined) return { level: 'warning', name, message: 'persistence is unknown: the server does not report it' }
  for (const [field, what] of failures) {
    if (info.get(field) === 'err')
      return { level: 'error', name, message: `${what} failed: the server may refuse writes`, remedy: 'Check its log and its disk' }
  }
  if (appending === '0') {
    const save = config.get('save')
    const snapshots =
      save === undefined
        ? 'and whether it makes snapshots is unknown'
        : save === ''
          ? 'and no snapshots: a restart loses all jobs'
          : `only snapshots (save ${save}): a restart loses everything after the last one`
    return { level: 'warning', name, message: `no append-only file, ${snapshots}`, remedy: 'Run CONFIG SET appendonly yes' }
  }
  const sync = config.get('appendfsync')
  if (sync === 'always')
    return { level: 'ok', name, message: 'append-only file, appendfsync always: nothing acknowledged is lost by a crash' }
  if (sync === 'everysec')
    return { level: 'ok', name, message: 'append-only file, appendfsync everysec: a crash of the machine may lose the last second' }
  return {
    level: 'warning',
    name,
    message: `append-only file, appendfsync ${sync ?? 'unknown: the server does not report it'}`,
    ...(sync === undefined ? {} : { remedy: 'Run CONFIG SET appendfsync everysec, or always' }),
  }
}

const failures: readonly (readonly [field: string, what: string])[] = [
  ['aof_last_write_status', 'the last write of the append-only file'],
  ['aof_last_bgrewrite_status', 'the last rewrite of the append-only file'],
  ['rdb_last_bgsave_status', 'the last snapshot'],
]

function judgeMemory({ info }: ServerFacts): ServerFinding {
  const name = 'memory'
  const used = Number(info.get('used_memory') ?? Number.NaN)
  const most = Number(info.get('maxmemory') ?? Number.NaN)
  if (Number.isNaN(used) || Number.isNaN(most))
    return { level: 'warning', name, message: 'memory is unknown: the server does not report it' }
  if (most === 0) return { level: 'ok', name, message: `${megabytes(used)} used, no maxmemory` }
  const message = `${megabytes(used)} of ${megabytes(most)} used (${Math.round((100 * used) / most)} %)`
  if (used < nearlyFull * most) return { level: 'ok', name, message }
  return {
    level: used < most ? 'warning' : 'error',
    name,
    message: `${message}: adds are refused when it is full`,
    remedy: 'Raise maxmemory, keep fewer ended jobs (`retain`), or run more workers',
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

function judgeReplication({ info, config, topology }: ServerFacts): ServerFinding {
  const name = 'replication'
  const role = info.get('role')
  if (role === undefined) return { level: 'warning', name, message: 'replication is unknown: the server does not report it' }
  if (role !== 'master')
    return { level: 'error', name, message: 'the server is a replica: it takes no writes', remedy: 'Connect to the primary' }
  const replicas = [...info].filter(([field]) => /^slave\d+$/.test(field)).map(([, about]) => about)
  const online = replicas.filter((about) => about.includes('state=online')).length
  const needed = Number(config.get('min-replicas-to-write') ?? 0)
  const good = Number(info.get('min_slaves_good_slaves') ?? online)
  const message = `${online} of ${replicas.length} replicas online, min-replicas-to-write ${config.get('min-replicas-to-write') ?? 'unknown'}`
  if (good < needed) return { level: 'error', name, message: `${message}, ${good} good: writes are refused`, remedy: 'Check the replicas' }
  if (online < replicas.length) return { level: 'warning', name, message, remedy: 'Check the replicas' }
  if (online > 0 || topology === 'standalone' || topology === 'embedded') return { level: 'ok', name, message }
  return { level: 'warning', name, message: `${message}: nothing takes over if the primary dies`, remedy: 'Give the primary a replica' }
}

function judgeCluster({ info, cluster, topology }: ServerFacts): ServerFinding | undefined {
  const name = 'cluster'
  const enabled = info.get('cluster_enabled')
  if (topology !== 'cluster') {
    if (enabled !== '1') return undefined
    return { level: 'error', name, message: 'the server is part of a cluster: it refuses most keys', remedy: 'Use a redis+cluster:// URL' }
  }
  const state = cluster.get('cluster_state')
  if (state === undefined) return { level: 'warning', name, message: 'the state of the cluster is unknown: the server does not report it' }
  const troubled = Number(cluster.get('cluster_slots_pfail') ?? 0) + Number(cluster.get('cluster_slots_fail') ?? 0)
  const message = `cluster_state ${state}, ${cluster.get('cluster_size') ?? '?'} primaries, ${cluster.get('cluster_slots_assigned') ?? '?'} slots`
  if (state !== 'ok') return { level: 'error', name, message: `${message}: keys are refused`, remedy: 'Run redis-cli --cluster check' }
  if (troubled === 0) return { level: 'ok', name, message }
  return { level: 'warning', name, message: `${message}, ${troubled} on nodes that do not answer`, remedy: 'Check those nodes' }
}
