import type { JobState, PageOptions, Queue } from '@ripen/queue'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { inEachState } from './in-each-state.ts'
import { runningWorker } from './running-worker.ts'
import { testQueue } from './test-queue.ts'

/** All pages of a state, and how many jobs each had. */
async function pages(queue: Queue, state: JobState, options: PageOptions): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = []
  const sizes: number[] = []
  let cursor: string | null | undefined
  do {
    const page = await queue.getJobs({ state }, { ...options, ...(cursor ? { cursor } : {}) })
    ids.push(...page.jobs.map((job) => job.id))
    sizes.push(page.jobs.length)
    cursor = page.cursor
    expect(sizes.length).toBeLessThan(1_000)
  } while (cursor !== null)
  return { ids, sizes }
}

/**
 * Puts jobs in the state, many of which have the same score; answers their ids in the order of the set, as
 * far as the scores tell.
 */
const fill: Record<'ready' | 'scheduled' | 'completed' | 'failed' | 'cancelled', (queue: Queue) => Promise<string[]>> = {
  ready: async (queue) =>
    (
      await queue.addBulk(
        Array.from({ length: 25 }, (_value, i) => ({
          name: 'some',
          data: i,
          options: { priority: [-1023, 0, 1023][Math.floor(i / 10)] ?? 0 },
        })),
      )
    ).map(({ id }) => id),
  scheduled: async (queue) => {
    const time = (await queue.store.now()) + 3_600_000
    return (
      await queue.addBulk(Array.from({ length: 25 }, (_value, i) => ({ name: 'some', options: { runAt: time + Math.floor(i / 10) } })))
    ).map(({ id }) => id)
  },
  completed: (queue) => end(queue, 'completed'),
  failed: (queue) => end(queue, 'failed'),
  cancelled: async (queue) => {
    const jobs = await queue.addBulk(Array.from({ length: 25 }, () => ({ name: 'some' })))
    await Promise.all(jobs.map((job) => job.cancel()))
    return jobs.map(({ id }) => id)
  },
}

function encoded(place: string): string {
  return Buffer.from(place).toString('base64url')
}

async function end(queue: Queue, event: 'completed' | 'failed'): Promise<string[]> {
  const jobs = await queue.addBulk(Array.from({ length: 25 }, () => ({ name: 'some' })))
  const worker = await runningWorker(queue, async () => (event === 'failed' ? Promise.reject(new Error('failed')) : 1), { concurrency: 30 })
  await new Promise<void>((resolve) => {
    let count = 0
    worker.on(event, () => void (++count === 25 && resolve()))
  })
  return jobs.map(({ id }) => id)
}

onEachServer((_name, server) => {
  test.for(Object.keys(fill) as (keyof typeof fill)[])(
    'pages of %s jobs meet each job once, in either direction, also among equal scores',
    async (state) => {
      const queue = testQueue(server)
      const ids = await fill[state](queue)
      const whole = await pages(queue, state, {})
      expect([...whole.ids].sort()).toEqual([...ids].sort())
      expect(whole.ids).toEqual(state === 'ready' || state === 'scheduled' ? ids : whole.ids)
      for (const limit of [1, 3, 7, 24, 25, 26]) {
        expect((await pages(queue, state, { limit })).ids).toEqual(whole.ids)
        expect((await pages(queue, state, { limit, reverse: true })).ids).toEqual(whole.ids.toReversed())
      }
    },
  )

  test('a page has at most its limit, 100 unless said', async () => {
    const queue = testQueue(server)
    await queue.addBulk(Array.from({ length: 1_100 }, () => ({ name: 'some' })))
    expect((await pages(queue, 'ready', {})).sizes.slice(0, 11)).toEqual(Array.from({ length: 11 }, () => 100))
    expect((await pages(queue, 'ready', { limit: 1_000 })).sizes.slice(0, 2)).toEqual([1_000, 100])
  })

  test('pages go on while jobs come and go', async () => {
    const queue = testQueue(server)
    const ids = await fill.ready(queue)
    const first = await queue.getJobs({ state: 'ready' }, { limit: 10 })
    for (const id of ids.slice(0, 5)) await queue.remove(id)
    await queue.add('late', 1, { priority: -1024 })
    const second = await queue.getJobs({ state: 'ready' }, { limit: 1_000, cursor: first.cursor as string })
    expect([...first.jobs, ...second.jobs].map((job) => job.id)).toEqual(ids)
    expect(second.cursor).toBeNull()
  })

  test.for<[keyof typeof fill, boolean]>([
    ['failed', false],
    ['failed', true],
    ['cancelled', false],
    ['scheduled', false],
    ['scheduled', true],
  ])('of %s jobs that leave page by page none is passed over (reverse: %s)', async ([state, reverse]) => {
    const queue = testQueue(server)
    const ids = await fill[state](queue)
    await queue.pause()
    const met: string[] = []
    let cursor: string | null | undefined
    do {
      const page = await queue.getJobs({ state }, { limit: 4, reverse, ...(cursor ? { cursor } : {}) })
      met.push(...page.jobs.map((job) => job.id))
      await Promise.all(page.jobs.map(async (job) => expect(await (state === 'failed' ? job.retry() : job.remove())).toBe(true)))
      cursor = page.cursor
    } while (cursor !== null)
    expect([...met].sort()).toEqual([...ids].sort())
    expect((await queue.counts())[state]).toBe(0)
  })

  test('each state lists its own, with what is known of it', async () => {
    const queue = testQueue(server)
    const { jobs } = await inEachState(queue)
    for (const [state, job] of Object.entries(jobs)) {
      const page = await queue.getJobs({ state: state as JobState })
      expect(page.jobs.map(({ id, name }) => [id, name, page.cursor])).toEqual([[job.id, state, null]])
      expect(page.jobs[0]).toEqual(await queue.getJob(job.id))
    }
    const now = await queue.store.now()
    const there = async (state: keyof typeof jobs): Promise<unknown> => queue.getJob(jobs[state].id)
    expect(await there('active')).toMatchObject({ state: 'active', attempt: 1, finishedAt: undefined, startedAt: expect.closeTo(now, -5) })
    expect(await there('completed')).toMatchObject({
      attempt: 1,
      result: 'completed',
      finishedAt: expect.closeTo(now, -5),
      startedAt: expect.closeTo(now, -5),
    })
    expect(await there('failed')).toMatchObject({
      attempt: 1,
      result: undefined,
      error: { message: 'failed' },
      finishedAt: expect.closeTo(now, -5),
    })
    expect(await there('cancelled')).toMatchObject({ error: { code: 'RIPEN_CANCELLED' }, startedAt: undefined })
    expect(await there('scheduled')).toMatchObject({
      dueAt: jobs.scheduled.addedAt + 3_600_000,
      startedAt: undefined,
      finishedAt: undefined,
    })
    expect(await queue.getJobs({ state: 'blocked' })).toEqual({ jobs: [], cursor: null })
  })

  test('of an empty queue there is nothing', async () => {
    const queue = testQueue(server)
    for (const state of ['ready', 'completed', 'active'] as const)
      expect(await queue.getJobs({ state })).toEqual({ jobs: [], cursor: null })
    expect(await queue.getJob('nobody')).toBeNull()
    expect(Object.values(await queue.counts())).toEqual([0, 0, 0, 0, 0, 0, 0])
  })

  test.for<[unknown, unknown, string]>([
    [undefined, undefined, 'state'],
    [{}, undefined, 'state'],
    [{ state: 'waiting' }, undefined, 'state'],
    [{ state: 'ready', names: 'x' }, undefined, 'names'],
    [{ state: 'ready', text: 'x' }, undefined, 'text'],
    ['ready', undefined, 'JobFilter'],
    [{ state: 'ready' }, { limit: 0 }, 'limit'],
    [{ state: 'ready' }, { limit: 1_001 }, 'limit'],
    [{ state: 'ready' }, { limit: Number.NaN }, 'limit'],
    [{ state: 'ready' }, { limit: 1.5 }, 'limit'],
    [{ state: 'ready' }, { limti: 5 }, 'limti'],
    [{ state: 'ready' }, { cursor: 'x' }, 'cursor'],
    [{ state: 'ready' }, { cursor: '' }, 'cursor'],
    [{ state: 'ready' }, { cursor: '1:-1' }, 'cursor'],
    [{ state: 'ready' }, { cursor: encoded('5') }, 'cursor'],
    [{ state: 'ready' }, { cursor: encoded('nan id') }, 'cursor'],
    [{ state: 'ready' }, { cursor: encoded('(5 id') }, 'cursor'],
    [{ state: 'ready' }, { cursor: `${encoded('5 id')}=` }, 'cursor'],
    [{ state: 'ready' }, { cursor: encoded(`5 ${'x'.repeat(4_000)}`) }, 'cursor'],
    [{ state: 'ready' }, { cursor: 7 }, 'cursor'],
    [{ state: 'ready' }, { reverse: 1 }, 'reverse'],
  ])('getJobs(%j, %j) is refused', async ([filter, options, option]) => {
    const queue = testQueue(server)
    await expect(queue.getJobs(filter as { state: JobState }, options as PageOptions)).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option,
    })
  })
})
