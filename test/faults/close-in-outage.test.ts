import { Queue } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { describe, expect, onTestFinished, test } from 'vitest'
import { pageScript } from '../../packages/queue/src/scripts.generated.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, type RedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

type Jobs = { quick: undefined; hold: undefined }

const enqueueTimeout = 500

const outages: [name: string, begin: (server: RedisServer) => Promise<void> | void, end: (server: RedisServer) => Promise<void> | void][] =
  [
    ['suspended', (server) => server.suspend(), (server) => server.resume()],
    ['down', (server) => server.stop(), (server) => server.start()],
  ]

interface Opened {
  readonly server: RedisServer
  readonly store: Store
  readonly queue: Queue<Jobs>
}

async function opened(): Promise<Opened> {
  const server = await ownServer({ appendonly: 'always' })
  const store = testStore(server.url, { enqueueTimeout })
  return { server, store, queue: new Queue<Jobs>('outage', { store }) }
}

/** ms that a promise takes to end, whatever its outcome. */
async function duration(promise: Promise<unknown>): Promise<number> {
  const start = performance.now()
  await promise.catch(() => undefined)
  return performance.now() - start
}

/**
 * The connection is made anew at its own pace, which a busy machine can stretch beyond the time of one call.
 */
async function answering(store: Store): Promise<void> {
  const answers = (): Promise<boolean> =>
    store.now().then(
      () => true,
      () => false,
    )
  await until(answers, 10_000, 'an answer of the server')
}

describeWithRedisServer('while the server is away', () => {
  test('a worker that has not found it yet closes in its time', async () => {
    const server = await ownServer()
    const queue = new Queue<Jobs>('outage', { store: testStore(server.url, { enqueueTimeout: '20 s' }) })
    server.suspend()
    onTestFinished(() => server.resume())
    const worker = new Worker(queue, { quick: async () => undefined, hold: async () => undefined })
    worker.on('error', () => undefined)
    const running = worker.run()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await duration(worker.close({ timeout: 500 }))).toBeLessThan(1_000)
    await within(1_000, running, 'the end of run()')
  })

  test('the close of the store ends a worker that asks for its leases', async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const store = testStore(proxy.url)
    const queue = new Queue<Jobs>('outage', { store })
    const worker = new Worker(queue, { quick: async () => undefined, hold: async () => undefined })
    const errors: Error[] = []
    worker.on('error', (error) => errors.push(error))
    const running = worker.run()
    const started = new Promise((resolve) => worker.once('completed', resolve))
    await queue.add('quick')
    await within(5_000, started, 'a completed job')
    const asked = proxy.cutBeforeRequest(new RegExp(pageScript.sha))
    proxy.cut()
    await within(10_000, asked, 'the question for the leases')
    proxy.refuse()
    await store.close()
    await within(5_000, running, 'the end of run()')
    expect(errors.at(-1)).toMatchObject({ code: 'RIPEN_CLOSING' })
    await proxy.accept()
  })

  describe.each(outages)('%s', (_name, begin, end) => {
    test('everything closes in its time', async () => {
      const { server, store, queue } = await opened()
      const worker = new Worker(
        queue,
        { quick: async () => undefined, hold: () => new Promise(() => undefined) },
        { concurrency: 10, lease: '1 s' },
      )
      const errors: Error[] = []
      worker.on('error', (error) => errors.push(error))
      const running = worker.run()
      const started = new Promise((resolve) => worker.once('completed', resolve))
      await queue.addBulk([{ name: 'hold' }, { name: 'quick' }])
      await within(5_000, started, 'a completed job')
      const delayed = await queue.add('hold', undefined, { delay: '1 h' })
      const waited = delayed.wait().catch((error: unknown) => error)
      await begin(server)
      onTestFinished(() => end(server))
      const adding = queue.add('quick').catch((error: unknown) => error)
      expect(await duration(worker.close({ timeout: 2_000 }))).toBeLessThan(2_200)
      expect(await duration(queue.close())).toBeLessThan(100)
      expect(await duration(store.close())).toBeLessThan(2_000)
      const [wait, add] = await within(1_000, Promise.all([waited, adding, running]), 'the end of all that waited')
      expect(wait).toMatchObject({ code: 'RIPEN_CLOSING' })
      expect(add).toMatchObject({ code: expect.stringMatching(/^RIPEN_(CLOSING|ENQUEUE_TIMEOUT)$/) })
      await end(server)
    })

    test('a worker that never met the server closes', async () => {
      const { server, queue } = await opened()
      await begin(server)
      onTestFinished(() => end(server))
      const worker = new Worker(queue, async () => undefined)
      worker.on('error', () => undefined)
      const running = worker.run()
      expect(await duration(worker.close({ timeout: 1_000 }))).toBeLessThan(1_200)
      await within(100, running, 'the end of run')
      await end(server)
    })

    test.each(['a queue that was in use', 'a queue that was not'])(
      '%s: an add fails in its time, names its job, and can be made again with that id',
      async (used) => {
        const { server, store, queue } = await opened()
        if (used === 'a queue that was in use') await queue.add('quick')
        const before = (await queue.counts()).ready
        await begin(server)
        onTestFinished(() => end(server))
        const start = performance.now()
        const outcomes = await Promise.allSettled([
          queue.add('quick'),
          queue.add('quick', undefined, { id: 'mine' }),
          queue.add('quick', undefined, { delay: '1 h' }),
        ])
        const took = performance.now() - start
        expect(took).toBeGreaterThanOrEqual(enqueueTimeout - 5)
        expect(took).toBeLessThan(enqueueTimeout + 200)
        // Again in the same outage: no call has opened a session since.
        outcomes.push(...(await Promise.allSettled([queue.add('quick')])))
        const ids = outcomes.map((outcome) => {
          expect(outcome).toMatchObject({
            status: 'rejected',
            reason: { code: 'RIPEN_ENQUEUE_TIMEOUT', jobId: expect.stringMatching(/^(~0[-\w]{12}|mine)$/) },
          })
          return (outcome as PromiseRejectedResult).reason.jobId as string
        })
        expect(new Set(ids).size).toBe(4)
        await end(server)
        await answering(store)
        for (const id of [...ids, ...ids]) expect(await queue.add('quick', undefined, { id })).toMatchObject({ id })
        const { ready, scheduled } = await queue.counts()
        expect(ready + scheduled).toBe(before + 4)
      },
    )

    test('every add waits for its own time', async () => {
      const { server, queue } = await opened()
      await begin(server)
      onTestFinished(() => end(server))
      const adds: Promise<number>[] = []
      await until(() => adds.push(duration(queue.add('quick'))) === 5, 2_000, 'five adds', 80)
      for (const took of await Promise.all(adds)) {
        expect(took).toBeGreaterThanOrEqual(enqueueTimeout - 5)
        expect(took).toBeLessThan(enqueueTimeout + 200)
      }
      await end(server)
    })

    test('other calls fail with a ConnectionError in the same time', async () => {
      const { server, store, queue } = await opened()
      const job = await queue.add('quick')
      await begin(server)
      onTestFinished(() => end(server))
      const calls = [
        store.now(),
        queue.counts(),
        queue.getJob('x'),
        queue.getJobs({ state: 'ready' }),
        queue.cancel('x'),
        queue.retry('x'),
        queue.promote('x'),
        queue.remove('x'),
        job.refresh(),
        new Queue('other', { store }).pause(),
      ]
      const start = performance.now()
      const outcomes = await within(enqueueTimeout + 1_000, Promise.allSettled(calls), 'the end of all calls')
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RIPEN_CONNECTION' } })
      expect(performance.now() - start).toBeGreaterThanOrEqual(enqueueTimeout - 5)
      await end(server)
      await answering(store)
      expect(await queue.counts()).toMatchObject({ ready: 1 })
    })
  })

  test('a call that has failed is not sent when the server is back', async () => {
    const { server, store, queue } = await opened()
    const job = await queue.add('quick')
    await server.stop()
    const calls = [queue.clear(), queue.cancel(job.id), queue.pause(), queue.remove(job.id)]
    for (const outcome of await Promise.allSettled(calls))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RIPEN_CONNECTION' } })
    await server.start()
    await answering(store)
    // On the same connection, so behind whatever was still to be sent.
    expect((await queue.getJob(job.id))?.state).toBe('ready')
    const worker = new Worker(queue, { quick: async () => undefined, hold: async () => undefined })
    const completed = new Promise((resolve) => worker.once('completed', resolve))
    const running = worker.run()
    await within(2_000, completed, 'a completed job: the queue is not paused')
    await worker.close()
    await running
  })
})
