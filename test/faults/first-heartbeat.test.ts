import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { extendScript } from '../../packages/queue/src/scripts.generated.ts'
import { within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a worker that starts', () => {
  // Its heartbeat thread may be slow to come up on a busy machine, and a lease is as short as 1 s.
  test('takes no job before its thread has spoken for it', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ look: undefined }>('first', { store: testStore(url, { prefix }) })
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await queue.add('look')
    const client = await internals(queue.store).caller.client()
    const sent = vi.spyOn(client, 'sendCommand')
    const worker = new Worker(queue, { look: () => redis.zcard(shardKeys(prefix, 'first', 0).workers) }, { lease: '1 s' })
    const result = new Promise<unknown>((resolve) => worker.once('completed', (_job, value) => resolve(value)))
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    expect(await within(5_000, result, 'the end of the job')).toBe(1)
    // A first heartbeat from the main loop would hold for one lease, and the thread might need longer.
    expect(sent.mock.calls.filter(([command]) => command.args[0] === extendScript.sha)).toEqual([])
  })

  /** A worker whose connections stay, while no new one comes about. */
  const unheard = async (): Promise<{
    proxy: TcpProxy
    queue: Queue<{ look: undefined }>
    worker: Worker<any>
    running: Promise<void>
    error: Error
  }> => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const queue = new Queue<{ look: undefined }>('first', { store: testStore(proxy.url) })
    onTestFinished(() => proxy.accept())
    await queue.add('look')
    proxy.refuse()
    const worker = new Worker(queue, { look: async () => 'done' })
    const told = new Promise<Error>((resolve) => worker.once('error', resolve))
    worker.on('error', () => undefined)
    const running = worker.run()
    return { proxy, queue, worker, running, error: await within(20_000, told, 'the error') }
  }

  test('tells that its heartbeat does not come through, and takes nothing until it does', async () => {
    const { proxy, queue, worker, running, error } = await unheard()
    expect(error).toMatchObject({ code: 'RIPEN_CONNECTION', message: expect.stringContaining('heartbeat') })
    expect(await queue.counts()).toMatchObject({ ready: 1, active: 0 })
    const completed = new Promise((resolve) => worker.once('completed', (_job, value) => resolve(value)))
    await proxy.accept()
    expect(await within(10_000, completed, 'the job')).toBe('done')
    await worker.close()
    await running
  })

  test('ends with its store, though its heartbeat never came through', async () => {
    const { queue, running } = await unheard()
    await queue.store.close()
    expect(await within(10_000, running, 'the end of run()')).toBeUndefined()
  })
})
