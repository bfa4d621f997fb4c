import { Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { eventsOf, workerProcess, type WorkerProcessOptions } from './worker-process.ts'
import type { FixtureProcess } from '../support/child.ts'

const lease = 3_000

interface Blocked {
  readonly queue: Queue<{ block: undefined }>
  readonly busy: FixtureProcess
  readonly idle: FixtureProcess
  readonly id: string
  /** When the handler began to block, in epoch ms. */
  readonly since: number
}

/** A worker whose handler blocks its event loop for so many ms, beside an idle one. */
async function blocked(
  block: number,
  options: WorkerProcessOptions['options'],
  onTestFinished: (cleanup: () => Promise<void>) => void,
): Promise<Blocked> {
  const { url } = await ownServer({}, onTestFinished)
  const prefix = randomPrefix()
  const queue = new Queue<{ block: undefined }>('block', { store: testStore(url, { prefix }) })
  const process = { url, prefix, queue: 'block', options: { lease, ...options } }
  const busy = workerProcess({ ...process, block }, onTestFinished)
  const idle = workerProcess(process, onTestFinished)
  await Promise.all([busy.event('ready'), idle.event('ready')])
  // Stands still while the job is handed out.
  idle.kill('SIGSTOP')
  const { id } = await queue.add('block')
  const { at } = await busy.event('started')
  idle.kill('SIGCONT')
  return { queue, busy, idle, id, since: Number(at) }
}

describeWithRedisServer('a handler that blocks the event loop', () => {
  test('for 30 s, ten times its lease, keeps its job', { timeout: 60_000 }, async ({ onTestFinished }) => {
    const { queue, busy, idle, id } = await blocked(30_000, {}, onTestFinished)
    await busy.event('completed', ({ jobId }) => jobId === id, 40_000)
    expect(await queue.getJob(id)).toMatchObject({ state: 'completed', result: busy.pid, stalls: 0 })
    for (const worker of [busy, idle]) expect(eventsOf(worker, 'error')).toEqual([])
    expect(eventsOf(idle, 'started')).toEqual([])
  })

  test('for longer than maxBlocked loses it: it runs elsewhere, and the late settlement is refused', async ({ onTestFinished }) => {
    const maxBlocked = 2_000
    const { queue, busy, idle, id, since } = await blocked(12_000, { maxBlocked }, onTestFinished)
    const { at } = await idle.event('started', ({ jobId }) => jobId === id)
    console.log(
      `a job whose worker was blocked started elsewhere after ${Math.round(Number(at) - since)} ms, maxBlocked ${maxBlocked} ms, lease ${lease} ms`,
    )
    expect(Number(at) - since).toBeLessThan(maxBlocked + lease + 1_000)
    expect(Number(at) - since).toBeGreaterThan(lease)
    await busy.event('error', ({ code, message }) => code === 'RIPEN_LEASE_LOST' && String(message).includes(id))
    expect(await queue.getJob(id)).toMatchObject({ state: 'completed', result: idle.pid, stalls: 1 })
    expect(eventsOf(busy, 'completed')).toEqual([])
  })
})
