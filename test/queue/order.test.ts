import type { Queue, QueueSettings } from '@ripen/queue'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { Deferred, Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

/** Runs everything that is ready, one at a time, and answers the data in the order of the runs. */
async function runAll(queue: Queue, count: number, prefetch: 'auto' | number = 'auto'): Promise<unknown[]> {
  const ran: unknown[] = []
  const done = new Deferred<void>()
  await runningWorker(
    queue,
    async ({ data }) => {
      if (ran.push(data) === count) done.resolve()
    },
    { prefetch },
  )
  await within(15_000, done.promise, `${count} jobs`)
  return ran
}

onEachServer((_name, server) => {
  test('a lower priority comes first, from -1024 to 1023, and equals in the order they came', async () => {
    const queue = testQueue(server)
    const priorities = [0, 1023, -1024, 5, 0, -1, 1022, -1023, 5, -1024, 1023, 0]
    await queue.addBulk(priorities.map((priority, i) => ({ name: 'some', data: [priority, i], options: { priority } })))
    const expected = priorities.map((priority, i) => [priority, i]).sort(([a = 0, i = 0], [b = 0, j = 0]) => a - b || i - j)
    expect((await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.data)).toEqual(expected)
    expect(await runAll(queue, priorities.length)).toEqual(expected)
  })

  test('a delayed job keeps its priority', async () => {
    const queue = testQueue(server)
    await queue.add('some', 'plain')
    await queue.add('some', 'urgent', { runAt: 1_000, priority: -1 })
    await queue.add('some', 'idle', { runAt: 1_000, priority: 1 })
    expect(await runAll(queue, 3)).toEqual(['urgent', 'plain', 'idle'])
  })

  test('fifo: in the order they came', async () => {
    const queue = testQueue(server)
    for (let i = 0; i < 30; i++) await queue.add('some', i)
    expect(await runAll(queue, 30)).toEqual(Array.from({ length: 30 }, (_value, i) => i))
  })

  test('fifo: in the order they came, whatever else is asked of those that travel together', async () => {
    const queue = testQueue(server)
    const asked = [{ expiresIn: '1 h' }, {}, { delay: '1 h' }, {}, { attempts: 3 }, { expiresIn: '1 h', timeout: '1 m' }, {}] as const
    await queue.addBulk(asked.map((options, data) => ({ name: 'some', data, options })))
    expect((await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.data)).toEqual([0, 1, 3, 4, 5, 6])
  })

  test('lifo: the last one first, within its priority', async () => {
    const queue = testQueue(server, { order: 'lifo' })
    for (let i = 0; i < 30; i++) await queue.add('some', i, { priority: i % 2 })
    const expected = [...Array.from({ length: 15 }, (_value, i) => 28 - 2 * i), ...Array.from({ length: 15 }, (_value, i) => 29 - 2 * i)]
    expect((await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.data)).toEqual(expected)
    expect(await runAll(queue, 30)).toEqual(expected)
  })

  test('the order is kept with the queue: another one is refused, none given takes what is there', async () => {
    const first = testQueue(server, { order: 'lifo' })
    await first.ready()
    const other = elsewhere(first, server, { order: 'fifo' })
    await expect(other.ready()).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option: 'order',
      message: expect.stringContaining('lifo'),
    })
    await expect(other.add('some', 1)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'order' })
    const silent = elsewhere(first, server, {})
    for (let i = 0; i < 3; i++) await silent.add('some', i)
    const later = await silent.add('some', 'promoted', { delay: '1 h' })
    await later.promote()
    expect(await runAll(silent, 4)).toEqual(['promoted', 2, 1, 0])
  })

  test.for<['fifo' | 'lifo', QueueSettings]>([
    ['fifo', {}],
    ['lifo', { order: 'lifo' }],
  ])('prefetched jobs that are handed back take their places again: %s', async ([, settings]) => {
    const queue = testQueue(server, settings)
    const priorities = [1, -3, 0, 1, 0, -3, 0, 7, 0, 1]
    await queue.addBulk(
      Array.from({ length: 40 }, (_value, i) => ({ name: 'some', data: i, options: { priority: priorities[i % 10] as number } })),
    )
    const before = (await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.data as number)
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
    const left = (await queue.getJobs({ state: 'ready' })).jobs.map((job) => job.data as number)
    expect(left).toEqual(before.slice(before.length - left.length))
    expect(left).toHaveLength(39)
    await queue.add('some', 'new', { priority: -3 })
    const expected =
      settings.order === 'lifo'
        ? ['new', ...left]
        : [...left.filter((i) => priorities[i % 10] === -3), 'new', ...left.filter((i) => priorities[i % 10] !== -3)]
    expect(await runAll(queue, left.length + 1)).toEqual(expected)
  })
})
