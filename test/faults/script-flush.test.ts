import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

const jobCount = 3_000

describeWithRedisServer('the script cache flushed every 20 ms', () => {
  test('goes unnoticed: every job is done once, and nobody hears of it', async () => {
    const { url } = await ownServer()
    const redis = new Redis(url)
    let flushes = 0
    let over = false
    const flushing = (async () => {
      for (; !over; flushes++) {
        await redis.script('FLUSH')
        await pause(20)
      }
    })()
    onTestFinished(async () => {
      over = true
      await flushing
      redis.disconnect()
    })

    const queue = new Queue<{ count: { number: number } }>('flush', { store: testStore(url), retain: { completed: { count: jobCount } } })
    const runs = new Map<number, number>()
    const errors: unknown[] = []
    const workers = [1, 2].map(
      () =>
        new Worker(
          queue,
          {
            count: async ({ data }, context) => {
              runs.set(data.number, (runs.get(data.number) ?? 0) + 1)
              if (data.number % 100 === 0) await context.progress(data.number)
            },
          },
          { concurrency: 20, lease: '2 s' },
        ),
    )
    const running = workers.map((worker) => worker.on('error', (error) => errors.push(error)).run())
    onTestFinished(async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all(running)
    })
    const waited: Promise<unknown>[] = []
    for (let number = 0; number < jobCount; number += 25) {
      const added = await Promise.all(
        Array.from({ length: 25 }, (_value, index) => queue.add('count', { number: number + index }, index === 0 ? { delay: 100 } : {})),
      )
      if (number % 500 === 0) waited.push(...added.map((job) => job.wait({ timeout: '20 s' })))
      await queue.getJob(added[0]?.id ?? '')
    }
    await Promise.all(waited)
    await until(async () => (await queue.counts()).completed === jobCount, 20_000, 'the end of all jobs', 50)
    expect(flushes).toBeGreaterThan(10)
    expect(errors).toEqual([])
    expect(runs.size).toBe(jobCount)
    expect([...runs.values()].filter((times) => times !== 1)).toEqual([])
  })
})
