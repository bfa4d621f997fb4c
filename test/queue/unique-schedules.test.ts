import { defineQueue, job as kind, Queue, type Job, type Schedule } from '@ripen/queue'
import { expect, onTestFinished, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'
import { noRows, uniqueRows } from './unique-rows.ts'

const often = { every: 100, catchUp: 'all', overlap: 'all' } as const
const inTime = { timeout: '15 s' } as const

async function scheduleAfter(queue: Queue<any>, id: string, so: (schedule: Schedule<any>) => boolean): Promise<Schedule<any>> {
  let schedule: Schedule<any> | null = null
  await until(
    async () => {
      schedule = await queue.schedules.get(id)
      return schedule !== null && so(schedule)
    },
    10_000,
    `the runs of ${id}`,
  )
  return schedule as unknown as Schedule<any>
}

onEachServer((_name, server) => {
  test('a run whose key is held is left out and counted as overlapped, and does not use up the limit', async () => {
    const queue = testQueue(server)
    const there = await queue.add('other', 0, { unique: 'k', delay: '1 h' })
    const done: unknown[] = []
    await runningWorker(queue, async ({ name }) => void done.push(name))
    await queue.schedules.upsert('often', { ...often, limit: 2, job: { name: 'some', options: { unique: 'k' } } })
    expect(await scheduleAfter(queue, 'often', ({ overlapped }) => overlapped >= 3)).toMatchObject({ runs: 0 })
    expect(await queue.counts()).toMatchObject({ scheduled: 1, ready: 0, active: 0, completed: 0 })
    await there.remove()
    expect(await scheduleAfter(queue, 'often', ({ nextRun }) => nextRun === null)).toMatchObject({ runs: 2 })
    await until(() => done.length === 2, 10_000, 'two runs')
    await until(async () => Object.keys((await uniqueRows(queue)).rows).length === 0, 10_000, 'the end of the last job')
  })

  test('two schedules whose jobs compute one key never have two unfinished jobs; a trigger answers with the one that is there', async () => {
    const { store } = testQueue(server)
    const definition = defineQueue('work', { jobs: { sync: kind<{ account: string }>({ unique: ({ account }) => `sync ${account}` }) } })
    const queue = new Queue(definition, { store })
    onTestFinished(() => queue.close())
    const gate = new Gate()
    await runningWorker(queue, { sync: () => gate.opened }, { concurrency: 10 })
    onTestFinished(() => gate.open())
    for (const id of ['a', 'b']) await queue.schedules.upsert(id, { ...often, job: { name: 'sync', data: { account: 'ada' } } })
    await scheduleAfter(queue, 'a', ({ overlapped }) => overlapped >= 3)
    await scheduleAfter(queue, 'b', ({ overlapped }) => overlapped >= 3)
    const { jobs } = await queue.getJobs({ state: 'active' })
    expect(jobs.length).toBe(1)
    expect(await queue.schedules.trigger('b')).toMatchObject({ id: jobs[0]?.id, duplicate: true })
    expect(await queue.counts()).toMatchObject({ scheduled: 0, ready: 0, active: 1, completed: 0 })
    for (const id of ['a', 'b']) await queue.schedules.remove(id)
  })

  test('replace: while a run goes on, the newest one waits behind it', async () => {
    const queue = testQueue(server)
    const gate = new Gate()
    const order: (number | undefined)[] = []
    await runningWorker(queue, async ({ options }) => {
      order.push(options.schedule?.at)
      await gate.opened
    })
    onTestFinished(() => gate.open())
    const unique = { key: 'k', onConflict: 'replace' } as const
    await queue.schedules.upsert('often', { ...often, job: { name: 'some', options: { unique } } })
    await scheduleAfter(queue, 'often', ({ overlapped }) => overlapped >= 3)
    await queue.schedules.pause('often')
    const { lastRun, runs } = (await queue.schedules.get('often')) as Schedule
    expect(runs).toBe(2)
    const { jobs } = await queue.getJobs({ state: 'blocked' })
    expect(jobs).toMatchObject([{ options: { schedule: { id: 'often', at: lastRun } } }])
    gate.open()
    await (jobs[0] as Job).wait(inTime)
    expect(order).toEqual([expect.any(Number), lastRun])
    expect(await uniqueRows(queue)).toEqual(noRows)
  })

  test("overlap 'one' counts a run that is blocked as one that waits", async () => {
    const queue = testQueue(server)
    const gate = new Gate()
    await runningWorker(queue, () => gate.opened)
    onTestFinished(() => gate.open())
    const options = { unique: { key: 'k', onConflict: 'replace' } } as const
    await queue.schedules.upsert('often', { ...often, overlap: 'one', job: { name: 'some', options } })
    const blocks = await scheduleAfter(queue, 'often', ({ runs }) => runs === 2)
    await scheduleAfter(queue, 'often', ({ overlapped }) => overlapped > blocks.overlapped)
    await queue.schedules.pause('often')
    const { runs, lastRun } = (await queue.schedules.get('often')) as Schedule
    expect(runs).toBe(2)
    const { jobs } = await queue.getJobs({ state: 'blocked' })
    expect(jobs.length).toBe(1)
    // Left out, instead of replacing the one that waits.
    expect(jobs[0]?.options.schedule?.at).toBeLessThan(lastRun as number)
  })

  test.for(['replace', 'debounce'] as const)('%s: a run gives its data to the job that waits', async (onConflict) => {
    const queue = testQueue(server)
    const there = await queue.add('other', 1, { unique: 'k', delay: '1 h' })
    const late = elsewhere(queue, server)
    await late.pause()
    await runningWorker(late, async () => undefined)
    await queue.schedules.upsert('often', { ...often, job: { name: 'some', data: 2, options: { unique: { key: 'k', onConflict } } } })
    await scheduleAfter(queue, 'often', ({ overlapped }) => overlapped >= 1)
    await queue.schedules.remove('often')
    expect(await there.refresh()).toMatchObject({ name: 'some', data: 2, state: onConflict === 'replace' ? 'scheduled' : 'ready' })
    expect(await queue.counts()).toMatchObject({ scheduled: onConflict === 'replace' ? 1 : 0, ready: onConflict === 'replace' ? 0 : 1 })
  })
})
