import { verifyQueue, type Queue } from '@ripen/queue'
import { RetryIn, Snooze } from '@ripen/worker'
import { expect, test } from 'vitest'
import { randomNumbers } from '../faults/random-numbers.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'

/** How often the queue is looked at, at least, and for how long, in ms. */
const looks = 4
const watched = 2_000

onEachServer((_name, server) => {
  test.each([false, true])('jobs that move meanwhile are no findings (repair: %s)', { timeout: 60_000 }, async (repair) => {
    const queue = testQueue(server, { retain: { completed: { count: 50 }, failed: { count: 20 } } })
    const chance = randomNumbers(1)
    for (let i = 0; i < 4; i++) {
      await runningWorker(
        i % 2 === 0 ? queue : elsewhere(queue, server),
        async (_job, { progress, attempt }) => {
          if (chance() < 0.1) await progress(attempt)
          if (chance() < 0.2) throw new Snooze(Math.ceil(chance() * 20))
          if (chance() < 0.2) throw new RetryIn(Math.ceil(chance() * 20))
          if (chance() < 0.1) throw new Error('broken')
        },
        { concurrency: 5 },
      )
    }
    const over = new AbortController()
    const produce = async (producer: Queue): Promise<void> => {
      while (!over.signal.aborted) {
        await until(async () => (await producer.counts()).ready < 50, 20_000, 'workers that keep up')
        const jobs = await producer.addBulk(
          Array.from({ length: 20 }, () => ({
            name: 'work',
            options: {
              attempts: 2,
              priority: Math.floor(chance() * 5) - 2,
              ...(chance() < 0.3 ? { delay: Math.floor(chance() * 100) } : {}),
              ...(chance() < 0.2 ? { retain: { completed: 100, failed: 100 } } : {}),
            },
          })),
        )
        jobs[0]?.wait({ timeout: 1_000 }).catch(() => undefined) // whatever its end is
        await Promise.all([jobs[1]?.cancel(), jobs[2]?.remove(), jobs[3]?.retry(), jobs[4]?.promote()])
      }
    }
    const producers = Promise.all([produce(queue), produce(elsewhere(queue, server))])
    const inspected = elsewhere(queue, server)
    const end = performance.now() + watched
    const findings = []
    for (let look = 0; look < looks || performance.now() < end; look++)
      findings.push(...(await verifyQueue(inspected, { repair })).findings)
    over.abort()
    await producers
    expect(findings).toEqual([])
  })
})
