import type { Queue, Schedule } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const job = { name: 'report', data: { kind: 'daily' } }

onEachServer((_name, server) => {
  let queue: Queue
  beforeEach(() => {
    queue = testQueue(server)
  })

  test('each run is a job, at its time, whoever works', async () => {
    const schedule = await queue.schedules.upsert('often', { every: 200, job, catchUp: 'all', overlap: 'all', limit: 4 })
    expect(schedule).toMatchObject({ id: 'often', every: 200, paused: false, lastRun: null, runs: 0 } satisfies Partial<Schedule>)
    const seen: { at: number | undefined; data: unknown }[] = []
    await runningWorker(queue, async ({ data, options }) => void seen.push({ at: options.schedule?.at, data }))
    await runningWorker(elsewhere(queue, server), async ({ data, options }) => void seen.push({ at: options.schedule?.at, data }))
    await until(() => seen.length === 4, 5_000, 'four runs')
    const first = schedule.nextRun as number
    expect(seen.map(({ at }) => at)).toEqual([0, 1, 2, 3].map((k) => first + k * 200))
    expect(seen.every(({ data }) => JSON.stringify(data) === JSON.stringify(job.data))).toBe(true)
    await until(async () => (await queue.schedules.get('often'))?.nextRun === null, 5_000, 'the end of the schedule')
    expect(await queue.schedules.get('often')).toMatchObject({ runs: 4, lastRun: first + 600 })
  })

  test('the same again changes nothing; another spec changes it', async () => {
    const first = await queue.schedules.upsert('some', { cron: '0 3 * * *', job })
    expect(await elsewhere(queue, server).schedules.upsert('some', { cron: '0 3 * * *', job })).toEqual(first)
    const other = await queue.schedules.upsert('some', { cron: '0 3 * * *', job: { ...job, data: 2 } })
    expect(other).toMatchObject({ nextRun: first.nextRun, job: { name: 'report', data: 2 } })
    const later = await queue.schedules.upsert('some', { cron: '30 4 * * *', job })
    expect(new Date(later.nextRun as number).toISOString()).toMatch(/T04:30:00.000Z$/)
    expect(await queue.schedules.list()).toEqual([later])
    expect(await queue.schedules.remove('some')).toBe(true)
    expect(await queue.schedules.remove('some')).toBe(false)
    expect(await queue.schedules.get('some')).toBeNull()
    expect(await queue.schedules.list()).toEqual([])
  })

  test('twenty instances that make one schedule at the same time make one', async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => elsewhere(queue, server).schedules.upsert('one', { every: '1 h', job })),
    )
    expect(new Set(made.map((schedule) => JSON.stringify(schedule))).size).toBe(1)
  })

  test('pause, resume, trigger, nextRuns', async () => {
    await queue.schedules.upsert('some', { every: '1 h', job })
    expect(await queue.schedules.pause('some')).toBe(true)
    expect(await queue.schedules.get('some')).toMatchObject({ paused: true, nextRun: null })
    expect(await queue.schedules.nextRuns('some', 3)).toEqual([])
    const run = await queue.schedules.trigger('some')
    expect(run).toMatchObject({ name: 'report', data: job.data, state: 'ready', options: { schedule: { id: 'some' } } })
    expect(await queue.schedules.resume('some')).toBe(true)
    const { nextRun } = (await queue.schedules.get('some')) as Schedule
    expect(await queue.schedules.nextRuns('some', 3)).toEqual([0, 1, 2].map((k) => (nextRun as number) + k * 3_600_000))
    expect(await queue.schedules.pause('none')).toBe(false)
    expect(await queue.schedules.trigger('none')).toBeNull()
    expect((await queue.schedules.nextRuns({ every: '1 h', job, limit: 2 }, 10)).length).toBe(2)
  })

  // Its runs were due 0.5, 1.5 and 2.5 hours before it wakes.
  test.for([
    ['skip', undefined, 'all', []],
    ['skip', '1 h', 'all', [2]],
    ['one', undefined, 'all', [2]],
    ['one', '20 m', 'all', []],
    ['all', undefined, 'all', [0, 1, 2]],
    ['all', '100 m', 'all', [1, 2]],
    ['all', '20 m', 'all', []],
    ['all', undefined, 'one', [0]],
    ['all', undefined, 'skip', [0]],
  ] as const)('asleep for three hours, catchUp %s within %s, overlap %s: runs %j', async ([catchUp, catchUpWindow, overlap, runs]) => {
    const window = catchUpWindow === undefined ? {} : { catchUpWindow }
    const { nextRun } = await queue.schedules.upsert('hourly', { every: '1 h', job, catchUp, overlap, ...window })
    const first = nextRun as number
    const later = elsewhere(queue, server)
    later.store.clockOffset = 3.5 * 3_600_000
    // What waits is to be seen.
    await later.pause()
    await runningWorker(later, async () => undefined)
    await until(async () => ((await later.schedules.get('hourly'))?.nextRun ?? 0) > first, 5_000, 'the tick')
    const { jobs } = await later.getJobs({ state: 'ready' })
    expect(jobs.map(({ options }) => options.schedule?.at)).toEqual(runs.map((k) => first + k * 3_600_000))
    expect(await later.schedules.get('hourly')).toMatchObject({
      runs: runs.length,
      overlapped: overlap === 'all' ? 0 : 2,
      nextRun: first + 3 * 3_600_000,
    })
  })

  test.for([
    ['skip', 1],
    ['one', 2],
    ['all', 4],
  ] as const)('while a run goes on, overlap %s', async ([overlap, jobs]) => {
    let open!: () => void
    const gate = new Promise<void>((resolve) => (open = resolve))
    await runningWorker(queue, () => gate)
    await queue.schedules.upsert('often', { every: 100, job, overlap, limit: overlap === 'all' ? 4 : 1_000 })
    await until(
      async () => {
        const { runs = 0, overlapped = 0 } = (await queue.schedules.get('often')) ?? {}
        return runs + overlapped >= 4
      },
      5_000,
      'four runs',
    )
    await queue.schedules.pause('often')
    const { active, ready } = await queue.counts()
    expect(active + ready).toBe(jobs)
    open()
  })

  test.for([
    [{}, 'cron'],
    [{ every: '1 s', job: undefined }, 'job'],
    [{ every: '1 s', job: { name: 'x', options: { id: 'a' } } }, 'job.options.id'],
    [{ every: '1 s', cron: '* * * * *' }, 'every'],
    [{ every: '1 s', overlap: 'both' }, 'overlap'],
    [{ every: '1 s', limit: 0 }, 'limit'],
  ] as const)('%j is refused', async ([spec, option]) => {
    await expect(queue.schedules.upsert('bad', { job, ...spec } as never)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option })
    expect(await queue.schedules.list()).toEqual([])
  })
})
