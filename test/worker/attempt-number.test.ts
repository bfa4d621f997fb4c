import type { Job, Queue } from '@ripen/queue'
import { Discard, Snooze, type JobContext } from '@ripen/worker'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { handBack } from '../../packages/worker/src/run/verdict.ts'
import { Gate, aborted } from '../queue/gate.ts'
import { manualWorker } from '../queue/manual-worker.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'

// `attempt` is one number: how many attempts have begun, for whoever looks.

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  const read = async (id: string): Promise<number | undefined> => (await queue.getJob(id))?.attempt

  test('it is the same for handler, context, listeners, retryDelay and readers: 0 before the first attempt, 1 in it and after it', async () => {
    const seen: unknown[] = []
    const worker = await runningWorker(
      queue,
      async (job, { attempt }) => {
        seen.push(['runs', attempt, job.attempt, await read(job.id)])
        if (attempt === 1) throw new Error('once')
      },
      {
        retryDelay: (_error, job) => {
          seen.push(['asks', job.attempt])
          return '1 h'
        },
      },
    )
    worker.on('retrying', (job) => seen.push(['retries', job.attempt]))
    worker.on('completed', (job) => seen.push(['completes', job.attempt]))
    await queue.pause()
    const job = await queue.add('some', 1, { attempts: 2 })
    seen.push(['waits', job.attempt, await read(job.id)])
    const watched = new Set<string>()
    const watching = (async () => {
      for await (const { state, attempt } of job.watch()) watched.add(`${state} ${attempt}`)
    })()
    const [retrying, completed] = [nextEvent(worker, 'retrying'), nextEvent(worker, 'completed')]
    await queue.resume()
    await retrying
    seen.push(['waits', (await job.refresh())?.attempt, await read(job.id)])
    await job.promote()
    await completed
    seen.push(['has ended', (await job.refresh())?.attempt, await read(job.id)])
    expect(seen).toEqual([
      ['waits', 0, 0],
      ['runs', 1, 1, 1],
      ['asks', 1],
      ['retries', 1],
      ['waits', 1, 1],
      ['runs', 2, 2, 2],
      ['completes', 2],
      ['has ended', 2, 2],
    ])
    await watching
    // What passes between two looks is not seen.
    expect(watched).toContain('completed 2')
    for (const each of watched) expect(each).toMatch(/^((ready|scheduled) [01]|active [12]|completed 2)$/)
  })

  test.for<[string, 'completed' | 'failed' | 'cancelled', (context: JobContext, job: Job) => unknown]>([
    ['returns', 'completed', () => 'done'],
    ['throws', 'failed', () => Promise.reject(new Error('broken'))],
    ['discards', 'failed', () => Promise.reject(new Discard())],
    ['returns what cannot be stored', 'failed', () => 1n],
    ['is out of time', 'failed', ({ signal }) => aborted(signal)],
    ['is cancelled', 'cancelled', async ({ signal }, job) => [await job.cancel(), await aborted(signal)]],
  ])('after a first attempt that %s it is 1', async ([how, ending, handler]) => {
    const worker = await runningWorker(queue, async (job, context) => handler(context, job))
    const told = nextEvent(worker, ending)
    const job = await queue.add('some', 1, how === 'is out of time' ? { timeout: 50 } : {})
    expect((await told)[0]).toMatchObject({ id: job.id, state: ending, attempt: 1 })
    expect(await job.refresh()).toMatchObject({ state: ending, attempt: 1 })
    if (ending === 'completed') return
    // Another life of the job begins anew.
    await queue.pause()
    expect(await job.retry()).toBe(true)
    expect(await job.refresh()).toMatchObject({ state: 'ready', attempt: 0 })
    const again = nextEvent(worker, ending)
    await queue.resume()
    expect((await again)[0]).toMatchObject({ attempt: 1 })
    expect(await read(job.id)).toBe(1)
  })

  test('a snooze, a hand-back and a stall are none: it is again what it was before', async () => {
    const { take, settle, loseLeases } = await manualWorker(queue)
    const job = await queue.add('some', 1, { attempts: 3, backoff: '1 h' })
    const numbers: unknown[] = []
    const look = async (): Promise<void> => void numbers.push(await read(job.id))
    const handed = await take()
    await look()
    await settle(handed, handBack(handed))
    await look()
    await take()
    await loseLeases()
    await look()
    expect(numbers).toEqual([1, 0, 0])
    let runs = 0
    const worker = await runningWorker(queue, async (_job, { attempt }) => {
      numbers.push([++runs, attempt])
      if (runs === 1 || runs === 3) throw new Snooze('1 h')
      if (runs === 2) throw new Error('first')
    })
    for (const [before, after] of [
      [1, 0],
      [2, 1],
      [3, 1],
    ]) {
      await until(async () => runs === before && (await job.refresh())?.state === 'scheduled', 10_000, `the end of run ${before}`)
      expect(await read(job.id)).toBe(after)
      await job.promote()
    }
    await job.wait(inTime)
    expect(numbers.slice(3)).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ])
    expect(await job.refresh()).toMatchObject({ state: 'completed', attempt: 2, stalls: 1 })
    await worker.close()
  })

  test('a job that ends without a run of its handler has had no attempt', async () => {
    const cancelled = await queue.add('some', 1)
    await cancelled.cancel()
    expect(await read(cancelled.id)).toBe(0)
    const { take, loseLeases } = await manualWorker(queue)
    const stalled = await queue.add('some', 2)
    for (let times = 0; times < 2; times++) {
      await take()
      await loseLeases()
    }
    const expired = await queue.add('some', 3, { expiresIn: 1 })
    queue.store.clockOffset += 1_000
    const told: unknown[] = []
    const worker = await runningWorker(queue, async () => 'never', { maxStalls: 1 })
    worker.on('failed', (job, error) => told.push([job.id, job.attempt, error.name]))
    await until(() => told.length === 2, 10_000, 'the end of both')
    expect(told).toContainEqual([stalled.id, 0, 'StalledError'])
    expect(told).toContainEqual([expired.id, 0, 'ExpiredError'])
    for (const job of [stalled, expired]) expect(await job.refresh()).toMatchObject({ state: 'failed', attempt: 0 })
  })

  test('a job that was cancelled while it was held for a free slot has had no attempt', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, async () => gate.opened, { prefetch: 5 })
    onTestFinished(() => gate.open())
    const told: unknown[] = []
    worker.on('cancelled', (job) => told.push([job.id, job.attempt]))
    const [runs, held] = await queue.addBulk([{ name: 'some' }, { name: 'some' }])
    await until(async () => (await held?.refresh())?.state === 'active', 10_000, 'the second job')
    expect(await read(runs?.id ?? '')).toBe(1)
    await held?.cancel()
    await until(async () => (await held?.refresh())?.state === 'cancelled', 10_000, 'its end')
    expect(await held?.refresh()).toMatchObject({ attempt: 0 })
    // It may have been handed back just before.
    for (const each of told) expect(each).toEqual([held?.id, 0])
  })

  test.for<[string, number]>([
    ['returned', 1],
    ['was handed back', 0],
  ])('a job whose cancel came too late for its handler, which %s, has had %i', async ([how, attempt]) => {
    const { take, settle } = await manualWorker(queue)
    const job = await queue.add('some', 1)
    const held = await take()
    await job.cancel()
    await settle(held, how === 'returned' ? `${held.fence}c;` : handBack(held))
    expect(await job.refresh()).toMatchObject({ state: 'cancelled', attempt })
  })
})
