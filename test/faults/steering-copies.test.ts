import { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { openStore } from '@ripen/store'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import * as scripts from '../../packages/queue/src/scripts.generated.ts'
import { aborted } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { redisCluster } from '../support/cluster.ts'
import { until, within } from '../support/deadline.ts'
import { deliverLate } from '../support/late-delivery.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

type Jobs = Record<'some', undefined>

interface Move {
  readonly script: { readonly sha: string }
  /** Which call of it loses its answer. */
  readonly position?: number
  readonly prepare?: (near: Queue<Jobs>) => Promise<unknown>
  readonly call: (far: Queue<Jobs>) => Promise<unknown>
  readonly answer?: unknown
  /** What is done then, beside the proxy. */
  readonly contrary: (near: Queue<Jobs>) => Promise<unknown>
  /** What must be the same after the copy as before it. */
  readonly look: (near: Queue<Jobs>) => Promise<unknown>
  readonly after: unknown
}

const hour = { delay: '1 h' } as const
const add = (near: Queue<Jobs>): Promise<unknown> => near.add('some', undefined, { id: 'a' })
const state = async (near: Queue<Jobs>): Promise<unknown> => (await near.getJob('a'))?.state
const waiting = async (near: Queue<Jobs>): Promise<unknown> => {
  const { ready, scheduled, blocked } = await near.counts()
  return ready + scheduled + blocked
}

function hasField(near: Queue<Jobs>, key: 'meta' | 'cancels', field: string): Promise<number> {
  const { options, caller } = internals(near.store)
  return caller.call((client) => client.hexists(shardKeys(options.prefix, near.name, 0)[key], field))
}
const paused = (near: Queue<Jobs>): Promise<unknown> => hasField(near, 'meta', 'paused')

async function untilAborted(_job: unknown, { signal }: { readonly signal: AbortSignal }): Promise<never> {
  await aborted(signal)
  throw signal.reason
}

const addTwoPages = (near: Queue<Jobs>): Promise<unknown> =>
  near.addBulk([{ name: 'some' }, { name: 'some' }, { name: 'some', options: hour }])

const clearing: Omit<Move, 'prepare' | 'answer'> = {
  script: scripts.clearScript,
  call: (far) => far.clear(),
  contrary: (near) => near.addBulk([{ name: 'some' }, { name: 'some', options: hour }]),
  look: waiting,
  after: 2,
}

const moves: Record<string, Move> = {
  pause: {
    script: scripts.pauseScript,
    call: (far) => far.pause(),
    contrary: (near) => near.resume(),
    look: paused,
    after: 0,
  },
  resume: {
    script: scripts.pauseScript,
    prepare: (near) => near.pause(),
    call: (far) => far.resume(),
    contrary: (near) => near.pause(),
    look: paused,
    after: 1,
  },
  'clear, its first page': {
    ...clearing,
    prepare: addTwoPages,
    answer: 3,
  },
  'clear, its second page': { ...clearing, position: 2, prepare: addTwoPages, answer: 3 },
  'clear, its last page, which finds nothing': { ...clearing, position: 2, prepare: add, answer: 1 },
  remove: {
    script: scripts.removeScript,
    prepare: add,
    call: (far) => far.remove('a'),
    answer: 1,
    contrary: add,
    look: state,
    after: 'ready',
  },
  'remove of what is not there': {
    script: scripts.removeScript,
    call: (far) => far.remove('a'),
    answer: 0,
    contrary: add,
    look: state,
    after: 'ready',
  },
  promote: {
    script: scripts.promoteScript,
    prepare: (near) => near.add('some', undefined, { id: 'a', ...hour }),
    call: (far) => far.promote('a'),
    answer: 1,
    contrary: async (near) => (await near.remove('a'), near.add('some', undefined, { id: 'a', ...hour })),
    look: state,
    after: 'scheduled',
  },
  retry: {
    script: scripts.retryScript,
    prepare: async (near) => (await add(near), near.cancel('a')),
    call: (far) => far.retry('a'),
    answer: 1,
    contrary: (near) => near.cancel('a'),
    look: state,
    after: 'cancelled',
  },
  'cancel, of a job that waits': {
    script: scripts.cancelScript,
    prepare: add,
    call: (far) => far.cancel('a'),
    answer: 1,
    contrary: (near) => near.retry('a'),
    look: state,
    after: 'ready',
  },
  'cancel, of an active job': {
    script: scripts.cancelScript,
    prepare: async (near) => {
      await runningWorker(near, untilAborted)
      await add(near)
      await until(async () => (await state(near)) === 'active', 5_000, 'the first run')
    },
    call: (far) => far.cancel('a'),
    answer: 1,
    contrary: async (near) => {
      await until(async () => (await state(near)) === 'cancelled', 5_000, 'the end of the first run')
      await near.retry('a')
      await until(async () => (await state(near)) === 'active', 5_000, 'the second run')
    },
    look: async (near) => [await state(near), await hasField(near, 'cancels', 'a')],
    after: ['active', 0],
  },
}

/** The servers of a topology, each behind a proxy. */
interface Servers {
  readonly url: string
  readonly nodes: readonly RedisServer[]
  readonly proxies: readonly TcpProxy[]
  close(): Promise<void>
}

async function servers(primaries: number): Promise<Servers> {
  const cluster = primaries === 1 ? undefined : await redisCluster(primaries)
  const nodes = cluster?.nodes ?? [await redisServer()]
  const proxies = await Promise.all(nodes.map(({ port }) => tcpProxy(port)))
  // A hash that a server does not know is refused, not applied.
  for (const { port } of nodes) {
    const client = new Redis(port, '127.0.0.1')
    await Promise.all(Object.values(scripts).flatMap((script) => ('source' in script ? [client.script('LOAD', script.source)] : [])))
    client.disconnect()
  }
  return {
    url: cluster?.url ?? nodes[0]!.url,
    nodes,
    proxies,
    close: async () => {
      for (const proxy of proxies) proxy.close()
      await (cluster ?? nodes[0])?.close()
    },
  }
}

interface Opened {
  /** Through the proxy of the node that has the queue. */
  readonly far: Queue<Jobs>
  /** Beside it. */
  readonly near: Queue<Jobs>
  readonly node: RedisServer
  readonly proxy: TcpProxy
}

async function opened({ url, nodes, proxies }: Servers): Promise<Opened> {
  const [prefix, name] = [randomPrefix(), 'steered']
  const near = new Queue<Jobs>(name, { store: testStore(url, { prefix }) })
  let index = 0
  if (nodes.length > 1) {
    const { meta } = shardKeys(prefix, name, 0)
    const slot = await internals(near.store).caller.call((client) => client.call('CLUSTER', 'KEYSLOT', meta))
    index = Math.floor((Number(slot) * nodes.length) / 16_384)
  }
  const [node, proxy] = [nodes[index] as RedisServer, proxies[index] as TcpProxy]
  const natMap = { [`127.0.0.1:${node.port}`]: { host: '127.0.0.1', port: proxy.port } }
  const cluster = new Cluster([{ host: '127.0.0.1', port: proxy.port }], { lazyConnect: true, natMap })
  const store = nodes.length > 1 ? openStore({ redis: cluster, prefix, enqueueTimeout: '10 s' }) : testStore(proxy.url, { prefix })
  onTestFinished(() => store.close())
  return { far: new Queue<Jobs>(name, { store }), near, node, proxy }
}

/** Loses the answer of a call of the script; answers the request, once the server has applied it. */
async function cutAfter(proxy: TcpProxy, { sha }: Move['script'], position = 1): Promise<Buffer> {
  let copy: Buffer | undefined
  await proxy.cutAfterRequest((request) => {
    if (!request.includes(sha) || --position > 0) return false
    copy = Buffer.from(request)
    return true
  })
  return copy as Buffer
}

for (const [topology, primaries] of [
  ['redis-server', 1],
  ['a cluster of three', 3],
] as const)
  describeWithRedisServer(`a call that moves jobs by hand, on ${topology}`, () => {
    let running: Servers

    beforeAll(async () => {
      running = await servers(primaries)
    })

    afterAll(() => running.close())

    test.for(Object.entries(moves))('%s: a lost answer is repeated, and a copy that comes late changes nothing', async ([, move]) => {
      const { far, near, node, proxy } = await opened(running)
      await move.prepare?.(near)
      await far.ready()
      const cut = cutAfter(proxy, move.script, move.position)
      expect(await within(10_000, move.call(far), 'the answer')).toBe(move.answer)
      const copy = await within(1_000, cut, 'the cut')
      await move.contrary(near)
      expect(await move.look(near)).toEqual(move.after)
      await deliverLate(node.port, copy)
      expect(await move.look(near)).toEqual(move.after)
    })
  })
