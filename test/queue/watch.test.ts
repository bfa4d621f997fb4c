import { Queue, type Job, type JobState } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { ownServer } from '../faults/own-server.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'
import { prefixOf, storedKeys } from './stored-keys.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const next = (jobs: AsyncIterator<Job>): Promise<IteratorResult<Job>> => within(10_000, jobs.next(), 'a change of the job')

/** Goes on until the job is like that: changes that come together may be told as one. */
async function awaitState(jobs: AsyncIterator<Job>, state: JobState, progress?: unknown): Promise<Job> {
  for (;;) {
    const step = await next(jobs)
    if (step.done === true) throw new Error(`the watch ended before the job was ${state}`)
    if (step.value.state === state && (progress === undefined || step.value.progress === progress)) return step.value
  }
}

async function all(jobs: AsyncIterable<Job>): Promise<Job[]> {
  const seen: Job[] = []
  for await (const job of jobs) seen.push(job)
  return seen
}

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('a job is watched through its whole life, from elsewhere', async () => {
    const [first, second] = [new Gate(), new Gate()]
    const added = await queue.add('some', 1, { delay: '1 h', attempts: 2, backoff: '1 h' })
    const jobs = (await elsewhere(queue, server).getJob(added.id))!.watch()
    expect((await next(jobs)).value).toMatchObject({ id: added.id, state: 'scheduled', attempt: 0, progress: undefined })
    await runningWorker(queue, async (_job, { attempt, progress }) => {
      await progress(`in ${attempt}`)
      await (attempt === 1 ? first : second).opened
      if (attempt === 1) throw new Error('once')
      return 'done'
    })
    await added.promote()
    expect(await awaitState(jobs, 'active', 'in 1')).toMatchObject({ attempt: 1 })
    first.open()
    const failed = await awaitState(jobs, 'scheduled')
    expect(failed).toMatchObject({ attempt: 1, progress: 'in 1', error: { message: 'once' } })
    expect(await failed.promote()).toBe(true)
    expect(await awaitState(jobs, 'active', 'in 2')).toMatchObject({ attempt: 2 })
    second.open()
    expect(await awaitState(jobs, 'completed')).toMatchObject({ result: 'done', progress: 'in 2' })
    expect(await next(jobs)).toEqual({ done: true, value: undefined })
    // Who has heard of the end says so, once the watch is over.
    const left = async (): Promise<string[]> => Object.keys(await storedKeys(queue)).filter((key) => /:(watchers|waiters)$/.test(key))
    await until(async () => (await left()).length === 0, 5_000, 'the end of the watch on the server')
  })

  test('who watches never sees an older progress, and always the last', async () => {
    const last = 400
    const [started, gate] = [new Gate(), new Gate()]
    await runningWorker(queue, async (_job, { progress }) => {
      started.open()
      await gate.opened
      for (let i = 1; i <= last; i++) {
        if (i % 100 === 0) await progress(i)
        else void progress(i)
      }
    })
    const job = await queue.add('some', 1)
    await within(5_000, started.opened, 'the start')
    const far = await elsewhere(queue, server).getJob(job.id)
    const watches = [job.watch(), far!.watch(), far!.watch()].map(all)
    gate.open()
    for (const seen of await within(10_000, Promise.all(watches), 'the end of the watches')) {
      const values = seen.map(({ progress }) => (progress as number | undefined) ?? 0)
      expect(values).toEqual([...new Set(values)].sort((a, b) => a - b).concat(seen.at(-2)?.progress === last ? [last] : []))
      expect(values.at(-1)).toBe(last)
      expect(values.length).toBeGreaterThan(2)
      expect(seen.at(-1)?.state).toBe('completed')
    }
  })

  test.for(['completed', 'failed', 'cancelled'] as const)('a job that has %s already is told once', async (state) => {
    await runningWorker(queue, async () => {
      if (state === 'failed') throw new Error('failed')
    })
    const job = await queue.add('some', 1, { attempts: 1, ...(state === 'cancelled' ? { delay: '1 h' } : {}) })
    if (state === 'cancelled') await job.cancel()
    await job.wait().catch(() => undefined)
    expect(await all(job.watch())).toMatchObject([{ id: job.id, state }])
  })

  test('a removed job ends the watch, and so does one that is gone before it begins', async () => {
    const job = await queue.add('some', 1)
    const jobs = job.watch()
    expect((await next(jobs)).value).toMatchObject({ state: 'ready' })
    const end = next(jobs)
    expect(await elsewhere(queue, server).remove(job.id)).toBe(1)
    expect(await end).toEqual({ done: true, value: undefined })
    expect(await all(job.watch())).toEqual([])
  })

  test('a cancel of a waiting job, and a clear, are seen at once', async () => {
    const [one, two] = await queue.addBulk([
      { name: 'some', data: 1 },
      { name: 'some', data: 2 },
    ])
    const [ones, twos] = [one!.watch(), two!.watch()]
    await Promise.all([next(ones), next(twos)])
    const cancelled = next(ones)
    await one!.cancel('enough')
    expect((await cancelled).value).toMatchObject({ state: 'cancelled', error: { reason: 'enough' } })
    const end = next(twos)
    await queue.clear()
    expect((await end).done).toBe(true)
  })

  test('retention spares what is watched', async () => {
    const keepsNone = testQueue(server, { retain: { completed: { count: 0 } } })
    const gate = new Gate()
    await runningWorker(keepsNone, async () => gate.opened)
    const job = await keepsNone.add('some', 1)
    const jobs = job.watch()
    await awaitState(jobs, 'active')
    gate.open()
    expect(await awaitState(jobs, 'completed')).toMatchObject({ id: job.id })
  })

  test('the signal, return() and the close of the queue end it at once while it waits', async () => {
    const job = await queue.add('some', 1)
    const abort = new AbortController()
    const [aborted, returned] = [job.watch({ signal: abort.signal }), job.watch()]
    const far = elsewhere(queue, server)
    const closed = (await far.getJob(job.id))!.watch()
    await Promise.all([aborted, returned, closed].map((jobs) => next(jobs)))
    const ends = [aborted, returned].map((jobs) => next(jobs))
    abort.abort()
    await returned.return?.()
    expect(await Promise.all(ends)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
    const refused = next(closed).catch((error: unknown) => error)
    await far.close()
    expect(await refused).toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(next((await queue.getJob(job.id))!.watch({ signal: AbortSignal.abort() }))).resolves.toMatchObject({ done: true })
    expect(() => job.watch({ signals: 1 } as never)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }))
  })

  test('nobody who watches: nothing is kept of it, and the channel of the progress ends by itself', async () => {
    const gate = new Gate()
    await runningWorker(queue, async (_job, { progress }) => {
      await progress(1)
      await gate.opened
    })
    const job = await queue.add('some', 1)
    const key = `{${prefixOf(queue)}:work:0}:progress:${job.id}`
    const { caller } = internals(queue.store)
    await until(() => caller.call((client) => client.exists(key)), 5_000, 'the progress')
    const [epoch, rev, left] = await caller.call(async (client) => [...(await client.hmget(key, 'epoch', 'rev')), await client.pttl(key)])
    expect(Number(rev)).toBe(0)
    expect(Math.floor(Number(epoch) / 1_000)).toBe((await job.refresh())?.startedAt)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(10_000)
    gate.open()
    await job.wait()
    expect(Object.keys(await storedKeys(queue)).filter((name) => name.endsWith(':watchers'))).toEqual([])
  })
})

describeWithRedisServer('an outage', () => {
  test('is waited out: what happened meanwhile is seen after it', async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const prefix = randomPrefix()
    const near = new Queue('work', { store: testStore(server.url, { prefix }) })
    const far = new Queue('work', { store: testStore(proxy.url, { prefix, enqueueTimeout: '500 ms' }) })
    onTestFinished(() => Promise.all([near.close(), far.close()]).then(() => undefined))
    const job = await near.add('some', 1)
    const jobs = (await far.getJob(job.id))!.watch()
    expect((await next(jobs)).value).toMatchObject({ state: 'ready' })
    const coming = next(jobs)
    proxy.refuse()
    proxy.cut()
    await runningWorker(near, async () => 'done')
    await job.wait()
    await proxy.accept()
    expect((await coming).value).toMatchObject({ state: 'completed', result: 'done' })
  })

  test('does not hold back the end of the first watch', async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const queue = new Queue('work', { store: testStore(proxy.url) })
    onTestFinished(() => queue.close())
    const job = await queue.add('some', 1)
    proxy.refuse()
    proxy.cut()
    const controller = new AbortController()
    const [bySignal, byReturn, byClose] = [job.watch({ signal: controller.signal }), job.watch(), job.watch()]
    const ends = [next(bySignal), next(byReturn), next(byClose).catch((reason: unknown) => reason)]
    await new Promise((resolve) => setTimeout(resolve, 50))
    controller.abort()
    expect(await within(1_000, ends[0]!, 'the end by the signal')).toMatchObject({ done: true })
    await within(1_000, byReturn.return!(), 'the end by return()')
    await queue.close()
    expect(await within(1_000, ends[2]!, 'the end by the close')).toMatchObject({ code: 'RIPEN_CLOSING' })
    await proxy.accept()
  })
})
