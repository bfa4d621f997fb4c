import { defineQueue, job, Queue, type Job, type StandardSchema } from '@ripen/queue'
import type { Middleware } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'

const doubled: StandardSchema<number, { readonly twice: number }> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: { twice: 2 * (value as number) } }) },
}

onEachServer((_name, server) => {
  test('a job that a handler was given stays as it was; each listener gets one that says what it is then', async () => {
    const queue = testQueue(server)
    const given: Job[] = []
    const told: [string, Job][] = []
    const worker = await runningWorker(queue, async (given_, { progress, attempt }) => {
      given.push(Object.freeze(given_))
      await progress(attempt)
      if (attempt < 3) throw new Error(attempt === 1 ? 'first' : 'second')
      return 'done'
    })
    for (const event of ['progress', 'retrying', 'failed', 'completed'] as const)
      worker.on(event, (job: Job) => void told.push([event, Object.freeze(job)]))
    const completed = nextEvent(worker, 'completed')
    await queue.add('some', 1, { attempts: 3, backoff: 1 })
    await completed
    const active = { state: 'active', data: 1, result: undefined }
    expect(given).toMatchObject([
      { ...active, attempt: 1, progress: undefined, error: undefined },
      { ...active, attempt: 2, progress: 1, error: { message: 'first' } },
      { ...active, attempt: 3, progress: 2, error: { message: 'second' } },
    ])
    expect(told).toMatchObject([
      ['progress', { ...active, attempt: 1, progress: 1 }],
      ['retrying', { state: 'scheduled', attempt: 1, progress: 1, error: { message: 'first' } }],
      ['progress', { ...active, attempt: 2, progress: 2 }],
      ['retrying', { state: 'scheduled', attempt: 2, progress: 2, error: { message: 'second' } }],
      ['progress', { ...active, attempt: 3, progress: 3 }],
      ['completed', { state: 'completed', attempt: 3, progress: 3, result: 'done', error: undefined }],
    ])
    const last = told.at(-1)?.[1] as Job
    const { startedAt, dueAt, error } = (await last.refresh()) as Job
    expect(last).toMatchObject({ startedAt, dueAt, error })
  })

  test('checked data comes in a job of its own, which middleware, the handler and listeners get', async () => {
    const queue = new Queue(defineQueue('work', { jobs: { twice: job({ data: doubled }) } }), { store: testStore(server.url) })
    onTestFinished(() => queue.close())
    const seen: unknown[] = []
    const middleware: Middleware = (given, _context, next) => {
      seen.push(Object.freeze(given).data)
      return next()
    }
    const worker = await runningWorker(queue, async ({ data }, { progress }) => (await progress(1), data), { middleware: [middleware] })
    const [progressed, completed] = [nextEvent(worker, 'progress'), nextEvent(worker, 'completed')]
    const added = await queue.add('twice', 4)
    const [[inProgress], [ended]] = await Promise.all([progressed, completed])
    expect([seen, inProgress.data, ended.data, ended.result]).toEqual([[{ twice: 8 }], { twice: 8 }, { twice: 8 }, { twice: 8 }])
    expect(added.data).toBe(4)
  })

  test('a failed and a cancelled job tell their error', async () => {
    const queue = testQueue(server)
    const worker = await runningWorker(queue, async (given, { signal }) => {
      Object.freeze(given)
      if (given.name === 'fails') throw new RangeError('far')
      await queue.cancel(given.id, { reason: 'enough' })
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    })
    const [failed, cancelled] = [nextEvent(worker, 'failed'), nextEvent(worker, 'cancelled')]
    await queue.addBulk([{ name: 'fails' }, { name: 'waits' }])
    expect((await failed)[0]).toMatchObject({ state: 'failed', attempt: 1, error: { name: 'RangeError', message: 'far' } })
    expect((await cancelled)[0]).toMatchObject({ state: 'cancelled', attempt: 1, error: { code: 'RIPEN_CANCELLED', reason: 'enough' } })
  })

  test('refresh answers with another job and leaves this one as it was', async () => {
    const queue = testQueue(server)
    const added = Object.freeze(await queue.add('some', 1, { id: 'one', delay: '1 h' }))
    const duplicate = Object.freeze(await queue.add('some', 2, { id: 'one' }))
    expect(duplicate).toMatchObject({ duplicate: true, data: 1, state: 'scheduled', dueAt: added.dueAt })
    await added.promote()
    const now = await duplicate.refresh()
    expect(now).not.toBe(duplicate)
    expect([added.state, duplicate.state, now?.state, now?.duplicate]).toEqual(['scheduled', 'scheduled', 'ready', false])
    await now?.remove()
    expect(await added.refresh()).toBeNull()
  })
})
