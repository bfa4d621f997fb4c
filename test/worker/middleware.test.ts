import type { Queue } from '@ripen/queue'
import type { Middleware } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { runningWorker } from '../queue/running-worker.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('middleware runs around the handler, the first given outermost, and may change the result', async () => {
    const told: string[] = []
    const layer =
      (name: string): Middleware =>
      async (job, { attempt }, next) => {
        told.push(`${name} before ${job.name} ${attempt}`)
        const result = await next()
        told.push(`${name} after`)
        return `${name}(${String(result)})`
      }
    await runningWorker(queue, async () => (told.push('handler') > 0 ? 'result' : ''), { middleware: [layer('a'), layer('b')] })
    const job = await queue.add('some', 1)
    expect(await job.wait(inTime)).toBe('a(b(result))')
    expect(told).toEqual(['a before some 1', 'b before some 1', 'handler', 'b after', 'a after'])
  })

  test('middleware sees the errors of the handler, and may mend or throw', async () => {
    const seen: unknown[] = []
    const mend: Middleware = async (job, _context, next) => {
      try {
        return await next()
      } catch (error) {
        seen.push((error as Error).message)
        if (job.name === 'mended') return 'mended'
        throw new Error('changed', { cause: error })
      }
    }
    await runningWorker(queue, async () => Promise.reject(new Error('broken')), { middleware: [mend] })
    expect(await (await queue.add('mended', 1)).wait(inTime)).toBe('mended')
    await expect((await queue.add('other', 1)).wait(inTime)).rejects.toMatchObject({ message: 'changed' })
    expect(seen).toEqual(['broken', 'broken'])
  })

  test('middleware may keep the handler from running', async () => {
    let ran = false
    await runningWorker(queue, async () => (ran = true), { middleware: [async () => 'from a cache'] })
    expect(await (await queue.add('some', 1)).wait(inTime)).toBe('from a cache')
    expect(ran).toBe(false)
  })

  test('middleware that throws at once fails the attempt', async () => {
    const throwing: Middleware = () => {
      throw new Error('at once')
    }
    await runningWorker(queue, async () => 'done', { middleware: [throwing] })
    await expect((await queue.add('some', 1)).wait(inTime)).rejects.toMatchObject({ message: 'at once' })
  })
})
