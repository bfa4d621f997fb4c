import { afterAll, beforeAll, describe, inject } from 'vitest'
import { startEmbedded } from '../../packages/store/src/embedded/index.ts'
import { redisCluster } from './cluster.ts'
import { hasRedisServer, redisServer } from './redis-server.ts'

/**
 * The server of a run of a conformance suite. Its `url` is there in hooks and tests, not while the suite is
 * collected.
 */
export interface ConformanceServer {
  readonly name: string
  readonly url: string
}

interface Running {
  readonly url: string
  close(): Promise<unknown>
}

type Suite = (name: string, server: ConformanceServer) => void

/**
 * Runs one suite on the embedded server, on a redis-server, on a cluster of three primaries, and on what
 * `RIPEN_TEST_URL` or `RIPEN_TEST_IMAGE` names. What this machine does not have is skipped, with the reason
 * printed.
 */
export function onEachServer(suite: Suite): void {
  onStandaloneServers(suite)
  if (hasRedisServer()) run('cluster', suite, () => redisCluster(3))
  else skip('cluster', suite)
}

/** As {@link onEachServer}, for what a cluster does not have: several databases, one address. */
export function onStandaloneServers(suite: Suite): void {
  const shared = inject('testServer')
  run('embedded', suite, startEmbedded)
  if (shared.kind === 'given' || shared.kind === 'container')
    run(shared.kind, suite, () => Promise.resolve({ url: shared.url, close: () => Promise.resolve() }))
  if (hasRedisServer())
    run('redis-server', suite, () =>
      shared.kind === 'redis-server' ? Promise.resolve({ url: shared.url, close: () => Promise.resolve() }) : redisServer(),
    )
  else skip('redis-server', suite)
}

function run(name: string, suite: Suite, start: () => Promise<Running>): void {
  describe(`on ${name}`, () => {
    let running: Running | undefined
    beforeAll(async () => {
      running = await start()
    })
    afterAll(async () => {
      await running?.close()
    })
    suite(name, {
      name,
      get url(): string {
        if (running === undefined) throw new Error('the url of a server is known in hooks and tests only')
        return running.url
      },
    })
  })
}

function skip(name: string, suite: Suite): void {
  console.log(`skipped on ${name}: it needs redis-server or valkey-server on the PATH`)
  describe.skip(`on ${name}`, () => suite(name, { name, url: '' }))
}
