import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test.for([1, 3, 60])('at most %i jobs run at the same time, and that many where there is work', async (concurrency) => {
    let running = 0
    let most = 0
    const worker = await runningWorker(
      queue,
      async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
      },
      { concurrency },
    )
    const done = new Promise<void>((resolve) => {
      let count = 0
      worker.on('completed', () => void (++count === 300 && resolve()))
    })
    await queue.addBulk(Array.from({ length: 300 }, () => ({ name: 'some' })))
    await done
    expect(most).toBe(concurrency)
  })

  test('concurrency may be raised and lowered while the worker runs', async () => {
    const gates: Gate[] = []
    const worker = await runningWorker(
      queue,
      () => {
        const gate = new Gate()
        gates.push(gate)
        return gate.opened
      },
      { concurrency: 2, prefetch: 0 },
    )
    await queue.addBulk(Array.from({ length: 12 }, () => ({ name: 'some' })))
    await until(() => gates.length === 2, 5_000, 'two jobs')
    worker.concurrency = 5
    expect(worker.concurrency).toBe(5)
    await until(() => gates.length === 5, 900, 'five jobs, without waiting for the next look')
    worker.concurrency = 1
    for (const gate of gates.splice(0, 4)) gate.open()
    await until(async () => (await queue.counts()).completed === 4, 5_000, 'four ended jobs')
    expect([gates.length, (await queue.counts()).active]).toEqual([1, 1])
    gates.shift()?.open()
    await until(() => gates.length === 1, 5_000, 'the next one')
    expect((await queue.counts()).active).toBe(1)
    worker.concurrency = 12
    await until(() => gates.length === 7, 5_000, 'all that are left')
    for (const gate of gates) gate.open()
    await until(async () => (await queue.counts()).completed === 12, 5_000, 'the end')
  })

  test.for([0, -1, 1.5, Number.NaN, 100_001, '3', null])('concurrency %j is refused, and the old one stays', async (value) => {
    const worker = await runningWorker(queue, async () => 'done', { concurrency: 4 })
    expect(() => (worker.concurrency = value as number)).toThrow(
      expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option: 'concurrency' }),
    )
    expect(worker.concurrency).toBe(4)
  })

  test('long jobs are not prefetched: others can take them', async () => {
    const gate = new Gate()
    let running = 0
    await runningWorker(queue, async () => {
      running++
      await gate.opened
    })
    await queue.addBulk(Array.from({ length: 10 }, () => ({ name: 'long' })))
    await until(() => running === 1, 5_000, 'the first job')
    expect(await queue.counts()).toMatchObject({ active: 1, ready: 9 })
    gate.open()
  })

  test('what was prefetched and waits for too long is handed back, without a trace', async () => {
    const gate = new Gate()
    let held: Gate | undefined = gate
    await runningWorker(queue, async () => held?.opened, { prefetch: 5 })
    const jobs = await queue.addBulk(Array.from({ length: 8 }, (_value, i) => ({ name: 'some', data: i })))
    await until(async () => (await queue.counts()).active === 6, 5_000, 'the prefetched jobs')
    await until(async () => (await queue.counts()).active === 1, 5_000, 'their return')
    held = undefined
    gate.open()
    for (const job of jobs) await job.wait({ timeout: '10 s' })
    for (const job of jobs) expect(await job.refresh()).toMatchObject({ attempt: 1, stalls: 0, state: 'completed' })
  })
})
