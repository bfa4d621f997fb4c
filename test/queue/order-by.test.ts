import { verifyQueue, type Queue, type QueueSettings } from '@ripen/queue'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { Deferred, Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

async function waiting(queue: Queue): Promise<unknown[]> {
  return (await queue.getJobs({ state: 'ready' })).jobs.map(({ data }) => data)
}

/** Runs everything that is ready, one at a time, and answers the data in the order of the runs. */
async function runAll(queue: Queue, count: number): Promise<unknown[]> {
  const ran: unknown[] = []
  const done = new Deferred<void>()
  await runningWorker(queue, async ({ data }) => {
    if (ran.push(data) === count) done.resolve()
  })
  await within(15_000, done.promise, `${count} jobs`)
  return ran
}

const byData: QueueSettings = { order: ({ data }) => data as number }

onEachServer((_name, server) => {
  test('deadline: who expires first is first, within a priority; those that never do come last, as they came', async () => {
    const queue = testQueue(server, { order: 'deadline' })
    await queue.add('some', 'plain 1')
    await queue.add('some', 'in 3 h', { expiresIn: '3 h' })
    await queue.add('some', 'in 1 h', { expiresIn: '1 h' })
    await queue.add('some', 'plain 2')
    await queue.add('some', 'urgent plain', { priority: -1 })
    await queue.add('some', 'urgent in 5 h', { priority: -1, expiresIn: '5 h' })
    await queue.add('some', 'in 2 h', { expiresIn: '2 h', unique: 'k' })
    await queue.add('some', 'idle', { priority: 1, expiresIn: '1 s' })
    const order = ['urgent in 5 h', 'urgent plain', 'in 1 h', 'in 2 h', 'in 3 h', 'plain 1', 'plain 2']
    expect(await waiting(queue)).toEqual([...order, 'idle'])
    queue.store.clockOffset = 5_000
    expect(await runAll(queue, order.length)).toEqual(order)
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('deadline: a job that was delayed, promoted or retried has the place of its new deadline', async () => {
    const queue = testQueue(server, { order: 'deadline' })
    await queue.add('some', 'in 2 h', { expiresIn: '2 h' })
    await queue.add('some', 'in 4 h', { expiresIn: '4 h' })
    await queue.add('some', 'due, in 3 h', { delay: '1 h', expiresIn: '2 h' })
    const promoted = await queue.add('some', 'promoted', { delay: '9 h', expiresIn: '1 h' })
    const failing = await queue.add('some', 'cancelled', { expiresIn: '1 m' })
    await promoted.promote()
    await failing.cancel()
    expect(await waiting(queue)).toEqual(['promoted', 'in 2 h', 'in 4 h'])
    await failing.retry()
    expect(await waiting(queue)).toEqual(['cancelled', 'promoted', 'in 2 h', 'in 4 h'])
    await failing.remove()
    await promoted.remove()
    queue.store.clockOffset = 3_601_000
    expect(await runAll(queue, 3)).toEqual(['in 2 h', 'due, in 3 h', 'in 4 h'])
  })

  test('a Scorer: lower is first, within a priority, and later when the job becomes ready', async () => {
    const queue = testQueue(server, byData)
    const last = 2 ** 42 - 1
    await queue.addBulk([5, 0, last, 7, 7].map((data) => ({ name: 'some', data })))
    await queue.add('some', 9, { priority: -1 })
    await queue.add('some', 3, { priority: 1 })
    const later = await queue.add('some', 6, { delay: '1 h' })
    await later.promote()
    expect(await waiting(queue)).toEqual([9, 0, 5, 6, 7, 7, last, 3])
    expect(await runAll(queue, 8)).toEqual([9, 0, 5, 6, 7, 7, last, 3])
  })

  test('a Scorer is asked once, with the job as it was added', async () => {
    const asked: unknown[] = []
    const queue = testQueue(server, {
      defaults: { attempts: 2, backoff: 1 },
      order: ({ name, data, options }) => asked.push({ name, data, priority: options.priority, attempts: options.attempts }),
    })
    await queue.add('mail', { to: 'ada' }, { priority: 3 })
    await queue.add('mail', { to: 'bob' })
    let runs = 0
    await runningWorker(queue, async () => {
      if (runs++ < 2) throw new Error('again')
    })
    await until(async () => (await queue.counts()).completed === 2, 10_000, 'both')
    expect(asked).toEqual([
      { name: 'mail', data: { to: 'ada' }, priority: 3, attempts: 2 },
      { name: 'mail', data: { to: 'bob' }, priority: undefined, attempts: 2 },
    ])
  })

  test.for([-1, 0.5, 2 ** 42, Number.NaN, '1', undefined, 1n])(
    'a Scorer that gives %s is refused, and nothing is written',
    async (place) => {
      const queue = testQueue(server, { order: (({ data }: { data: unknown }) => (data === 'bad' ? place : 1)) as never })
      await expect(queue.add('some', 'bad')).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'order' })
      await expect(
        queue.addBulk([
          { name: 'some', data: 'good' },
          { name: 'some', data: 'bad' },
        ]),
      ).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'jobs[1].order' })
      await expect(queue.schedules.upsert('s', { every: '1 h', job: { name: 'some', data: 'bad' } })).rejects.toMatchObject({
        option: 'order',
      })
      expect(await queue.counts()).toMatchObject({ ready: 0 })
    },
  )

  test('the order stays; who does not know the Scorer can take, and cannot add', async () => {
    const queue = testQueue(server, byData)
    await queue.add('some', 2)
    await queue.add('some', 1)
    for (const order of ['fifo', 'deadline'] as const)
      await expect(elsewhere(queue, server, { order }).add('some', 1)).rejects.toMatchObject({
        option: 'order',
        message: expect.stringContaining('scorer'),
      })
    const bare = elsewhere(queue, server, {})
    await expect(bare.add('some', 3)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'order' })
    await expect(bare.schedules.upsert('s', { every: '1 h', job: { name: 'some' } })).rejects.toMatchObject({ option: 'order' })
    expect(await runAll(bare, 2)).toEqual([1, 2])
    const plain = testQueue(server, { order: 'fifo' })
    await plain.add('some', 1)
    await expect(elsewhere(plain, server, byData).add('some', 1)).rejects.toMatchObject({ option: 'order' })
    expect(() => testQueue(server, { order: 'scorer' as never })).toThrow(expect.objectContaining({ option: 'order' }))
  })

  test.for<[string, QueueSettings]>([
    ['a Scorer', { order: ({ data }) => Math.floor((data as number) / 10) }],
    ['deadline', { order: 'deadline' }],
  ])('prefetched jobs that are handed back take their places again, also equal ones: %s', async ([, settings]) => {
    const queue = testQueue(server, settings)
    await queue.addBulk(
      Array.from({ length: 40 }, (_value, i) => ({
        name: 'some',
        data: i,
        options: { priority: i % 2, ...(i % 5 === 0 ? {} : { expiresIn: `${1 + (i % 3)} h` as const }) },
      })),
    )
    const before = await waiting(queue)
    const [gate, started] = [new Gate(), new Deferred<void>()]
    const hold = (): Promise<void> => {
      started.resolve()
      return gate.opened
    }
    const holder = await runningWorker(queue, hold, { prefetch: 25 })
    await within(5_000, started.promise, 'the first job')
    expect((await queue.counts()).active).toBe(26)
    const paused = holder.pause()
    await until(async () => (await queue.counts()).active === 1, 5_000, 'what was prefetched')
    gate.open()
    await paused
    await holder.close()
    expect(await waiting(queue)).toEqual(before.slice(1))
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })
})
