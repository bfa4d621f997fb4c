import { Queue, type Schedule } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

type Jobs = { quick: { text?: string }; gated: undefined }

const lease = 2_000
const full = { code: 'RIPEN_STORE_FULL' }

interface Opened {
  readonly queue: Queue<Jobs>
  readonly redis: Redis
  /** One string that alone is more than the server may use. */
  readonly fill: () => Promise<void>
}

async function opened(retain: { count: number }): Promise<Opened> {
  const { url } = await ownServer({ args: ['--maxmemory', '8mb', '--maxmemory-policy', 'noeviction'] })
  const redis = new Redis(url)
  onTestFinished(() => redis.disconnect())
  const queue = new Queue<Jobs>('full', { store: testStore(url), retain: { completed: retain } })
  const fill = async (): Promise<void> => {
    await redis.setrange('ballast', 9 << 20, 'x')
    await expect(redis.set('more', 'x')).rejects.toThrow('OOM')
  }
  return { queue, redis, fill }
}

function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open!: () => void
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}

function running(worker: Worker<any>): void {
  const ended = worker.run()
  onTestFinished(async () => {
    await worker.close({ timeout: 2_000 })
    await ended
  })
}

describeWithRedisServer('a server whose memory is full', () => {
  test('adds fail, all else goes on: nothing stalls, and jobs are settled, handed back, cancelled and removed', async () => {
    const { queue, redis, fill } = await opened({ count: 1_000 })
    const { passed, open } = gate()
    const errors: Error[] = []
    const stalled: string[] = []
    const worker = new Worker(
      queue,
      {
        quick: async () => 'done',
        gated: async (_job, context) => {
          const { signal } = context
          void context.progress('started')
          await Promise.race([
            passed,
            new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
          ])
        },
      },
      { concurrency: 3, prefetch: 5, lease },
    )
    worker.on('error', (error) => errors.push(error)).on('stalled', (id) => stalled.push(id))
    const named = (state: 'gated' | 'quick', count: number, options: object = {}) =>
      queue.addBulk(
        Array.from({ length: count }, () =>
          state === 'gated' ? { name: 'gated' as const, options } : { name: 'quick' as const, data: {}, options },
        ),
      )
    const gated = await named('gated', 3)
    const delayed = await named('quick', 4, { delay: '1 h' })
    await fill()

    running(worker)
    await until(async () => (await gated[2]?.refresh())?.progress === 'started', 5_000, 'running jobs and their progress')
    await expect(queue.add('quick', {})).rejects.toMatchObject(full)
    await expect(queue.add('quick', {}, { delay: 10 })).rejects.toMatchObject(full)
    await expect(queue.addBulk([{ name: 'quick', data: {} }, { name: 'gated' }])).rejects.toMatchObject({
      code: 'RIPEN_BULK',
      results: [full, full],
    })

    expect(await delayed[0]?.promote()).toBe(true)
    expect(await delayed[1]?.cancel()).toBe(true)
    expect(await delayed[2]?.remove()).toBe(true)
    const waited = gated[1]?.wait()
    const cancelled = Promise.resolve(gated[0]?.wait()).catch((error: unknown) => error)
    expect(await gated[0]?.cancel('no memory')).toBe(true)
    expect(await within(2_000, cancelled, 'the end of the cancelled job')).toMatchObject({ code: 'RIPEN_CANCELLED' })
    await until(async () => (await delayed[0]?.refresh())?.state === 'completed', 2_000, 'the promoted job')
    await queue.pause()
    expect(await delayed[1]?.retry()).toBe(true)
    // For two leases: heartbeats pass.
    const end = performance.now() + 2 * lease
    await until(() => performance.now() >= end, 3 * lease, 'two leases', 100)
    expect((await queue.counts()).active).toBe(2)
    await queue.resume()
    open()
    await within(2_000, Promise.resolve(waited), 'the result of a job')
    await until(async () => (await queue.counts()).completed === 4, 2_000, 'the end of the ready jobs')
    expect(await queue.clear()).toBe(1)
    await worker.close()
    expect(errors).toEqual([])
    expect(stalled).toEqual([])
    expect(await queue.counts()).toMatchObject({ ready: 0, scheduled: 0, active: 0, completed: 4, failed: 0, cancelled: 1 })

    await redis.del('ballast')
    expect(await queue.add('quick', {})).toMatchObject({ state: 'ready' })
  })

  test('a worker that started, and one that comes only now, drain the backlog; then adds work again', async () => {
    const { queue } = await opened({ count: 0 })
    const text = 'x'.repeat(50_000)
    const added: string[] = []
    const refused = await until(
      () =>
        queue.add('quick', { text }).then(
          ({ id }) => void added.push(id),
          (error: unknown) => error as Error,
        ),
      20_000,
      'a full server',
      0,
    )
    expect(refused).toMatchObject(full)
    expect(added.length).toBeGreaterThan(50)
    const completed: string[] = []
    const worker = new Worker(queue, async () => undefined, { concurrency: 10, lease })
    const errors: Error[] = []
    worker.on('completed', ({ id }) => completed.push(id)).on('error', (error) => errors.push(error))
    running(worker)
    await until(() => completed.length === added.length, 10_000, 'an empty queue')
    expect(completed.toSorted()).toEqual(added.toSorted())
    expect(errors).toEqual([])
    expect(await queue.add('quick', { text })).toMatchObject({ state: 'ready' })
  })

  test('what waits to be handed back is handed back', async () => {
    const { queue, fill } = await opened({ count: 1_000 })
    const { passed, open } = gate()
    const worker = new Worker(queue, { quick: async () => undefined, gated: () => passed }, { concurrency: 1, prefetch: 5, lease })
    const jobs = await queue.addBulk(Array.from({ length: 6 }, () => ({ name: 'gated' as const })))
    await fill()
    running(worker)
    await until(async () => (await queue.counts()).active === 6, 5_000, 'held jobs')
    const paused = worker.pause()
    await until(async () => (await queue.counts()).ready === 5, 2_000, 'jobs handed back')
    expect((await queue.getJobs({ state: 'ready' })).jobs.map(({ id }) => id)).toEqual(jobs.slice(1).map(({ id }) => id))
    open()
    await within(2_000, paused, 'a paused worker')
    expect(await queue.counts()).toMatchObject({ ready: 5, active: 0, completed: 1 })
  })

  test('runs of schedules wait for room, and schedules can be paused', async () => {
    const { queue, redis, fill } = await opened({ count: 1_000 })
    const schedule = { every: '200 ms', catchUp: 'all', overlap: 'all', job: { name: 'quick', data: {} } } as const
    await queue.schedules.upsert('paused', schedule)
    const { nextRun } = await queue.schedules.upsert('some', schedule)
    await fill()
    const refused: unknown[] = []
    const times: number[] = []
    const worker = new Worker(queue, { quick: async () => undefined, gated: async () => undefined })
    worker.on('error', (error) => {
      refused.push(error)
      times.push(performance.now())
    })
    running(worker)
    await until(() => refused.length > 1, 10_000, 'two ticks that are refused')
    expect(refused).toEqual(refused.map(() => expect.objectContaining(full) as unknown))
    expect((times[1] ?? 0) - (times[0] ?? 0), 'ms between two tries').toBeGreaterThan(900)
    expect(await queue.schedules.pause('paused')).toBe(true)
    expect(await queue.schedules.get('some')).toMatchObject({ runs: 0, nextRun })

    await redis.del('ballast')
    await until(async () => ((await queue.schedules.get('some'))?.runs ?? 0) > 5, 10_000, 'the runs that have waited')
    await queue.schedules.pause('some')
    const { runs, lastRun } = (await queue.schedules.get('some')) as Schedule
    expect(lastRun).toBe((nextRun as number) + (runs - 1) * 200)
    expect((await queue.schedules.get('paused'))?.runs).toBe(0)
  })
})
