import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { elsewhere, testQueue } from './test-queue.ts'

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('add resolves to the job as it is stored', async () => {
    const before = await queue.store.now()
    const job = await queue.add('welcome', { to: 'ada@example.org' })
    const after = await queue.store.now()
    expect(job).toMatchObject({
      queue: 'work',
      name: 'welcome',
      data: { to: 'ada@example.org' },
      state: 'ready',
      attempt: 0,
      stalls: 0,
      duplicate: false,
    })
    expect(job).toMatchObject({ progress: undefined, result: undefined, error: undefined, startedAt: undefined, finishedAt: undefined })
    expect(job.id).toMatch(/^~0[-\w]{12}$/)
    expect(job.addedAt).toBeGreaterThanOrEqual(before)
    expect(job.addedAt).toBeLessThanOrEqual(after)
    expect(job.dueAt).toBe(job.addedAt)
  })

  test('another process reads what was added', async () => {
    const job = await queue.add('welcome', { to: 'ada' }, { priority: 3, attempts: 4, meta: { request: 'r-1' } })
    const there = await elsewhere(queue, server).getJob(job.id)
    expect(there).toMatchObject({
      id: job.id,
      name: 'welcome',
      data: { to: 'ada' },
      state: 'ready',
      addedAt: job.addedAt,
      dueAt: job.dueAt,
    })
    expect(there?.options).toEqual({ priority: 3, attempts: 4, meta: { request: 'r-1' } })
    expect(there?.options).toEqual(job.options)
  })

  test.for<[string, unknown, unknown]>([
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['zero', 0, 0],
    ['false', false, false],
    ['an empty text', '', ''],
    ['line ends and control characters', 'a\nb\r\n\0c\u2028', 'a\nb\r\n\0c\u2028'],
    ['half a surrogate pair', 'a\ud83d', 'a\ud83d'],
    ['text of all planes', 'ä€😀', 'ä€😀'],
    ['numbers with many digits', [2 ** 53 - 1, 1.1e-7, -1e21], [2 ** 53 - 1, 1.1e-7, -1e21]],
    ['a Date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['what JSON leaves out', { here: 1, gone: undefined }, { here: 1 }],
  ])('data comes back as JSON makes it: %s', async ([, given, stored]) => {
    const job = await queue.add('any', given)
    expect((await queue.getJob(job.id))?.data).toEqual(stored)
  })

  test.for(['a:b', 'with spaces', 'naïve 😀', '~tilde', '__proto__', 'constructor', 'x'.repeat(256)])('a name may be %s', async (name) => {
    const job = await queue.add(name, 1)
    expect((await queue.getJob(job.id))?.name).toBe(name)
  })

  test("the queue's defaults lie under the options of the job", async () => {
    const other = testQueue(server, { defaults: { attempts: 3, priority: 5, timeout: '1 minute' } })
    const plain = await other.add('plain', 1)
    const own = await other.add('own', 1, { priority: -1, attempts: 1 })
    expect((await other.getJob(plain.id))?.options).toEqual({ attempts: 3, priority: 5, timeout: 60_000 })
    expect((await other.getJob(own.id))?.options).toEqual({ attempts: 1, priority: -1, timeout: 60_000 })
  })

  test('a closed queue refuses adds, and its store stays open', async () => {
    await queue.close()
    await queue.close()
    await expect(queue.add('late', 1)).rejects.toMatchObject({ code: 'RIPEN_CLOSING' })
    expect(await queue.store.now()).toBeGreaterThan(0)
  })
})
