import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test.for(['unknown', 'toString', '__proto__', 'constructor'])(
    'a job of the name %s, which has no handler, is put back, told and not counted',
    async (name) => {
      const worker = await runningWorker(queue, { known: async () => 'done' })
      const error = nextEvent(worker, 'error')
      const job = await queue.add(name, 1)
      expect((await error)[0]).toMatchObject({ code: 'RIPEN_INVALID_JOB', message: expect.stringContaining(name) })
      const known = await queue.add('known', 1)
      expect(await known.wait({ timeout: '10 s' })).toBe('done')
      expect(await job.refresh()).toMatchObject({
        attempt: 0,
        stalls: 0,
        error: undefined,
        state: expect.stringMatching(/^(ready|scheduled)$/),
      })
    },
  )

  test('a worker that knows the name runs it in time', async () => {
    const old = await runningWorker(queue, { known: async () => 'old' })
    const error = nextEvent(old, 'error')
    const job = await queue.add('new', 1)
    await error
    await runningWorker(queue, { known: async () => 'new', new: async (_job, { attempt }) => `by the new one in attempt ${attempt}` })
    old.on('error', () => undefined)
    expect(await job.wait({ timeout: '15 s' })).toBe('by the new one in attempt 1')
  })

  test('progress and errors of earlier attempts are kept', async () => {
    const first = await runningWorker(queue, {
      some: async (_job, { progress }) => {
        void progress(50)
        throw new Error('first')
      },
    })
    const retrying = nextEvent(first, 'retrying')
    const job = await queue.add('some', 1, { attempts: 2, backoff: '1 h' })
    await retrying
    await first.close()
    const second = await runningWorker(queue, { other: async () => 1 })
    const error = nextEvent(second, 'error')
    await job.promote()
    await error
    await second.close()
    expect(await job.refresh()).toMatchObject({ attempt: 1, progress: 50, error: { message: 'first' } })
  })
})
