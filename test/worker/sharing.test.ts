import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import { Deferred, Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  const hash = async (): Promise<Record<string, string>> =>
    internals(queue.store).caller.call((client) => client.hgetall(`{${prefixOf(queue)}:work:0}:meta`))

  test('two workers share the work: each job runs once, and both run some', async () => {
    const ran: Record<'first' | 'second', unknown[]> = { first: [], second: [] }
    const both = new Gate()
    const handler =
      (by: 'first' | 'second') =>
      async ({ data }: { data: unknown }) => {
        ran[by].push(data)
        // However long the other takes to start.
        if (ran.first.length > 0 && ran.second.length > 0) both.open()
        await both.opened
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    const jobs = await queue.addBulk(Array.from({ length: 300 }, (_value, i) => ({ name: 'some', data: i })))
    await Promise.all([
      runningWorker(queue, handler('first'), { concurrency: 5 }),
      runningWorker(elsewhere(queue, server), handler('second'), { concurrency: 5 }),
    ])
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    expect([...ran.first, ...ran.second].sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 300 }, (_value, i) => i))
    expect(ran.first.length).toBeGreaterThan(30)
    expect(ran.second.length).toBeGreaterThan(30)
  })

  test('thousands of short jobs run exactly once, whatever was prefetched', async () => {
    const runs = new Map<unknown, number>()
    const done = new Deferred<void>()
    const handler = async ({ data }: { data: unknown }): Promise<void> => {
      runs.set(data, (runs.get(data) ?? 0) + 1)
      if (runs.size === 6_000) done.resolve()
    }
    const there = elsewhere(queue, server)
    const workers = [await runningWorker(queue, handler, { concurrency: 20 }), await runningWorker(there, handler, { concurrency: 3 })]
    await Promise.all(
      [0, 2_000, 4_000].map((first) => there.addBulk(Array.from({ length: 2_000 }, (_value, i) => ({ name: 'some', data: first + i })))),
    )
    await within(20_000, done.promise, '6,000 jobs')
    for (const worker of workers) await worker.close()
    expect([...runs.values()].filter((count) => count !== 1)).toEqual([])
    expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, scheduled: 0, failed: 0, completed: 1_000 })
  })

  test('a job that is added while both are idle starts within a second, each time', async () => {
    const there = elsewhere(queue, server)
    await Promise.all([runningWorker(queue, async () => 'done'), runningWorker(there, async () => 'done')])
    const waits: number[] = []
    for (let i = 0; i < 20; i++) {
      const job = await queue.add('some', i)
      await job.wait(inTime)
      const ended = await job.refresh()
      waits.push((ended?.startedAt ?? Number.NaN) - job.addedAt)
    }
    expect(Math.max(...waits)).toBeLessThan(1_000)
    expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(100)
  })

  test('a worker that is full leaves the work to the idle one, at once', async () => {
    const gate = new Gate()
    const full = new Deferred<void>()
    await runningWorker(queue, async () => {
      full.resolve()
      await gate.opened
    })
    await queue.add('some', 'keeps the first')
    await full.promise
    await runningWorker(elsewhere(queue, server), async () => 'by the second')
    for (let i = 0; i < 10; i++) {
      const job = await queue.add('some', i)
      expect(await job.wait(inTime)).toBe('by the second')
      expect(((await job.refresh())?.startedAt ?? Number.NaN) - job.addedAt).toBeLessThan(1_000)
    }
    gate.open()
  })

  test('many jobs at once wake as many workers as there is work for', async () => {
    const gates: Gate[] = []
    const handler = (): Promise<void> => {
      const gate = new Gate()
      gates.push(gate)
      return gate.opened
    }
    await Promise.all(Array.from({ length: 4 }, () => runningWorker(queue, handler)))
    await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'some' })))
    await until(() => gates.length === 4, 1_000, 'all four workers')
    expect((await queue.counts()).active).toBe(4)
    for (const gate of gates) gate.open()
  })

  test('the keeper takes delayed jobs on time; when it is closed another one does, within two seconds', async () => {
    const started: number[] = []
    const handler = async (job: { dueAt: number }): Promise<number> => started.push((await queue.store.now()) - job.dueAt)
    const keeper = await runningWorker(queue, handler)
    const name = await until(async () => (await hash())['keeper'], 5_000, 'a keeper')
    await runningWorker(elsewhere(queue, server), handler)
    await (await queue.add('some', 1, { delay: 400 })).wait(inTime)
    const delayed = await queue.addBulk([500, 900, 1_300].map((delay) => ({ name: 'some', options: { delay } })))
    await keeper.close()
    expect((await hash())['keeper']).not.toBe(name)
    await within(5_000, Promise.all(delayed.map((job) => job.wait(inTime))), 'the delayed jobs')
    expect(started).toHaveLength(4)
    expect(Math.min(...started)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...started)).toBeLessThan(2_000)
  })

  test('delayed jobs start on time although the keeper is busy', async () => {
    const gate = new Gate()
    const busy = new Deferred<void>()
    const late: number[] = []
    const handler = async (job: { name: string; dueAt: number }): Promise<void> => {
      if (job.name === 'busy') {
        busy.resolve()
        return gate.opened
      }
      late.push((await queue.store.now()) - job.dueAt)
    }
    await Promise.all([runningWorker(queue, handler), runningWorker(elsewhere(queue, server), handler)])
    await until(async () => (await hash())['keeper'] !== undefined, 5_000, 'a keeper')
    await queue.add('busy', 1)
    await busy.promise
    const delayed = await queue.addBulk([300, 600, 2_500].map((delay) => ({ name: 'some', options: { delay } })))
    await Promise.all(delayed.map((job) => job.wait(inTime)))
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(2_000)
    gate.open()
  })
})
