import type { Job, Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { Snooze, Worker } from '@ripen/worker'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('each job tells its life once, in order', async () => {
    const told: unknown[] = []
    const worker = await runningWorker(queue, async (job, { attempt, progress }) => {
      if (job.name === 'snoozes' && job.dueAt === job.addedAt) throw new Snooze(20)
      if (job.name === 'fails' && attempt === 1) void progress(50)
      if (job.name === 'fails') throw new Error(`failure ${attempt}`)
      return { sum: 3 }
    })
    worker.on('completed', (job, result) => void told.push(['completed', job.name, job.state, job.result, result]))
    worker.on('failed', (job, error) => void told.push(['failed', job.name, job.state, job.attempt, error.message]))
    worker.on('retrying', (job, error, delay) => void told.push(['retrying', job.name, job.state, error.message, delay]))
    worker.on('progress', (job, value) => void told.push(['progress', job.name, job.progress, value]))
    worker.on('cancelled', (job) => void told.push(['cancelled', job.name]))
    for (const name of ['completes', 'snoozes', 'fails']) {
      const ended = Promise.race([nextEvent(worker, 'completed'), nextEvent(worker, 'failed')])
      await queue.add(name, 1, { attempts: 2, backoff: 20 })
      await ended
    }
    expect(told).toEqual([
      ['completed', 'completes', 'completed', { sum: 3 }, { sum: 3 }],
      ['completed', 'snoozes', 'completed', { sum: 3 }, { sum: 3 }],
      ['progress', 'fails', 50, 50],
      ['retrying', 'fails', 'scheduled', 'failure 1', 20],
      ['failed', 'fails', 'failed', 2, 'failure 2'],
    ])
  })

  test('an event is told when the server has accepted it: the job of an event is there to be read', async () => {
    const worker = await runningWorker(queue, async () => 'done', { concurrency: 5 })
    const states = new Promise<(string | undefined)[]>((resolve) => {
      const read: Promise<string | undefined>[] = []
      worker.on('completed', (job: Job) => {
        if (read.push(job.refresh().then((now) => now?.state)) === 20) resolve(Promise.all(read))
      })
    })
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'some' })))
    expect(new Set(await within(10_000, states, '20 completed jobs'))).toEqual(new Set(['completed']))
  })

  test('drained is told when nothing runs and nothing was there to take, once for each time', async () => {
    const worker = await runningWorker(queue, async () => 'done', { concurrency: 3 })
    let drained = 0
    let completed = 0
    const atDrained: number[] = []
    worker.on('completed', () => void completed++)
    worker.on('drained', () => void (drained++, atDrained.push(completed)))
    for (let round = 1; round <= 2; round++) {
      const emptied = nextEvent(worker, 'drained', () => completed === 7 * round)
      await queue.addBulk(Array.from({ length: 7 }, () => ({ name: 'some' })))
      await emptied
    }
    // Idle looks, once a second, tell nothing.
    await expect(nextEvent(worker, 'drained', () => true, 1_500)).rejects.toThrow('not within')
    expect(atDrained.at(-1)).toBe(14)
    expect(drained).toBe(atDrained.length)
  })

  test('closed is told once, at the end', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    let closed = 0
    worker.on('closed', () => void closed++)
    await Promise.all([worker.close(), worker.close()])
    await worker.close()
    expect(closed).toBe(1)
  })

  test('a listener that throws is told as an error and stops nothing', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    const told = nextEvent(worker, 'error')
    worker.once('completed', () => {
      throw new Error('in the listener')
    })
    await queue.add('some', 1)
    expect((await told)[0].message).toBe('in the listener')
    const next = nextEvent(worker, 'completed')
    await queue.add('some', 2)
    expect((await next)[0].data).toBe(2)
  })

  test('an error that nobody hears goes to the logger and never throws', async () => {
    const logged: unknown[] = []
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object, message: string) => void logged.push([fields, message]),
    }
    const worker = new Worker(queue, { known: async () => 'done' }, { logger })
    await using _closed = worker
    const ended = worker.run()
    await queue.add('unknown', 1)
    const completed = nextEvent(worker, 'completed')
    await queue.add('known', 1)
    await completed
    expect(logged).toEqual([[expect.objectContaining({ queue: 'work' }), expect.stringContaining('unknown')]])
    await worker.close()
    await ended
  })

  test('a job whose row cannot be read fails beside the others', async () => {
    const { caller } = internals(queue.store)
    const worker = await runningWorker(queue, async () => 'done', { concurrency: 5 })
    const errors: string[] = []
    worker.on('error', (error) => void errors.push(error.message))
    let failed = 0
    worker.on('failed', () => void failed++)
    await queue.pause()
    const jobs = await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'some' })))
    await caller.call((client) => client.hset(`{${prefixOf(queue)}:work:0}:jobs`, jobs[1]?.id ?? '', 'garbage'))
    const completed = Promise.all(jobs.filter((_job, index) => index !== 1).map((job) => job.wait({ timeout: '10 s' })))
    await queue.resume()
    expect(await completed).toEqual(['done', 'done', 'done'])
    const after = nextEvent(worker, 'completed')
    await queue.add('after', 1)
    await after
    expect(errors.filter((message) => message.includes(jobs[1]?.id ?? '?'))).toHaveLength(1)
    expect(errors).toHaveLength(1)
    expect(failed).toBeLessThanOrEqual(1)
  })

  test('an absent server is an error for each try, and no rejection that nobody handles', async () => {
    const away = openStore({ url: 'redis://127.0.0.1:1', enqueueTimeout: 100 })
    onTestFinished(() => away.close())
    const worker = new Worker('work', async () => 'done', { store: away })
    const error = nextEvent(worker, 'error')
    const ended = worker.run()
    worker.concurrency = 7
    const paused = worker.pause()
    worker.resume()
    expect((await error)[0]).toMatchObject({ code: 'RIPEN_CONNECTION' })
    await within(2_000, paused, 'the pause of a worker that could not start')
    await within(5_000, worker.close({ timeout: 1_000 }), 'the close')
    await within(1_000, ended, 'the end of run()')
    expect(worker.concurrency).toBe(7)
  })
})
