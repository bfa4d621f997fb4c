import type { Redis } from 'ioredis'
import type { Client } from '../call/caller.ts'
import type { Duration } from '../options/duration.ts'
import { isRipenError } from '../errors/errors.ts'
import { describeError } from '../foreign/describe-error.ts'
import { optional, parseOptions, signal as aborting, span } from '../options/options.ts'
import { isCluster } from '../connection/own-redis.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { clientVersions } from './client-versions.ts'
import { judgeServer } from './judge-server.ts'
import { measureTimes } from './measure-times.ts'
import { readFacts } from './server-facts.ts'
import type { ServerFinding, ServerReport } from './server-report.ts'

export interface CheckServerOptions {
  /**
   * How long the whole check may take. A server that has not answered by then is an error in the report.
   * Default 10 s.
   */
  readonly timeout?: Duration
  readonly signal?: AbortSignal
}

const rules = { timeout: optional(span(1), 10_000), signal: optional(aborting, undefined) }

/**
 * Checks the setup and the health of a server: version, persistence, eviction, memory, replication, the state
 * of a cluster (each of its primaries), round trips and clock. It changes nothing. What a server refuses to
 * tell, as managed servers do, is a finding. So is a server that does not answer.
 *
 * @throws ConfigurationError for an option that breaks its rule; the reason of the signal; ClosingError if
 *   the store closes.
 */
export async function checkServer(store: Store, options?: CheckServerOptions): Promise<ServerReport> {
  const { timeout, signal } = parseOptions('checkServer options', options, rules)
  const ripen = internals(store)
  const findings: ServerFinding[] = [clientVersions()]
  let checks: NodeCheck[] = []
  try {
    await ripen.caller.call(
      async (client) => {
        checks = primariesOf(client).map((node) => new NodeCheck(ripen, node))
        await Promise.all(checks.map((check) => check.run()))
      },
      { budget: timeout, signal },
    )
  } catch (error) {
    if (!isRipenError(error, 'RIPEN_CONNECTION')) throw error
    if (checks.length === 0) findings.push(unreachable(error.message))
  }
  findings.push(...checks.flatMap((check) => check.report(timeout)))
  return { ok: findings.every(({ level }) => level !== 'error'), topology: ripen.topology, findings }
}

function primariesOf(client: Client): readonly Redis[] {
  return isCluster(client) ? client.nodes('master') : [client]
}

function unreachable(message: string): ServerFinding {
  return { level: 'error', name: 'connection', message, remedy: 'Check the address, the password and the server' }
}

/** The look at one primary. */
class NodeCheck {
  readonly #store: RipenStore
  readonly #node: Redis
  readonly #findings: ServerFinding[] = []
  #done = false

  constructor(store: RipenStore, node: Redis) {
    this.#store = store
    this.#node = node
  }

  /** Never rejects: a lost connection is a finding. */
  async run(): Promise<void> {
    try {
      this.#findings.push(...(this.#store.connections.inMemory ? inMemory : judgeServer(await readFacts(this.#node, this.#store.topology))))
      this.#findings.push(...(await measureTimes(this.#node)))
    } catch (error) {
      this.#findings.push(unreachable(`the connection was lost: ${describeError(error).message}`))
    }
    this.#done = true
  }

  report(timeout: number): ServerFinding[] {
    const findings = this.#done ? this.#findings : [...this.#findings, unreachable(`no answer within ${timeout} ms`)]
    if (this.#store.topology !== 'cluster') return findings
    const { host = '', port = '' } = this.#node.options
    return findings.map((finding) => ({ ...finding, node: `${host}:${port}` }))
  }
}

const inMemory: readonly ServerFinding[] = [
  { level: 'ok', name: 'version', message: 'the embedded server, in the memory of this process' },
  {
    level: 'warning',
    name: 'persistence',
    message: 'the embedded server keeps nothing after this process exits',
    remedy: "Name a server (RIPEN_URL), or use 'embedded:./directory'",
  },
]
