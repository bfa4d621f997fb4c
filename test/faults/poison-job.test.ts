import { Queue } from '@ripen/queue'
import { describe, expect, test } from 'vitest'
import type { FixtureProcess } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { workerProcess, type WorkerProcessOptions } from './worker-process.ts'

/** Keeps one worker process alive, as systemd or Kubernetes would. */
class Supervisor {
  deaths = 0
  #worker: FixtureProcess
  readonly #options: WorkerProcessOptions
  #retired = false

  constructor(options: WorkerProcessOptions) {
    this.#options = options
    this.#worker = this.#start()
  }

  #start(): FixtureProcess {
    const worker = workerProcess(this.#options)
    worker.exit(60_000).then(
      ({ signal }) => {
        if (this.#retired) return
        if (signal === 'SIGABRT') this.deaths++
        this.#worker = this.#start()
      },
      () => undefined, // the test has ended long since
    )
    return worker
  }

  retire(): void {
    this.#retired = true
    this.#worker.kill('SIGKILL')
  }
}

describeWithRedisServer('a job that kills its process', () => {
  describe.each([2, 3])('with maxStalls %i', (maxStalls) => {
    test('fails alone, and its 50 neighbours complete', { timeout: 60_000 }, async () => {
      const { url } = await ownServer()
      const prefix = randomPrefix()
      const queue = new Queue<{ slow: { ms: number }; poison: undefined }>('poison', { store: testStore(url, { prefix }) })
      const neighbour = { name: 'slow' as const, data: { ms: 30 } }
      const jobs = await queue.addBulk([
        ...Array.from({ length: 20 }, () => neighbour),
        { name: 'poison' },
        ...Array.from({ length: 30 }, () => neighbour),
      ])
      const poison = jobs[20]
      const supervisor = new Supervisor({
        url,
        prefix,
        queue: 'poison',
        options: { concurrency: 50, prefetch: 50, lease: 1_000, maxStalls },
      })
      try {
        await until(
          async () => (await queue.counts()).completed + (await queue.counts()).failed === jobs.length,
          50_000,
          'the end of all jobs',
          100,
        )
      } finally {
        supervisor.retire()
      }
      const failed = await queue.getJobs({ state: 'failed' })
      expect(failed.jobs.map(({ id, error, stalls }) => ({ id, code: error?.code, stalls }))).toEqual([
        { id: poison?.id, code: 'RIPEN_STALLED', stalls: maxStalls + 1 },
      ])
      expect(supervisor.deaths).toBe(maxStalls + 1)
      expect(await queue.counts()).toMatchObject({ ready: 0, active: 0, scheduled: 0, completed: 50 })
    })
  })
})
