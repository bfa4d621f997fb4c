import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { Deferred, Gate } from './gate.ts'
import { inEachState } from './in-each-state.ts'
import { runningWorker } from './running-worker.ts'
import { storedKeys } from './stored-keys.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('a paused queue takes jobs in and gives none out, until it is resumed', async () => {
    const there = elsewhere(queue, server)
    const ran: unknown[] = []
    await runningWorker(queue, async ({ data }) => ran.push(data))
    await (await queue.add('some', 'before')).wait(inTime)
    await there.pause()
    const job = await queue.add('some', 'meanwhile')
    const delayed = await queue.add('some', 'delayed', { delay: 20 })
    // Three looks of the worker, each of which might take a job.
    await expect(job.wait({ timeout: 3_000 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    expect(ran).toEqual(['before'])
    expect(await queue.counts()).toMatchObject({ ready: 2, scheduled: 0, active: 0 })
    const resumed = performance.now()
    await there.resume()
    await Promise.all([job.wait(inTime), delayed.wait(inTime)])
    expect(ran).toEqual(['before', 'meanwhile', 'delayed'])
    expect(performance.now() - resumed).toBeLessThan(2_000)
  })

  test('clear takes no filter: one that is given is refused, and nothing is removed', async () => {
    await queue.add('some')
    await queue.add('some', undefined, { delay: '1 h' })
    await expect(queue.clear({ state: 'scheduled' } as never)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION' })
    expect(await queue.counts()).toMatchObject({ ready: 1, scheduled: 1 })
  })

  test('what runs goes on while the queue is paused', async () => {
    const [gate, started] = [new Gate(), new Deferred<void>()]
    await runningWorker(queue, async () => {
      started.resolve()
      await gate.opened
      return 'done'
    })
    const job = await queue.add('some', 1)
    await started.promise
    await queue.pause()
    gate.open()
    expect(await job.wait(inTime)).toBe('done')
  })

  test('a worker that comes later finds the queue paused; pausing and resuming twice is once', async () => {
    await queue.pause()
    await queue.pause()
    const job = await queue.add('some', 1)
    await runningWorker(queue, async () => 'done')
    await expect(job.wait({ timeout: 1_500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await queue.resume()
    await queue.resume()
    expect(await job.wait(inTime)).toBe('done')
  })

  test('clear removes what is ready or scheduled, in steps, and nothing else', async () => {
    const { gate, jobs } = await inEachState(queue)
    await queue.addBulk(Array.from({ length: 1_203 }, (_value, i) => ({ name: 'some', options: i % 3 === 0 ? { delay: '1 h' } : {} })))
    expect(await queue.clear()).toBe(1_205)
    expect(await queue.counts()).toEqual({ ready: 0, scheduled: 0, active: 1, blocked: 0, completed: 1, failed: 1, cancelled: 1 })
    expect(await queue.clear()).toBe(0)
    expect(await jobs.ready.refresh()).toBeNull()
    gate.open()
    expect(await jobs.active.wait(inTime)).toBe('active')
  })

  test('clear leaves nothing of the jobs behind, nor the token where nobody is to see it', async () => {
    await queue.ready()
    await queue.addBulk([{ name: 'some' }, { name: 'some', options: { delay: '1 h' } }])
    const before = await storedKeys(queue)
    await queue.clear()
    const after = await storedKeys(queue)
    expect(
      Object.keys(before)
        .filter((key) => !(key in after))
        .map((key) => key.split('}:')[1]),
    ).toEqual(['jobs', 'ready', 'scheduled', 'wake'])
  })

  test('clear of an empty queue is 0', async () => {
    expect(await within(5_000, queue.clear(), 'the clear')).toBe(0)
  })

  test('what pause and resume take is not built yet, and is refused', async () => {
    const call = (move: 'pause' | 'resume', options: unknown): Promise<void> =>
      (queue[move].bind(queue) as (options: unknown) => Promise<void>)(options)
    await expect(call('pause', { name: 'some' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'name' })
    await expect(call('resume', { name: 'some' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'name' })
    await runningWorker(queue, async () => 'done')
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('done')
  })
})
