import { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { runningWorker } from './running-worker.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test.for([false, true])('adds that meet a close end: they are there, or were refused (session open: %s)', async (ready) => {
    if (ready) await queue.ready()
    const there = elsewhere(queue, server)
    const early = Array.from({ length: 700 }, (_value, i) => queue.add('some', i))
    await Promise.resolve()
    const late = Array.from({ length: 10 }, (_value, i) => queue.add('some', i))
    await queue.close()
    const results = await within(5_000, Promise.allSettled([...early, ...late]), 'the end of all adds')
    const added = results.filter((result) => result.status === 'fulfilled')
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    expect(new Set(refused)).toEqual(new Set(refused.length === 0 ? [] : ['RIPEN_CLOSING']))
    expect((await there.counts()).ready).toBe(added.length)
  })

  test('a closed queue refuses adds, also of a durability that it never had', async () => {
    await queue.ready()
    await queue.close()
    for (const options of [{}, { durability: { replicas: 1, timeout: 1_000 } }])
      await expect(queue.add('some', 1, options)).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })

  test('a queue that closes leaves the waits of another one on the same store alone', async () => {
    const other = new Queue('work', { store: queue.store })
    const job = await queue.add('some', 1)
    const mine = job.wait(inTime)
    const theirs = (await other.getJob(job.id))?.wait(inTime).catch((reason: unknown) => reason)
    await expect(job.wait({ timeout: 50 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await other.close()
    expect(await theirs).toMatchObject({ code: 'RIPEN_CLOSING' })
    await runningWorker(queue, async () => 'done')
    expect(await mine).toBe('done')
  })

  test('a store that closes ends adds, reads and waits with a ClosingError', async () => {
    const there = elsewhere(queue, server)
    const job = await there.add('some', 1)
    const waiting = job.wait().catch((reason: unknown) => reason)
    await expect(job.wait({ timeout: 50 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    await there.store.close()
    expect(await within(1_000, waiting, 'the end of the wait')).toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(there.add('some', 1)).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(there.counts()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(job.wait()).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    await expect(there.getJob(job.id)).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
  })
})
