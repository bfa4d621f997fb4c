import type { Queue } from '@ripen/queue'
import { Worker, type Handler, type WorkerOptions } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { storedKeys } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { refusal } from '../store/refusal.ts'
import { onEachServer } from '../support/conformance.ts'

const handler = async (): Promise<string> => 'done'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test.for<[unknown, string, string?]>([
    [5, 'Worker options'],
    [null, 'Worker options'],
    [{ concurency: 5 }, 'concurency', "did you mean 'concurrency'"],
    [{ retryDelays: 5 }, 'retryDelays', "did you mean 'retryDelay'"],
    [{ isolate: 'process' }, 'isolate', 'is not an option'],
    [{ concurrency: 0 }, 'concurrency'],
    [{ concurrency: 2.5 }, 'concurrency'],
    [{ concurrency: Number.NaN }, 'concurrency'],
    [{ concurrency: '5' }, 'concurrency'],
    [{ concurrency: 100_001 }, 'concurrency', '100000'],
    [{ prefetch: -1 }, 'prefetch'],
    [{ prefetch: 501 }, 'prefetch'],
    [{ prefetch: 'many' }, 'prefetch'],
    [{ lease: 999 }, 'lease', 'at least 1000 ms'],
    [{ lease: '10' }, 'lease'],
    [{ lease: Number.NaN }, 'lease'],
    [{ maxBlocked: 10 }, 'maxBlocked'],
    [{ maxStalls: -1 }, 'maxStalls'],
    [{ maxStalls: 1.5 }, 'maxStalls'],
    [{ closeTimeout: 0 }, 'closeTimeout'],
    [{ closeTimeout: 'soon' }, 'closeTimeout'],
    [{ middleware: () => 1 }, 'middleware'],
    [{ middleware: [5] }, 'middleware'],
    [{ retryDelay: '5 s' }, 'retryDelay'],
    [{ logger: 'pino' }, 'logger'],
    [{ logger: { info: () => 1 } }, 'logger'],
  ])('the worker options %j are refused, and nothing is written', async ([options, option, message = '']) => {
    expect(refusal(() => new Worker(queue, handler, options as WorkerOptions))).toMatchObject({
      option,
      message: expect.stringContaining(message),
    })
    expect(await storedKeys(queue)).toEqual({})
  })

  test.for<[unknown, string]>([
    [undefined, 'handlers'],
    [null, 'handlers'],
    ['handler.js', 'handlers'],
    [5, 'handlers'],
    [[handler], 'handlers'],
    [new URL('file:///handlers.js'), 'handlers'],
    [{ some: 'handler' }, 'handlers.some'],
    [{ some: undefined }, 'handlers.some'],
    [{ some: { batch: 10, handle: handler } }, 'handlers.some'],
  ])('the handlers %s are refused', ([handlers, option]) => {
    expect(refusal(() => new Worker(queue, handlers as Handler)).option).toBe(option)
  })

  test('a store is for a worker without a Queue, and needed there', () => {
    expect(refusal(() => new Worker('work', handler)).option).toBe('store')
    expect(refusal(() => new Worker(queue.definition, handler)).option).toBe('store')
    expect(refusal(() => new Worker(queue, handler, { store: queue.store })).option).toBe('store')
    expect(refusal(() => new Worker('work', handler, { store: {} as Queue['store'] })).option).toBe('store')
    expect(refusal(() => new Worker('a{b', handler, { store: queue.store })).option).toBe('name')
  })

  test.for([undefined, null, 7, {}, []])('the queue %s is refused', (given) => {
    expect(refusal(() => new Worker(given as never, handler, { store: queue.store }))).toBeTruthy()
  })

  test('the least of every option is taken', async () => {
    const worker = new Worker(queue, handler, {
      concurrency: 1,
      prefetch: 0,
      lease: 1_000,
      maxBlocked: '1 s',
      maxStalls: 0,
      closeTimeout: 1,
      middleware: [],
    })
    const ended = worker.run()
    expect(await (await queue.add('some', 1)).wait({ timeout: '10 s' })).toBe('done')
    await worker.close({ timeout: 1_000 })
    await ended
  })

  test('the most of every option is taken', async () => {
    const worker = new Worker(queue, handler, {
      concurrency: 100_000,
      prefetch: 500,
      lease: '1 day',
      maxBlocked: '1 day',
      maxStalls: 1_000,
      closeTimeout: '1 day',
    })
    const ended = worker.run()
    expect(await (await queue.add('some', 1)).wait({ timeout: '10 s' })).toBe('done')
    await worker.close()
    await ended
  })
})
