import { verifyQueue, type Job, type Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import { RetryIn, Worker } from '@ripen/worker'
import { beforeEach, describe, expect, test } from 'vitest'
import { prefixOf } from '../../queue/stored-keys.ts'
import { testQueue } from '../../queue/test-queue.ts'
import { runningWorker } from '../../queue/running-worker.ts'
import { allKeys } from '../../support/all-keys.ts'
import { onEachServer } from '../../support/conformance.ts'
import { until, within } from '../../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

function keysOf(queue: Queue<any>): Shard['keys'] {
  return new Shard(queue.store, queue.name, queue.definition.settings).keys
}

/** Ids of the jobs that have lines on the server. */
async function logged(queue: Queue<any>): Promise<string[]> {
  return (await internals(queue.store).caller.call((client) => client.hkeys(keysOf(queue).logs))).sort()
}

/**
 * Resolves once the job has ended, whether or not it is kept, by a worker that logs a line for each and then
 * goes.
 */
async function workOff(queue: Queue<any>, add: () => Promise<Job>, ending: 'completed' | 'failed' = 'completed'): Promise<Job> {
  const worker = new Worker<any>(queue, async (_job, { log }) => {
    log('here')
    if (ending === 'failed') throw new Error('for good')
  })
  const ended = new Promise((resolve) => worker.once(ending, resolve))
  const running = worker.run()
  const job = await add()
  await within(15_000, ended, 'the end of the job')
  await worker.close()
  await running
  return job
}

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  describe('lines go with their job', () => {
    test('that is removed, and the next of its id begins anew', async () => {
      const job = await workOff(queue, () => queue.add('some', 1, { id: 'x' }))
      expect(await logged(queue)).toEqual(['x'])
      expect(await job.remove()).toBe(true)
      expect([await logged(queue), await job.logs()]).toEqual([[], []])
      const next = await workOff(queue, () => queue.add('some', 1, { id: 'x' }))
      expect((await next.logs()).map(({ n }) => n)).toEqual([1])
    })

    test('that is cleared while it waits for its next attempt', async () => {
      await runningWorker(queue, async (_job, { log }) => {
        log('here')
        throw new RetryIn('1 h')
      })
      const job = await queue.add('some', 1, { attempts: 2 })
      await until(async () => (await queue.counts()).scheduled === 1, 10_000, 'the retry')
      expect((await job.logs()).length).toBe(1)
      expect(await queue.clear()).toBe(1)
      expect([await logged(queue), await job.logs()]).toEqual([[], []])
    })

    test('that a rule keeps not at all', async () => {
      const fleeting = testQueue(server, { retain: { completed: { count: 0 } } })
      const job = await workOff(fleeting, () => fleeting.add('some', 1))
      expect([await fleeting.getJob(job.id), await logged(fleeting), await job.logs()]).toEqual([null, [], []])
    })

    test('that the count of a rule has no room for', async () => {
      const short = testQueue(server, { retain: { failed: { count: 1 } } })
      await workOff(short, () => short.add('some', 1), 'failed')
      const last = await workOff(short, () => short.add('some', 2), 'failed')
      expect(await logged(short)).toEqual([last.id])
    })

    test('whose time is over: at once for readers, on the server with the next sweep', async () => {
      const brief = testQueue(server, { retain: { completed: { age: '10 s' } } })
      const job = await workOff(brief, () => brief.add('some', 1))
      const own = await workOff(brief, () => brief.add('some', 1, { retain: { completed: '20 s' } }))
      expect(await logged(brief)).toEqual([job.id, own.id].sort())
      brief.store.clockOffset += 30_000
      expect([await job.logs(), await own.logs()]).toEqual([[], []])
      await runningWorker(brief, () => Promise.resolve())
      await until(async () => (await logged(brief)).length === 0, 10_000, 'the sweep')
    })

    test('whose id is added again when its time is over', async () => {
      const brief = testQueue(server, { retain: { completed: { age: '10 s' } } })
      await workOff(brief, () => brief.add('some', 1, { id: 'x' }))
      brief.store.clockOffset += 30_000
      const next = await brief.add('some', 2, { id: 'x' })
      expect([next.duplicate, await next.logs(), await logged(brief)]).toEqual([false, [], []])
    })

    test.for(['replace', 'debounce'] as const)('that a unique add with %s has made another', async (onConflict) => {
      const worker = await runningWorker(queue, async (job, { log }) => {
        log(`run of ${String(job.data)}`)
        if (job.data === 1) throw new RetryIn('1 h')
      })
      const unique = { key: 'k', onConflict }
      const job = await queue.add('some', 1, { attempts: 2, unique })
      await until(async () => (await queue.counts()).scheduled === 1, 10_000, 'the retry')
      expect((await job.logs()).length).toBe(1)
      await worker.pause()
      const next = await queue.add('some', 2, { unique })
      expect([next.id, await next.logs(), await logged(queue)]).toEqual([job.id, [], []])
      worker.resume()
      if (onConflict === 'replace') await queue.promote(job.id)
      await next.wait(inTime)
      expect((await next.logs()).map(({ n, message }) => `${n} ${message}`)).toEqual(['1 run of 2'])
    })

    test('that was kept only for who waited', async () => {
      const fleeting = testQueue(server, { retain: { completed: { count: 0 } } })
      const job = await queueJobAwaited(fleeting)
      await until(async () => (await logged(fleeting)).length === 0, 10_000, 'the end of its lines')
      expect(await job.logs()).toEqual([])
    })
  })

  test('a job that is cancelled, failed or retried keeps its lines', async () => {
    const job = await workOff(queue, () => queue.add('some', 1), 'failed')
    expect(await job.retry()).toBe(true)
    expect(await job.cancel('no more')).toBe(true)
    expect((await job.logs()).map(({ message }) => message)).toEqual(['here'])
  })

  test('nothing of them outlives the last job', async () => {
    const job = await workOff(queue, () => queue.add('some', 1))
    const stray = keysOf(queue).logs
    await internals(queue.store).caller.call((client) => client.hset(stray, 'ghost', '1 1 1 1\n[1,"left behind"]'))
    await job.remove()
    expect((await allKeys(queue.store, `*${prefixOf(queue)}*`)).filter((key) => key.endsWith(':logs'))).toEqual([])
  })

  test('verifyQueue counts and finds lines of jobs that are gone, and with repair removes them', async () => {
    const jobs = await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'some' })))
    const worker = await runningWorker(queue, async (_job, { log }) => log('here'))
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    await worker.close()
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
    const ghosts = Array.from({ length: 150 }, (_value, index) => `ghost-${index}`)
    const { logs } = keysOf(queue)
    await internals(queue.store).caller.call((client) =>
      client.hset(logs, Object.fromEntries(ghosts.map((id) => [id, `1 1 1 1\n[1,"${'x'.repeat(1_000)}"]`]))),
    )
    let total = 0
    const report = await verifyQueue(queue, { onProgress: (progress) => (total = progress.total) })
    expect(report).toMatchObject({ ok: false, found: 150, repaired: 0 })
    expect(report.findings.map(({ id }) => id).sort()).toEqual(ghosts.toSorted())
    expect(report.findings[0]).toMatchObject({ invariant: 'leftover', detail: 'has a log and no row', repaired: false })
    expect(total).toBeGreaterThanOrEqual(3 + 3 + 153)
    expect(await verifyQueue(queue, { repair: true })).toMatchObject({ ok: true, found: 150, repaired: 150 })
    expect(await logged(queue)).toEqual(jobs.map(({ id }) => id).sort())
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })
})

/** A job that somebody waits for from before its end on. */
async function queueJobAwaited(queue: Queue<any>): Promise<Job> {
  const job = await queue.add('some', 1)
  const waited = job.wait(inTime)
  await runningWorker(queue, async (_job, { log }) => {
    log('here')
    return 'done'
  })
  expect(await waited).toBe('done')
  return job
}
