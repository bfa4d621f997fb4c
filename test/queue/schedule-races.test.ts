import type { Job, Queue, Schedule } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test, vi } from 'vitest'
import { schedulePutScript } from '../../packages/queue/src/scripts.generated.ts'
import { onEachServer } from '../support/conformance.ts'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { prefixOf } from './stored-keys.ts'
import { elsewhere, testQueue } from './test-queue.ts'
import { dueIn, tickAll, ticking } from './ticking.ts'

const hour = 3_600_000
const hourly = { every: '1 h', job: { name: 'report', data: 1 } } as const

onEachServer((_name, server) => {
  let queue: Queue
  /** The same queue an hour and a minute later. */
  let later: Queue
  beforeEach(() => {
    queue = testQueue(server)
    later = elsewhere(queue, server)
    later.store.clockOffset = hour + 60_000
  })

  const ready = async (): Promise<Job[]> => (await later.getJobs({ state: 'ready' })).jobs
  /** Does something between the reading and the writing of the next change of a schedule. */
  const amidChange = (changed: Queue<any>, act: () => Promise<void>): void => {
    const { caller } = internals(changed.store)
    const script = caller.script.bind(caller)
    const spy = vi.spyOn(caller, 'script').mockImplementation(async (which: any, call, bounds) => {
      if (which === schedulePutScript) {
        spy.mockRestore()
        await act()
      }
      return script(which, call, bounds)
    })
  }

  test.for([
    ['its job', { ...hourly, job: { name: 'report', data: 2 } }],
    ['its end', { ...hourly, end: Date.now() + 100 * hour }],
    ['its limit', { ...hourly, limit: 5 }],
  ] as const)('a run that is added while %s is changed is added once', async ([, changed]) => {
    const { nextRun } = await queue.schedules.upsert('one', hourly)
    // Its clock has not come to the run yet: for it, the run is still the next one.
    amidChange(queue, async () => {
      await tickAll(later)
      queue.store.clockOffset = later.store.clockOffset
    })
    const { runs, nextRun: next } = await queue.schedules.upsert('one', changed)
    expect({ runs, next }).toEqual({ runs: 1, next: (nextRun as number) + hour })
    await tickAll(later)
    expect((await ready()).map(({ options }) => options.schedule?.at)).toEqual([nextRun])
  })

  test('a run that is due when its job is changed is that of the new job', async () => {
    const { nextRun } = await queue.schedules.upsert('one', hourly)
    const { look, tick } = await ticking(later)
    const told = await look()
    await later.schedules.upsert('one', { ...hourly, job: { name: 'report', data: 2 } })
    await tick(told)
    expect(await ready()).toEqual([])
    await tickAll(later)
    expect((await ready()).map(({ data, options }) => [data, options.schedule?.at])).toEqual([[2, nextRun]])
  })

  test('a change of the limit keeps a run that was missed', async () => {
    const { nextRun } = await queue.schedules.upsert('one', hourly)
    expect((await later.schedules.upsert('one', { ...hourly, limit: 1 })).nextRun).toBe(nextRun)
    await tickAll(later)
    expect(await later.schedules.get('one')).toMatchObject({ runs: 1, nextRun: null })
    expect((await later.schedules.upsert('one', { ...hourly, limit: 2 })).nextRun).toBe((nextRun as number) + hour)
    expect((await later.schedules.upsert('one', { ...hourly, limit: 1 })).nextRun).toBeNull()
  })

  test('a worker that was told of a schedule adds nothing for another one that took its place', async () => {
    await queue.schedules.upsert('one', hourly)
    const { look, tick } = await ticking(later)
    const told = await look()
    await queue.schedules.remove('one')
    // The clock is back where it was: the new one has its next run at the same time.
    const { nextRun } = await queue.schedules.upsert('one', { ...hourly, start: Number(dueIn(told)[1]) })
    expect(nextRun).toBe(Number(dueIn(told)[1]))
    await tick(told)
    expect(await ready()).toEqual([])
    expect(await queue.schedules.get('one')).toMatchObject({ runs: 0, nextRun })
  })

  test('a schedule that has lost its next run has one again when it is upserted', async () => {
    const { nextRun } = await queue.schedules.upsert('one', hourly)
    await queue.store.redis.zrem(shardKeys(prefixOf(queue), queue.name, 0).ticks, 'one')
    expect(await queue.schedules.get('one')).toMatchObject({ nextRun: null })
    expect(await queue.schedules.upsert('one', hourly)).toMatchObject({ nextRun })
  })

  test('what cannot be read here is left to others, and stops nothing else', async () => {
    const { schedules } = shardKeys(prefixOf(queue), queue.name, 0)
    await Promise.all(Array.from({ length: 101 }, (_value, i) => queue.schedules.upsert(`schedule-${i}`, hourly)))
    const rows = await queue.store.redis.hgetall(schedules)
    const unknown = Object.entries(rows).map(([id, row]) => [id, row.replace('"every":3600000', '"cron":"0 * * * *","tz":"Mars/Olympus"')])
    await queue.store.redis.hset(schedules, Object.fromEntries(unknown))
    await queue.schedules.upsert('other', { ...hourly, start: Date.now() + hour + 30_000 })
    later.store.clockOffset = hour + 10_000
    const { look, tick, told } = await ticking(later)
    const first = await look()
    expect(dueIn(first).length).toBe(300)
    expect(await tick(first)).toBe(false)
    expect(told.length).toBe(100)
    expect(told[0]?.message).toContain('Mars/Olympus')
    expect(dueIn(await look())).toEqual(dueIn(first))
    await queue.store.redis.hset(schedules, 'schedule-0', rows['schedule-0'] as string)
    expect(await tick(await look())).toBe(true)
    // It is told of each once.
    expect(told.length).toBe(100)
    expect((await ready()).map(({ options }) => options.schedule?.id)).toEqual(['schedule-0'])

    // When nobody can read them for a minute.
    later.store.clockOffset += 60_000
    await tick(await look())
    expect(told.length).toBe(101)
    expect(dueIn(await look()).filter((_text, i) => i % 3 === 0)).toEqual(['other'])
    later.store.clockOffset += 60_000
    expect(dueIn(await look()).length).toBe(300)
  })

  test('fifty schedules that have missed a hundred runs each', { timeout: 30_000 }, async () => {
    const spec = { ...hourly, catchUp: 'all', overlap: 'all', limit: 100 } as const
    await Promise.all(Array.from({ length: 50 }, (_value, i) => queue.schedules.upsert(`schedule-${i}`, spec)))
    later.store.clockOffset = 200 * hour
    await tickAll(later)
    expect((await later.counts()).ready).toBe(5_000)
    expect((await later.schedules.list()).every(({ runs, nextRun }: Schedule) => runs === 100 && nextRun === null)).toBe(true)
  })
})
