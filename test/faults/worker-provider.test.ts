import { Provider } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { registryKeys } from '../../packages/store/src/endpoint/keys.ts'
import { WorkerProvider } from '../../packages/worker/src/worker-provider.ts'
import { clientOf } from '../endpoint/running.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { capturedLog } from '../store/captured-log.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { endpointKeys, served } from '../worker/served.ts'
import { ownServer } from './own-server.ts'

const inTime = { timeout: '15 s' } as const

describeWithRedisServer('when the server fails a worker', () => {
  test('an outage before the first heartbeat is waited for, then jobs run and the endpoints answer', async () => {
    const server = await ownServer({ appendonly: 'always' })
    const queue = testQueue({ name: 'own', url: server.url })
    const client = clientOf(queue.store)
    const worker = await new Worker(queue, async () => 'done').ready()
    const job = await queue.add('some')
    await server.stop()
    const running = worker.run()
    await server.start()
    expect(await job.wait(inTime)).toBe('done')
    await served(worker, client)
    await worker.close()
    await running
  })

  test.for([
    ['its registration', /evalsha[\s\S]*:endpoint\}:providers/i],
    ['its subscription', /subscribe[\s\S]*:endpoint:worker-/i],
  ] as const)('a connection that is lost with %s is made anew', async ([, request]) => {
    const proxy = await tcpProxy((await ownServer()).url)
    onTestFinished(() => proxy.close())
    const queue = testQueue({ name: 'own', url: proxy.url })
    const cut = proxy.cutBeforeRequest(request)
    const worker = await runningWorker(queue, async () => 'done')
    await within(5_000, cut, 'the cut')
    await served(worker, clientOf(queue.store))
    expect(await (await queue.add('some')).wait(inTime)).toBe('done')
    await worker.close()
    expect(await endpointKeys(queue)).toEqual([])
  })

  test('a server that was restarted is told again', async () => {
    const server = await ownServer({ appendonly: false })
    const queue = testQueue({ name: 'own', url: server.url })
    const client = clientOf(queue.store)
    const worker = await runningWorker(queue, async () => 'done', { concurrency: 4 })
    worker.on('error', () => undefined)
    await served(worker, client)
    await server.restart()
    await served(worker, client)
    expect(await client.get(`${worker.address}.concurrency`)).toEqual({ value_raw: 4 })
  })

  test('a worker whose server refuses access to its endpoints says so once, runs and closes as ever, and serves them once it may', async () => {
    const { url } = await ownServer()
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await redis.call('ACL', 'SETUSER', 'default', 'resetkeys', '~*:work:*')
    const refused = async (): Promise<number> => Number(/errorstat_NOPERM:count=(\d+)/.exec(await redis.info('errorstats'))?.[1] ?? 0)
    const queue = testQueue({ name: 'own', url })
    const { logger, entries } = capturedLog()
    const warnings = (): unknown[] => entries.filter(({ level }) => level === 'warn')
    const first = await runningWorker(queue, async () => 'first', { logger })
    await until(async () => (await refused()) >= 2, 5_000, 'two tries')
    expect(warnings()).toMatchObject([
      { fields: { worker: first.address, err: { code: 'RIPEN_ACCESS', missing: expect.stringMatching(/^key \S+:providers, key /) } } },
    ])
    expect(await (await queue.add('some')).wait(inTime)).toBe('first')
    await within(300, first.close(), 'the close')
    expect(warnings().length).toBe(1)
    const second = await runningWorker(queue, async () => 'second', { logger })
    await until(() => warnings().length === 2, 5_000, 'its warning')
    await redis.call('ACL', 'SETUSER', 'default', 'allkeys')
    await served(second, clientOf(queue.store))
    expect(warnings().length).toBe(2)
  })

  test('endpoints that cannot be served at all are an error of the worker, which runs and closes as ever', async () => {
    const queue = testQueue({ name: 'own', url: (await ownServer()).url })
    await queue.store.redis.set(registryKeys(prefixOf(queue)).providers, 'no hash')
    const worker = new Worker(queue, async () => 'done')
    const failed = nextEvent(worker, 'error')
    const running = worker.run()
    expect(await failed).toMatchObject([{ code: 'RIPEN_WRONG_TYPE' }])
    expect(await (await queue.add('some')).wait(inTime)).toBe('done')
    await within(300, worker.close(), 'the close')
    await running
  })

  test('a registration that is under way when it closes does not outlive it', async () => {
    const { url } = await ownServer()
    const proxy = await tcpProxy(url)
    onTestFinished(() => proxy.close())
    const queue = testQueue({ name: 'own', url: proxy.url })
    // The server knows the script of the end, and not yet that of the registration, which is sent a second
    // time.
    await new Provider(queue.store, { name: 'other', endpoints: [] }).forget()
    proxy.delay(50)
    const worker = {
      address: 'worker-test',
      concurrency: 1,
      paused: false,
      active: 0,
      rate: 0,
      pause: () => Promise.resolve(),
      resume: () => undefined,
    }
    const provider = new WorkerProvider(queue.store, worker, { logger: capturedLog().logger, error: () => undefined })
    provider.open()
    await within(5_000, provider.close(), 'the close')
    proxy.delay(0)
    expect(await endpointKeys(queue)).toEqual([])
  })

  test('a close in an outage ends in its time', async () => {
    const server = await ownServer({ appendonly: 'always' })
    const queue = testQueue({ name: 'own', url: server.url })
    const worker = await runningWorker(queue, async () => 'done')
    await served(worker, clientOf(queue.store))
    await server.stop()
    const start = performance.now()
    await worker.close({ timeout: '1 s' })
    expect(performance.now() - start).toBeLessThan(1_300)
    await server.start()
  })
})
