import { Queue } from '@ripen/queue'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { onStandaloneServers } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { aborted, Deferred, Gate } from './gate.ts'
import { runningWorker } from './running-worker.ts'

const inTime = { timeout: '15 s' } as const

// Channels of Redis belong to the server, keys to a database: what is told must not cross over.
onStandaloneServers((_name, server) => {
  let one: Queue
  let two: Queue

  beforeEach(async () => {
    const store = testStore(server.url, { names: { one: 1, two: 2 } })
    one = new Queue('work', { store: await store.database('one') })
    two = new Queue('work', { store: await store.database('two') })
    onTestFinished(async () => {
      for (const queue of [one, two]) await queue.close()
    })
  })

  test('queues of one name in two databases have nothing in common', async () => {
    await one.add('some', 1, { id: 'mine' })
    expect(await two.getJob('mine')).toBeNull()
    expect((await two.add('some', 2, { id: 'mine' })).duplicate).toBe(false)
    expect([(await one.counts()).ready, (await two.counts()).ready]).toEqual([1, 1])
  })

  test('a wait hears of its own database only', async () => {
    const job = await one.add('some', 1, { id: 'mine' })
    const waiting = job.wait(inTime)
    await expect(job.wait({ timeout: 50 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await runningWorker(two, async () => 'of two')
    const other = await two.add('some', 2, { id: 'mine' })
    expect(await other.wait(inTime)).toBe('of two')
    await runningWorker(one, async () => 'of one')
    expect(await waiting).toBe('of one')
  })

  test('a cancel reaches its own database only', async () => {
    const gate = new Gate()
    const started = [new Deferred<void>(), new Deferred<void>()]
    const cancelled: number[] = []
    for (const [i, queue] of [one, two].entries())
      await runningWorker(queue, async (_job, { signal }) => {
        started[i]?.resolve()
        await Promise.race([aborted(signal).then(() => cancelled.push(i)), gate.opened])
      })
    const jobs = [await one.add('some', 1, { id: 'mine' }), await two.add('some', 2, { id: 'mine' })]
    await Promise.all(started.map(({ promise }) => promise))
    expect(await jobs[0]?.cancel()).toBe(true)
    await until(async () => (await jobs[0]?.refresh())?.state === 'cancelled', 5_000, 'the cancel')
    expect(cancelled).toEqual([0])
    gate.open()
    await jobs[1]?.wait(inTime)
  })
})
