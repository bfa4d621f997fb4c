import { verifyQueue, type QueueProgress } from '@ripen/queue'
import { expect, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { Gate } from '../queue/gate.ts'
import { runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'

const size = 1_600

onEachServer((_name, server) => {
  test('a lost `ready`: every job is found and runs, a thousand findings are kept', async () => {
    const queue = testQueue(server)
    const jobs = await queue.addBulk(Array.from({ length: size }, () => ({ name: 'work' })))
    await queue.store.redis.del(shardKeys(prefixOf(queue), queue.name, 0).ready)
    const report = await verifyQueue(queue, { repair: true })
    expect(report).toMatchObject({ ok: true, found: size, repaired: size })
    expect(report.findings.length).toBe(1_000)
    const runs = new Set<string>()
    await runningWorker(queue, async ({ id }) => void runs.add(id), { concurrency: 50 })
    await until(() => runs.size === size, 10_000, 'all jobs')
    expect([...runs].toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
  })

  test('lost rows: all that is left of the jobs goes, page by page', async () => {
    const queue = testQueue(server)
    await queue.addBulk(Array.from({ length: size }, (_value, i) => ({ name: 'work', options: { delay: i % 2 === 0 ? 0 : 3_600_000 } })))
    const keys = shardKeys(prefixOf(queue), queue.name, 0)
    const ids = [...(await queue.store.redis.zrange(keys.ready, '0', '-1')), ...(await queue.store.redis.zrange(keys.scheduled, '0', '-1'))]
    await queue.store.redis.hset(keys.state, Object.fromEntries(ids.map((id) => [id, '1:0:::'])))
    await queue.store.redis.del(keys.jobs)
    expect(await verifyQueue(queue, { repair: true })).toMatchObject({ ok: true, found: 2 * size, repaired: 2 * size })
    expect(await queue.counts()).toMatchObject({ ready: 0, scheduled: 0 })
    expect(await queue.store.redis.hlen(keys.state)).toBe(0)
  })

  test('a lost `active`: who has the lease of a job goes on with it, and nothing runs twice', async () => {
    const queue = testQueue(server)
    const gate = new Gate()
    const runs: string[] = []
    const settled: string[] = []
    const worker = await runningWorker(
      queue,
      async ({ id }) => {
        runs.push(id)
        await gate.opened
      },
      { concurrency: 20, prefetch: 0 },
    )
    worker.on('completed', ({ id }) => settled.push(id))
    await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'work' })))
    await until(() => runs.length === 20, 5_000, 'running jobs')
    await queue.store.redis.del(shardKeys(prefixOf(queue), queue.name, 0).active)
    expect(await verifyQueue(queue, { repair: true })).toMatchObject({ ok: true, found: 20, repaired: 20 })
    expect(await queue.counts()).toMatchObject({ active: 20, ready: 0 })
    gate.open()
    await until(() => settled.length === 20, 5_000, 'settled jobs')
    expect(runs.length).toBe(20)
  })

  test('pages of large rows are short', async () => {
    const queue = testQueue(server)
    await queue.addBulk(Array.from({ length: 60 }, () => ({ name: 'work', data: 'x'.repeat(200_000) })))
    const steps: QueueProgress[] = []
    await verifyQueue(queue, { onProgress: (progress) => steps.push(progress) })
    // The rows come after the six states; the first page of them may still have too many.
    const pages = steps.map(({ checked }, i) => checked - (steps[i - 1]?.checked ?? 0))
    const rows = pages.slice(steps.findIndex(({ checked }) => checked > 60) + 1, -6)
    expect(rows.length).toBeGreaterThan(5)
    expect(Math.max(...rows)).toBeLessThanOrEqual(8)
    expect(steps.at(-1)?.checked).toBeGreaterThanOrEqual(120)
    // And the session that has added them.
    expect(new Set(steps.map(({ total }) => total))).toEqual(new Set([121]))
  })

  test('ends when the signal aborts, and refuses unknown options', async () => {
    const queue = testQueue(server)
    await queue.addBulk(Array.from({ length: 600 }, () => ({ name: 'work' })))
    const stop = new AbortController()
    const reason = new Error('enough')
    const ended = verifyQueue(queue, { signal: stop.signal, onProgress: () => stop.abort(reason) })
    await expect(within(2_000, ended, 'the end')).rejects.toBe(reason)
    await expect(verifyQueue(queue, { signal: stop.signal })).rejects.toBe(reason)
    await expect(verifyQueue(queue, { repairs: true } as object)).rejects.toThrow("did you mean 'repair'")
  })
})
