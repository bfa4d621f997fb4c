import type { Job, Queue } from '@ripen/queue'
import type { Logger } from '@ripen/store'
import { RetryIn, Snooze, Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import vm from 'node:vm'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { oddValues } from '../support/odd-values.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  /** What the one job of this handler failed with, as `wait()` told it and as the row tells it. */
  const failureOf = async (handler: (job: Job) => Promise<unknown>): Promise<[told: any, job: Job | null]> => {
    await runningWorker(queue, handler)
    const job = await queue.add('some', 1)
    const told: unknown = await job.wait(inTime).catch((error: unknown) => error)
    return [told, await job.refresh()]
  }

  test('an error that cannot be described fails its job alone', async () => {
    const worker = await runningWorker(
      queue,
      async (job) => {
        if (job.data !== 'bad') return 'fine'
        throw Object.assign(Object.create(DOMException.prototype), { cause: 1n }) as Error
      },
      { concurrency: 5 },
    )
    worker.on('error', () => undefined)
    const jobs = await queue.addBulk(['bad', 1, 2, 3, 'bad'].map((data) => ({ name: 'some', data })))
    const ends = await Promise.allSettled(jobs.map((job) => job.wait(inTime)))
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
    expect(await jobs[0]?.refresh()).toMatchObject({ state: 'failed', attempt: 1, stalls: 0, error: { name: 'DOMException' } })
  })

  test('an error of another realm is one: name, code, stack, and retryDelay sees it', async () => {
    const code = `(() => { throw Object.assign(new TypeError('bad input'), { code: 'E_BAD', status: 404 }) })()`
    const seen: unknown[] = []
    await runningWorker(queue, async () => vm.runInNewContext(code) as unknown, {
      retryDelay: (error) => (seen.push((error as { status?: number }).status), false),
    })
    const job = await queue.add('some', 1, { attempts: 3 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ message: 'bad input', cause: { name: 'TypeError', code: 'E_BAD' } })
    expect(await job.refresh()).toMatchObject({ attempt: 1, error: { name: 'TypeError', code: 'E_BAD', stack: expect.any(String) } })
    expect(seen).toEqual([404])
  })

  test('causes are kept, in the row and in what wait() throws', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const [told, job] = await failureOf(async () => Promise.reject(new TypeError('fetch failed', { cause: refused })))
    expect(told.cause.cause).toBeInstanceOf(Error)
    expect(told.cause.cause).toMatchObject({ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' })
    expect(job?.error).toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED', stack: expect.any(String) } })
  })

  test('so are the parts of an AggregateError', async () => {
    const [told, job] = await failureOf(async () =>
      Promise.any([Promise.reject(new Error('mirror one is down')), Promise.reject(new Error('mirror two is down'))]),
    )
    expect(told.cause.errors.map(({ message }: Error) => message)).toEqual(['mirror one is down', 'mirror two is down'])
    expect(job?.error?.errors).toMatchObject([{ message: 'mirror one is down' }, { message: 'mirror two is down' }])
  })

  test('a thrown object shows its message and its code', async () => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the case
    const [told, job] = await failureOf(async () => Promise.reject({ message: 'quota exceeded', code: 'E_QUOTA' }))
    expect(told.message).toBe('quota exceeded')
    expect(job?.error).toEqual({ name: 'NonError', message: 'quota exceeded', code: 'E_QUOTA' })
  })

  test('RetryIn and Snooze show their cause', async () => {
    const worker = await runningWorker(queue, async (_job, { attempt }) => {
      const cause = new Error('the limit is reached')
      throw attempt === 1 ? new RetryIn(1, { cause }) : new Snooze('1 h', { cause })
    })
    const retrying = nextEvent(worker, 'retrying')
    const job = await queue.add('some', 1, { attempts: 3 })
    expect((await retrying)[1].message).toBe('to be tried again in 1: the limit is reached')
    await expect
      .poll(async () => (await job.refresh())?.error, { timeout: 10_000 })
      .toMatchObject({ name: 'Snooze', message: 'snoozed for 1 h: the limit is reached', cause: { message: 'the limit is reached' } })
    expect((await job.refresh())?.state).toBe('scheduled')
  })

  test('a listener that rejects is told as an error, and the listeners behind one that throws hear it too', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    const told: string[] = []
    worker.on('error', (error) => void told.push(error.message))
    worker.on('completed', async () => Promise.reject(new Error('the audit table is away'))) // oxlint-disable-line typescript/no-misused-promises -- the case
    worker.on('completed', () => {
      throw new Error('at once')
    })
    const heard = nextEvent(worker, 'completed')
    await queue.add('some', 1)
    await heard
    await expect.poll(() => told.toSorted(), { timeout: 10_000 }).toEqual(['at once', 'the audit table is away'])
  })

  test("what listeners of 'error' throw, or reject with, goes to the log, and a logger that throws stops nothing", async () => {
    const logged: string[] = []
    const broken = (): never => {
      throw new Error('the log is closed')
    }
    const logger: Logger = {
      debug: broken,
      info: broken,
      warn: broken,
      error: (_fields, message) => (logged.push(message), broken()),
    }
    const worker = new Worker(queue, { known: async () => 'done' }, { logger })
    await using _closed = worker
    const ended = worker.run()
    worker.once('error', async () => Promise.reject(new Error('later'))) // oxlint-disable-line typescript/no-misused-promises -- the case
    worker.once('error', broken)
    await queue.add('unknown', 1)
    await expect.poll(() => logged, { timeout: 10_000 }).toContain("a listener of 'error' threw")
    await queue.add('unknown', 2) // nobody listens any more
    expect(await (await queue.add('known', 1)).wait(inTime)).toBe('done')
    expect(logged.at(-1)).toContain('has the name unknown')
    await worker.close()
    await ended
  })

  test('the logger may be unable to read an error: it gets what could be read', async () => {
    const logged: any[] = []
    const error = (fields: object): void => {
      const { err } = fields as { err: Error }
      logged.push([err.name, err.message, err.stack])
    }
    const worker = new Worker(queue, async () => 'done', {
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error },
    })
    await using _closed = worker
    const ended = worker.run()
    worker.once('completed', () => {
      throw oddValues().find(([name]) => name === 'an error whose stack cannot be read')?.[1]
    })
    await (await queue.add('some', 1)).wait(inTime)
    await expect.poll(() => logged, { timeout: 10_000 }).toEqual([['Error', 'an error', undefined]])
    await worker.close()
    await ended
  })

  test.for<[string, unknown]>([
    ['an object', {}],
    ['a symbol', Symbol('soon')],
    ['a promise that rejects', { then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('async')) }], // oxlint-disable-line unicorn/no-thenable -- the case
    ['a revoked proxy', oddValues().find(([name]) => name === 'a revoked proxy')?.[1]],
  ])('a retryDelay that answers %s is told as an error, and the backoff of the job applies', async ([, answer]) => {
    const worker = await runningWorker(queue, async () => Promise.reject(new Error('broken')), { retryDelay: () => answer as number })
    worker.on('error', () => undefined)
    const told = nextEvent(worker, 'error')
    const retrying = nextEvent(worker, 'retrying')
    await queue.add('some', 1, { attempts: 2, backoff: '2 h' })
    expect((await told)[0]).toBeInstanceOf(Error)
    expect((await retrying)[2]).toBe(7_200_000)
  })

  test('middleware that calls next() twice fails the attempt, also when it hides that, and the handler runs once', async () => {
    let runs = 0
    await runningWorker(queue, async () => ++runs, {
      middleware: [
        async (job, _context, next) => {
          if (job.name === 'forgetful') void next()
          const first = await next().catch(() => 'hidden')
          return job.name === 'twice' ? next().catch(() => first) : first
        },
      ],
    })
    for (const name of ['twice', 'forgetful']) {
      runs = 0
      await expect((await queue.add(name, 1)).wait(inTime)).rejects.toMatchObject({
        message: expect.stringContaining('next() only once'),
        cause: { code: 'RIPEN_CONFIGURATION' },
      })
      expect(runs).toBe(1)
    }
  })

  test('middleware that does not wait for next() lives on when the handler fails', async () => {
    await runningWorker(queue, async () => Promise.reject(new Error('broken')), {
      middleware: [async (_job, _context, next) => (void next(), 'answered')],
    })
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('answered')
  })

  test('handlers and listeners see the async context of run(), never that of another job', async () => {
    const context = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const worker = await runningWorker(
      queue,
      async (job, { signal }) => {
        seen.push(['handler', context.getStore()])
        signal.addEventListener('abort', () => seen.push(['abort', context.getStore()]))
        context.enterWith(`tenant ${job.data}`)
        if (job.data === 0) worker.concurrency = 2
        await new Promise((resolve) => setImmediate(resolve))
      },
      { concurrency: 1 },
    )
    worker.on('completed', () => {
      seen.push(['listener', context.getStore()])
      context.enterWith('a listener')
    })
    for (let data = 0; data < 3; data++) await (await queue.add('some', data)).wait(inTime)
    const bulk = await queue.addBulk(Array.from({ length: 10 }, (_value, data) => ({ name: 'some', data })))
    await Promise.all(bulk.map((job) => job.wait(inTime)))
    await expect.poll(() => seen.filter((entry) => String(entry).startsWith('listener')).length, { timeout: 10_000 }).toBe(13)
    expect(new Set(seen.map(String))).toEqual(new Set(['handler,', 'listener,']))
  })

  test('the context of run() itself reaches the handler', async () => {
    const context = new AsyncLocalStorage<string>()
    const outside = new AsyncResource('test')
    const worker = new Worker(queue, async () => context.getStore())
    await using _closed = worker
    const ended = context.run('the service', () => worker.run())
    const job = await outside.runInAsyncScope(() => queue.add('some', 1))
    expect(await job.wait(inTime)).toBe('the service')
    await worker.close()
    await ended
  })

  test('a worker that finds its queue empty is drained', async () => {
    const worker = new Worker(queue, async () => 'done')
    await using _closed = worker
    const drained = nextEvent(worker, 'drained')
    const ended = worker.run()
    expect(await drained).toEqual([])
    await worker.close()
    await ended
  })

  test('a full worker whose handlers wait for jobs of its own queue is warned of, once', async () => {
    const warned: string[] = []
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields: object, message: string) => void warned.push(message),
      error: () => undefined,
    }
    const handler = async (job: Job): Promise<unknown> => {
      if (job.name === 'child') return 'done'
      return (await queue.add('child', 1)).wait({ timeout: '5 s' }).catch(() => 'gave up')
    }
    const worker = new Worker(queue, handler, { concurrency: 2, logger })
    await using _closed = worker
    const ended = worker.run()
    const parents = await queue.addBulk([{ name: 'parent' }, { name: 'parent' }])
    await expect.poll(() => warned, { timeout: 10_000 }).toEqual([expect.stringContaining('may wait for ever')])
    worker.concurrency = 3
    await within(10_000, Promise.all(parents.map((job) => job.wait(inTime))), 'the parents')
    expect(warned).toHaveLength(1)
    await worker.close()
    await ended
  })
})
