import { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { pauseScript } from '../../packages/queue/src/scripts.generated.ts'
import { until, within } from '../support/deadline.ts'
import { deliverLate } from '../support/late-delivery.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

const short = 400
/** More than there are lanes. */
const many = 150

interface Opened {
  readonly server: RedisServer
  readonly proxy: TcpProxy
  readonly far: Queue
  readonly near: Queue
}

async function opened(enqueueTimeout = 10_000): Promise<Opened> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const far = new Queue('steered', { store: testStore(proxy.url, { prefix, enqueueTimeout }) })
  const near = new Queue('steered', { store: testStore(server.url, { prefix }) })
  await far.resume()
  return { server, proxy, far, near }
}

function codes(results: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const result of results) {
    const code = result.status === 'fulfilled' ? String(result.value) : result.reason.code
    counted[code] = (counted[code] ?? 0) + 1
  }
  return counted
}

describeWithRedisServer('calls that move jobs by hand', () => {
  test('more of them at once than there are lanes: each is answered for itself', async () => {
    const { far } = await opened()
    const jobs = await far.addBulk(Array.from({ length: many }, () => ({ name: 'some' })))
    const ids = jobs.flatMap(({ id }) => [id, `no-${id}`])
    const answers = await within(5_000, Promise.all(ids.map((id) => far.remove(id))), 'the answers')
    expect(answers).toEqual(ids.map((_id, i) => (i % 2 === 0 ? 1 : 0)))
  })

  test('in an outage each ends when its time is over, also one that waits for a lane; after it they go on', async () => {
    const { proxy, far } = await opened(short)
    proxy.halfOpen()
    const begun = performance.now()
    const results = await within(5_000, Promise.allSettled(Array.from({ length: many }, (_value, i) => far.remove(`${i}`))), 'their ends')
    expect(performance.now() - begun).toBeLessThan(short + 2_000)
    expect(codes(results)).toEqual({ RIPEN_CONNECTION: many })
    proxy.restore()
    proxy.cut()
    const again = (): Promise<boolean> =>
      far.remove('a').then(
        (removed) => removed === 0,
        () => false,
      )
    await until(again, 10_000, 'an answer')
    expect(new Set(await Promise.all(Array.from({ length: 10 }, again)))).toEqual(new Set([true]))
  })

  test('a queue that closes ends those that were not sent, and refuses what comes', async () => {
    const { proxy, far } = await opened(short)
    proxy.halfOpen()
    const calls = Array.from({ length: many }, (_value, i) => far.remove(`${i}`))
    const ended = Promise.allSettled(calls)
    await far.close()
    const { RIPEN_CLOSING, RIPEN_CONNECTION } = codes(await within(5_000, ended, 'their ends'))
    expect([RIPEN_CLOSING, RIPEN_CONNECTION]).toEqual([many - 64, 64])
    await expect(far.pause()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    proxy.restore()
    proxy.cut()
  })

  test('one that waits for the first contact ends with its queue, too', async () => {
    const server = await ownServer()
    const queue = new Queue('steered', { store: testStore(server.url) })
    server.suspend()
    onTestFinished(() => server.resume())
    const ended = queue.clear().catch((error: unknown) => error)
    await Promise.resolve()
    await queue.close()
    expect(await within(1_000, ended, 'its end')).toMatchObject({ code: 'RIPEN_CLOSING' })
    server.resume()
  })

  test('one that was given up, and arrives after the next call of its queue, changes nothing', async () => {
    const { server, proxy, far, near } = await opened(1_000)
    await far.pause()
    await far.resume()
    let copy = Buffer.alloc(0)
    const cut = proxy.cutBeforeRequest((request) => {
      if (!request.includes(pauseScript.sha)) return false
      copy = Buffer.from(request)
      proxy.refuse()
      return true
    })
    await expect(far.pause()).rejects.toMatchObject({ code: 'RIPEN_CONNECTION' })
    await cut
    await proxy.accept()
    await far.resume()
    await deliverLate(server.port, copy)
    const { options, caller } = internals(near.store)
    expect(await caller.call((client) => client.hexists(shardKeys(options.prefix, near.name, 0).meta, 'paused'))).toBe(0)
  })
})
