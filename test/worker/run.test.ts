import type { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { Deferred, Gate } from '../queue/gate.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { spawnFixture } from '../support/child.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('run goes on until the worker is closed; run again waits along', async () => {
    const worker = new Worker(queue, async () => 'done')
    let ended = 0
    const runs = [worker.run(), worker.run()].map((run) => run.then(() => ended++))
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
    expect(ended).toBe(0)
    await worker.close()
    await within(1_000, Promise.all(runs), 'the end of both runs')
    await expect(worker.run()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('before it nothing is taken, whatever is set on a worker that is ready', async () => {
    const worker = new Worker(queue, async () => 'done')
    await worker.ready()
    const job = await queue.add('some', 1)
    worker.concurrency = 5
    await worker.pause()
    worker.resume()
    await expect(job.wait({ timeout: 500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    expect(await queue.counts()).toMatchObject({ ready: 1, active: 0 })
    const ended = worker.run()
    expect(await job.wait(inTime)).toBe('done')
    await worker.close()
    await ended
    await expect(worker.ready()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('an abort of the signal closes the worker: what runs ends first', async () => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const worker = new Worker(queue, async () => {
      started.resolve()
      await gate.opened
      return 'done'
    })
    const controller = new AbortController()
    const ended = worker.run({ signal: controller.signal })
    const job = await queue.add('some', 1)
    await started.promise
    controller.abort()
    gate.open()
    await within(5_000, ended, 'the end of run()')
    expect(await job.wait(inTime)).toBe('done')
  })

  test('a signal that has aborted before starts nothing', async () => {
    const worker = new Worker(queue, async () => 'done')
    const job = await queue.add('some', 1)
    await within(1_000, worker.run({ signal: AbortSignal.abort() }), 'the end of run()')
    expect((await job.refresh())?.state).toBe('ready')
  })

  test('run rejects when the queue has another order', async () => {
    const lifo = testQueue(server, { order: 'lifo' })
    await lifo.ready()
    const worker = new Worker({ ...lifo.definition, settings: { ...lifo.definition.settings, order: 'fifo' } }, async () => 'done', {
      store: lifo.store,
    })
    await expect(worker.run()).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'order' })
    await expect(worker.ready()).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'order' })
    await within(1_000, worker.close(), 'the close')
  })

  test.for<[unknown, string]>([
    [{ signl: 1 }, 'signl'],
    [{ signal: 'stop' }, 'signal'],
    [5, 'run options'],
  ])('run(%j) is refused', async ([options, option]) => {
    const worker = new Worker(queue, async () => 'done')
    await expect(worker.run(options as { signal: AbortSignal })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option })
    await worker.close()
  })

  test.for(['SIGTERM', 'SIGINT'] as const)('shutdownSignal: %s ends a process when its job has ended', async (signal) => {
    const child = spawnFixture('shutdown-worker.mjs', [server.url, prefixOf(queue), '300'])
    const job = await queue.add('some', 1)
    await child.event('started')
    child.kill(signal)
    expect(await child.exit()).toEqual({ code: 0, signal: null })
    expect(child.events.map(({ event }) => event)).toEqual(['started', 'ended', 'closed'])
    expect(await job.wait(inTime)).toBe('done')
  })

  test('shutdownSignal: a second signal ends the process at once, and the job is run elsewhere', async () => {
    const child = spawnFixture('shutdown-worker.mjs', [server.url, prefixOf(queue), '60000'])
    await queue.add('some', 1)
    await child.event('started')
    child.kill('SIGTERM')
    // The first one has arrived when the worker takes nothing more: the farewell of an idle process would be
    // its exit.
    const second = await queue.add('some', 2)
    await expect(second.wait({ timeout: 1_200 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    child.kill('SIGTERM')
    expect(await child.exit(5_000)).toEqual({ code: 143, signal: null })
    expect((await second.refresh())?.state).toBe('ready')
  })

  test('many workers, on one store and with a shutdownSignal() each, warn of no leak', async () => {
    const child = spawnFixture('many-workers.mjs', [server.url, prefixOf(queue), '13'])
    await child.event('ready')
    child.kill('SIGTERM')
    expect(await child.exit()).toEqual({ code: 0, signal: null })
    expect(child.events).toEqual([{ event: 'ready' }, { event: 'ended', listeners: 1, same: true, aborted: true }])
  })

  test('whenever it is closed, a worker leaves nothing behind that keeps its process', { timeout: 60_000 }, async () => {
    const child = spawnFixture('restless-worker.mjs', [server.url, prefixOf(queue)])
    await child.event('closed', () => true, 40_000)
    expect(await child.exit(10_000)).toEqual({ code: 0, signal: null })
    expect(await queue.store.redis.zcard(`{${prefixOf(queue)}:work:0}:workers`)).toBe(0)
  })
})
