import { verifyQueue, type Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'

const mebibyte = 2 ** 20
const most = 8 * mebibyte

function sizeOf(reply: unknown): number {
  if (Array.isArray(reply)) return reply.reduce((size: number, part) => size + sizeOf(part), 0)
  return typeof reply === 'string' ? reply.length : 0
}

/** How many characters the largest answer to a script of this store has had. */
function largestAnswer(queue: Queue): () => number {
  const { caller } = internals(queue.store)
  const original = caller.script.bind(caller) as (...given: unknown[]) => Promise<unknown>
  let largest = 0
  caller.script = (async (...given: unknown[]) => {
    const reply = await original(...given)
    largest = Math.max(largest, sizeOf(reply))
    return reply
  }) as typeof caller.script
  return () => largest
}

onStandaloneServers((name, server) => {
  // The embedded server takes a second for a few of them.
  const [count, size] = name === 'embedded' ? [40, mebibyte / 4] : [30, mebibyte]
  const data = 'x'.repeat(size - 2)

  test('no call answers with more than 8 MiB, however large the jobs are', { timeout: 60_000 }, async () => {
    const queue = testQueue(server)
    const largest = largestAnswer(queue)
    for (let added = 0; added < count; added += 10)
      await queue.addBulk(Array.from({ length: 10 }, (_value, i) => ({ name: 'large', data, options: { id: `j${added + i}` } })))
    const page = await queue.getJobs({ state: 'ready' }, { limit: 1_000 })
    expect(page.jobs.map(({ data }) => (data as string).length)).toEqual(Array.from({ length: count }, () => data.length))
    expect((await verifyQueue(queue)).found).toBe(0)
    const ended: string[] = []
    const worker = await runningWorker(queue, async ({ data }) => data as string, { concurrency: 500 })
    const failures: unknown[] = []
    worker.on('error', (error) => failures.push(error))
    await new Promise<void>((resolve) => worker.on('completed', ({ id }) => void (ended.push(id) === count && resolve())))
    expect(failures).toEqual([])
    expect(new Set(ended).size).toBe(count)
    expect((await queue.getJobs({ state: 'completed' }, { limit: 1_000 })).jobs.length).toBe(count)
    expect((await verifyQueue(queue)).found).toBe(0)
    expect(largest()).toBeGreaterThan(most / 2)
    expect(largest()).toBeLessThanOrEqual(most)
  })

  test('schedules with large jobs are told and listed a few at a time', { timeout: 60_000 }, async () => {
    const queue = testQueue(server)
    const largest = largestAnswer(queue)
    const ids = Array.from({ length: 12 }, (_value, i) => `s${i}`)
    for (const id of ids) await queue.schedules.upsert(id, { every: '1 h', limit: 1, job: { name: 'large', data } })
    expect((await queue.schedules.list()).map(({ id }) => id).sort()).toEqual([...ids].sort())
    queue.store.clockOffset = 3_660_000
    const ran = new Set<unknown>()
    await new Promise<void>((resolve, reject) => {
      runningWorker(queue, async ({ options }) => {
        ran.add(options.schedule?.id)
        if (ran.size === ids.length) resolve()
      }).catch(reject)
    })
    expect(largest()).toBeLessThanOrEqual(most)
  })
})
