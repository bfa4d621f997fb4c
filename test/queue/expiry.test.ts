import { verifyQueue, type Job, type Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { expect, onTestFinished, test } from 'vitest'
import { Settler } from '../../packages/worker/src/shard/settler.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { Gate } from './gate.ts'
import { nextEvent, runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'
import { noRows, uniqueRows } from './unique-rows.ts'

const inTime = { timeout: '15 s' } as const
const expired = { code: 'RIPEN_EXPIRED', name: 'ExpiredError', message: 'the job did not start within expiresIn of being due' }

/** A job that runs until the gate opens. */
async function occupied(queue: Queue): Promise<{ gate: Gate; ran: unknown[] }> {
  const [gate, ran] = [new Gate(), [] as unknown[]]
  onTestFinished(() => gate.open())
  await runningWorker(
    queue,
    async ({ data }) => {
      ran.push(data)
      if (data === 'first') await gate.opened
      if (data === 'bad') throw new Error('bad')
      return data
    },
    { prefetch: 0 },
  )
  await queue.add('some', 'first')
  await until(() => ran.length === 1, 10_000, 'the first job')
  return { gate, ran }
}

onEachServer((_name, server) => {
  test('a job that starts in time runs, however long', async () => {
    const queue = testQueue(server)
    const { gate, ran } = await occupied(queue)
    gate.open()
    const job = await queue.add('some', 'second', { expiresIn: '1 h' })
    expect(await job.wait(inTime)).toBe('second')
    const long = new Gate()
    await runningWorker(queue, () => long.opened)
    expect(job.options.expiresIn).toBe(3_600_000)
    expect(ran).toEqual(['first', 'second'])
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('a job that runs past its time is not disturbed', async () => {
    const queue = testQueue(server)
    const gate = new Gate()
    const worker = await runningWorker(queue, () => gate.opened.then(() => 'done'), { lease: '60 s' })
    const taken = nextEvent(worker, 'completed')
    const job = await queue.add('some', 1, { expiresIn: '1 s' })
    await until(async () => (await job.refresh())?.state === 'active', 10_000, 'its start')
    queue.store.clockOffset = 10_000
    await queue.add('some', 2)
    expect(await job.refresh()).toMatchObject({ state: 'active' })
    gate.open()
    expect(await job.wait(inTime)).toBe('done')
    await within(10_000, taken, 'its end')
  })

  test('one that has not started in time fails, is told of like others, and never runs; with nothing else to do', async () => {
    const queue = testQueue(server)
    const { ran } = await occupied(queue)
    const job = await queue.add('some', 'late', { expiresIn: 300, attempts: 5 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED', cause: expect.objectContaining(expired) })
    const ended = await job.refresh()
    expect(ended).toMatchObject({ state: 'failed', error: expired, attempt: 0, startedAt: undefined })
    expect(ended?.finishedAt).toBeGreaterThanOrEqual(job.addedAt + 300)
    expect(ended?.finishedAt).toBeLessThan(job.addedAt + 5_000)
    expect(ran).toEqual(['first'])
  })

  test('the timer of a worker with free hands rings for a job that another one is to run', async () => {
    const queue = testQueue(server)
    await queue.pause()
    const worker = await runningWorker(queue, async () => undefined)
    const failed = nextEvent(worker, 'failed')
    const job = await queue.add('some', { number: 7 }, { expiresIn: 200 })
    const [told, error] = (await within(10_000, failed, 'the end')) as unknown as [Job, Error]
    expect(error).toMatchObject(expired)
    expect(told).toMatchObject({ id: job.id, data: { number: 7 }, state: 'failed', error: expired })
    expect(await queue.counts()).toMatchObject({ ready: 0, failed: 1 })
  })

  test('a worker that comes too late is given none of them, however many, and all that are in time', async () => {
    const queue = testQueue(server)
    const late = await queue.addBulk(
      Array.from({ length: 1_700 }, (_value, i) => ({ name: 'some', data: i, options: { expiresIn: 1_000 + i, priority: i % 3 } })),
    )
    queue.store.clockOffset = 60_000
    const good = await queue.addBulk(
      Array.from({ length: 300 }, (_value, i) => ({
        name: 'some',
        data: 'good',
        ...(i % 2 === 0 ? {} : { options: { expiresIn: '1 h' } }),
      })),
    )
    const ran: unknown[] = []
    await runningWorker(queue, async ({ data }) => void ran.push(data), { concurrency: 20 })
    await until(
      async () => (await queue.counts()).failed === late.length && (await queue.counts()).completed === good.length,
      20_000,
      'all jobs',
    )
    expect(new Set(ran)).toEqual(new Set(['good']))
    expect(await queue.counts()).toMatchObject({ ready: 0, scheduled: 0, active: 0 })
    expect(ran).toHaveLength(good.length)
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('the time begins when the job is due', async () => {
    const queue = testQueue(server)
    const job = await queue.add('some', 1, { delay: '1 h', expiresIn: '10 s' })
    queue.store.clockOffset = 3_600_000 + 5_000
    await runningWorker(queue, async ({ data }) => data)
    expect(await job.wait(inTime)).toBe(1)
  })

  test('a job that is promoted has its time from then on', async () => {
    const queue = testQueue(server)
    const { ran } = await occupied(queue)
    const job = await queue.add('some', 'promoted', { delay: '1 h', expiresIn: 300 })
    expect(await job.promote()).toBe(true)
    await expect(job.wait(inTime)).rejects.toMatchObject({ cause: expect.objectContaining(expired) })
    expect(ran).toEqual(['first'])
  })

  test('a retry has the whole time anew, from when it is due', async () => {
    const queue = testQueue(server)
    const { gate, ran } = await occupied(queue)
    gate.open()
    const job = await queue.add('some', 'bad', { expiresIn: '10 s', attempts: 3, backoff: '1 h' })
    await until(async () => (await job.refresh())?.state === 'scheduled', 10_000, 'the retry')
    queue.store.clockOffset = 3_600_000 + 2_000
    await until(() => ran.length === 3, 10_000, 'the second attempt')
    await until(async () => (await job.refresh())?.state === 'scheduled', 10_000, 'the next retry')
    // Nobody came in time for the third.
    queue.store.clockOffset = 3 * 3_600_000
    await until(async () => (await job.refresh())?.state === 'failed', 10_000, 'the end')
    expect(await job.refresh()).toMatchObject({ error: expired, attempt: 2 })
    expect(ran).toEqual(['first', 'bad', 'bad'])
  })

  test('a dead letter that has expired has the whole time anew when it is retried', async () => {
    const queue = testQueue(server)
    const { gate, ran } = await occupied(queue)
    const job = await queue.add('some', 'late', { expiresIn: 200 })
    await until(async () => (await job.refresh())?.state === 'failed', 10_000, 'its end')
    expect(await job.retry()).toBe(true)
    await until(async () => (await job.refresh())?.state === 'failed', 10_000, 'its second end')
    gate.open()
    expect(await job.retry()).toBe(true)
    expect(await job.wait(inTime)).toBe('late')
    expect(ran).toEqual(['first', 'late'])
  })

  test('a job whose lease was lost has the whole time anew', async () => {
    const queue = testQueue(server)
    const job = await queue.add('some', 1, { expiresIn: '5 s' })
    const shard = new Shard(queue.store, queue.name, queue.definition.settings)
    const dead = new Settler({
      shard,
      index: 0,
      session: await shard.openSession(),
      options: { lease: 1_000, suspectAt: 2 },
      signal: new AbortController().signal,
    })
    expect((await dead.settle(0, [], 1, true)).taken.map(({ id }) => id)).toEqual([job.id])
    queue.store.clockOffset = 20_000
    await runningWorker(queue, async ({ stalls }) => stalls)
    expect(await job.wait(inTime)).toBe(1)
  })

  test('it is kept as its retention says', async () => {
    const queue = testQueue(server, { retain: { failed: { count: 2 } } })
    const { gate } = await occupied(queue)
    const jobs = await queue.addBulk(
      [{}, {}, {}, { retain: { failed: false } } as const, { retain: { failed: '1 h' } } as const].map((options) => ({
        name: 'some',
        options: { ...options, expiresIn: 100 },
      })),
    )
    await until(async () => (await queue.counts()).ready === 0, 10_000, 'their ends')
    const states = await Promise.all(jobs.map(async (job) => (await job.refresh())?.state))
    expect(states.slice(0, 3).filter((state) => state === 'failed')).toHaveLength(2)
    expect(states.slice(3)).toEqual([undefined, 'failed'])
    gate.open()
  })

  test('its unique key is free, also for an add that comes before any worker', async () => {
    const queue = testQueue(server)
    const job = await queue.add('some', 1, { unique: 'k', expiresIn: '1 s' })
    expect((await queue.add('some', 2, { unique: 'k' })).id).toBe(job.id)
    queue.store.clockOffset = 5_000
    const next = await queue.add('some', 3, { unique: 'k', expiresIn: '1 s' })
    expect(next).toMatchObject({ duplicate: false, data: 3 })
    expect(await job.refresh()).toMatchObject({ state: 'failed', error: expired })
    queue.store.clockOffset = 10_000
    await runningWorker(queue, async () => undefined)
    await until(async () => (await next.refresh())?.state === 'failed', 10_000, 'its end')
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test('a job that takes the place of another has its own time; one that is blocked has no more than others', async () => {
    const queue = testQueue(server)
    const unique = { key: 'k', onConflict: 'replace' } as const
    const job = await queue.add('some', 1, { unique, expiresIn: '1 s' })
    await queue.add('some', 2, { unique, expiresIn: '1 h' })
    const last = { key: 'l', onConflict: 'replace' } as const
    queue.store.clockOffset = 5_000
    const gate = new Gate()
    onTestFinished(() => gate.open())
    await runningWorker(queue, async ({ data }) => (data === 'holds' ? gate.opened : data), { concurrency: 2, lease: '60 s' })
    expect(await job.wait(inTime)).toBe(2)
    const holder = await queue.add('some', 'holds', { unique: last })
    await until(async () => (await holder.refresh())?.state === 'active', 10_000, 'the holder')
    const blocked = await queue.add('some', 3, { unique: last, expiresIn: 200 })
    expect(blocked.state).toBe('blocked')
    await expect(blocked.wait(inTime)).rejects.toMatchObject({ cause: expect.objectContaining(expired) })
    const next = await queue.add('some', 4, { unique: last, expiresIn: '1 h' })
    expect(next).toMatchObject({ state: 'blocked', duplicate: false })
    gate.open()
    expect(await next.wait(inTime)).toBe(4)
  })

  test.for<[string, (job: Job, queue: Queue) => Promise<unknown>]>([
    ['cancelled', (job) => job.cancel()],
    ['removed', (job) => job.remove()],
    ['cleared', (_job, queue) => queue.clear()],
  ])('nothing is left of the time of a job that was %s', async ([, end]) => {
    const queue = testQueue(server)
    const job = await queue.add('some', 1, { expiresIn: '1 h' })
    expect(await end(job, queue)).toBeTruthy()
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('the runs of a schedule have their time from when they are due', async () => {
    const queue = testQueue(server, { defaults: { expiresIn: '5 s' } })
    await queue.schedules.upsert('often', { every: '1 s', limit: 1, job: { name: 'some' } })
    const ticking = await runningWorker(queue, async () => undefined)
    await queue.pause()
    await until(async () => (await queue.counts()).ready === 1, 10_000, 'the run')
    await ticking.close()
    queue.store.clockOffset = 60_000
    await queue.resume()
    await runningWorker(queue, async () => undefined)
    await until(async () => (await queue.counts()).failed === 1, 10_000, 'its end')
    expect((await queue.getJobs({ state: 'failed' })).jobs).toMatchObject([{ error: expired, options: { expiresIn: 5_000 } }])
  })

  test('what is no duration is refused before anything is written', async () => {
    const queue = testQueue(server)
    for (const expiresIn of [0, -1, 'soon', Number.NaN] as never[])
      await expect(queue.add('some', 1, { expiresIn })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'expiresIn' })
    expect(await queue.counts()).toMatchObject({ ready: 0 })
  })
})
