import { defineQueue, job, Queue, type JobOptions, type QueueSettings } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { expect, test } from 'vitest'
import { refusal } from '../store/refusal.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { storedKeys } from './stored-keys.ts'
import { testQueue } from './test-queue.ts'

const circular: Record<string, unknown> = {}
circular['self'] = circular

/** Options of a job, what they break, and what the message must tell. */
const badJobOptions: readonly (readonly [unknown, string, string?])[] = [
  [null, 'JobOptions'],
  [5, 'JobOptions'],
  ['soon', 'JobOptions'],
  [[], 'JobOptions'],
  [{ dely: 5 }, 'dely', "did you mean 'delay'"],
  [{ Priority: 5 }, 'Priority', "did you mean 'priority'"],
  [{ attemps: 5 }, 'attemps', "did you mean 'attempts'"],
  [{ jobId: 'x' }, 'jobId', 'the options are id, delay'],
  [{ unique: 5 }, 'unique', 'must be an object'],
  [{ unique: '' }, 'unique.key', '1 to 256 bytes'],
  [{ unique: {} }, 'unique.key', '1 to 256 bytes'],
  [{ unique: { key: 'a\nb' } }, 'unique.key', 'control characters'],
  [{ unique: { key: 'x'.repeat(257) } }, 'unique.key'],
  [{ unique: { key: 'x', for: '1 h' } }, 'unique.for', 'the options are key, during, onConflict'],
  [{ unique: { key: 'x', during: 'unfinishd' } }, 'unique.during', "'waiting', 'unfinished' or a duration"],
  [{ unique: { key: 'x', during: '5 mins' } }, 'unique.during'],
  [{ unique: { key: 'x', during: 0 } }, 'unique.during', 'at least 1 ms'],
  [{ unique: { key: 'x', onConflict: 'drop' } }, 'unique.onConflict', 'keep, replace, debounce'],
  [{ unique: { key: 'x', onConflict: 'keepLast' } }, 'unique.onConflict', "must be 'replace'"],
  [{ group: 'x' }, 'group', 'is not an option of JobOptions'],
  [{ lock: 'a.b' }, 'lock', 'is not an option of JobOptions'],
  [{ expiresIn: 0 }, 'expiresIn'],
  [{ expiresIn: 'soon' }, 'expiresIn'],
  [{ delay: -1 }, 'delay', '-1'],
  [{ delay: Number.NaN }, 'delay', 'NaN'],
  [{ delay: Number.POSITIVE_INFINITY }, 'delay', 'Infinity'],
  [{ delay: '10 secs' }, 'delay', "'10 secs'"],
  [{ delay: '-5 s' }, 'delay'],
  [{ delay: '5' }, 'delay'],
  [{ delay: '' }, 'delay'],
  [{ delay: '1 h 5 m' }, 'delay'],
  [{ delay: '1e9 d' }, 'delay'],
  [{ delay: 36_526 * 86_400_000 }, 'delay', '100 years'],
  [{ delay: new Date() }, 'delay'],
  [{ delay: null }, 'delay'],
  [{ delay: true }, 'delay'],
  [{ delay: 5n }, 'delay'],
  [{ delay: circular }, 'delay', 'self'],
  [{ runAt: '10 s' }, 'runAt', 'Date or epoch'],
  [{ runAt: new Date('never') }, 'runAt'],
  [{ runAt: Number.NaN }, 'runAt'],
  [{ runAt: -1 }, 'runAt'],
  [{ runAt: 1e15 }, 'runAt'],
  [{ runAt: '2026-01-01' }, 'runAt'],
  [{ delay: 5, runAt: 5 }, 'runAt', 'combined with delay'],
  [{ priority: -1025 }, 'priority', '-1024 to 1023'],
  [{ priority: 1024 }, 'priority'],
  [{ priority: 0.5 }, 'priority'],
  [{ priority: '1' }, 'priority'],
  [{ priority: Number.NaN }, 'priority'],
  [{ attempts: 0 }, 'attempts'],
  [{ attempts: 1.5 }, 'attempts'],
  [{ attempts: Number.POSITIVE_INFINITY }, 'attempts'],
  [{ timeout: 0 }, 'timeout', 'at least 1 ms'],
  [{ timeout: '5 min' }, 'timeout'],
  [{ timeout: -5 }, 'timeout'],
  [{ backoff: 'exponental' }, 'backoff'],
  [{ backoff: { type: 'fixed', delay: -1 } }, 'backoff.delay'],
  [{ backoff: { type: 'fixed', jiter: 0.1 } }, 'backoff.jiter', "did you mean 'jitter'"],
  [{ retain: '1 h' }, 'retain'],
  [{ retain: { completed: true } }, 'retain.completed'],
  [{ retain: { complete: 5 } }, 'retain.complete', "did you mean 'completed'"],
  [{ retain: { failed: '1 week' } }, 'retain.failed'],
  [{ meta: 'x' }, 'meta'],
  [{ meta: ['x'] }, 'meta'],
  [{ meta: { request: 5 } }, 'meta.request'],
  [{ meta: { request: 'x'.repeat(16_400) } }, 'meta'],
  [{ id: '' }, 'id'],
]

onEachServer((_name, server) => {
  test('every bad option of a job is refused by its name, and nothing is written', async () => {
    const queue = testQueue(server)
    await queue.ready()
    const before = await storedKeys(queue)
    for (const [options, option, message = ''] of badJobOptions) {
      const added = queue.add('some', 1, options as JobOptions)
      await expect(added, JSON.stringify(option)).rejects.toMatchObject({
        code: 'RIPEN_CONFIGURATION',
        option: expect.stringMatching(new RegExp(`(^|options|\\.)${option}$`)),
        message: expect.stringContaining(message),
      })
    }
    expect(await storedKeys(queue)).toEqual(before)
  })

  test.for(['', '\n', 'a\0', '\u007f', 'x'.repeat(257), undefined, null, 7, {}, Symbol('s')])(
    'the job name %s is refused, and nothing is written',
    async (name) => {
      const queue = testQueue(server)
      await expect(queue.add(name as string, 1)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'name' })
      expect(await storedKeys(queue)).toEqual({})
    },
  )

  test.for(['', '{a}', 'a}', 'a\n', '\u0000', 'a\ud83d', 'x'.repeat(129), 'é'.repeat(65), undefined, null, 7, {}, []])(
    'the queue name %s is refused',
    (name) => {
      const store = testStore(server.url)
      expect(() => new Queue(name as string, { store })).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }))
      expect(() => defineQueue(name as string)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }))
    },
  )

  test('a queue may be called what objects have as members', async () => {
    const store = testStore(server.url)
    for (const name of ['a', 'A.b:c-d_9', 'x'.repeat(128), 'toString']) {
      const queue = new Queue(name, { store })
      await queue.add('some', 1)
      expect([queue.name, (await queue.counts()).ready]).toEqual([name, 1])
      await queue.close()
    }
  })

  test.for<[unknown, string, string?]>([
    [{ order: 'fair' }, 'order', 'fifo, lifo'],
    [{ order: 5 }, 'order'],
    [{ orders: 'lifo' }, 'orders', "did you mean 'order'"],
    [{ shards: 2 }, 'shards', 'is not an option'],
    [{ codec: [] }, 'codec', 'is not an option'],
    [{ maxPayload: 0 }, 'maxPayload'],
    [{ maxPayload: 17 * 2 ** 20 }, 'maxPayload'],
    [{ maxPayload: '1 MiB' }, 'maxPayload'],
    [{ retain: 5 }, 'retain'],
    [{ retain: { completed: '1 h' } }, 'retain.completed'],
    [{ retain: { completed: { age: -1 } } }, 'retain.completed.age'],
    [{ retain: { failed: { count: 1.5 } } }, 'retain.failed.count'],
    [{ retain: { failed: { cuont: 1 } } }, 'retain.failed.cuont', "did you mean 'count'"],
    [{ retain: { cancelled: {} } }, 'retain.cancelled'],
    [{ defaults: { id: 'x' } }, 'defaults.id'],
    [{ defaults: { runAt: 5 } }, 'defaults.runAt'],
    [{ defaults: { attempts: 0 } }, 'defaults.attempts'],
    [{ defaults: { backoff: { type: 'fixed', delay: 'x' } } }, 'defaults.backoff.delay'],
    [{ defaults: 5 }, 'defaults'],
  ])('the queue settings %j are refused', ([settings, option, message = '']) => {
    const store = testStore(server.url)
    for (const call of [
      () => new Queue('work', { store, ...(settings as QueueSettings) }),
      () => defineQueue('work', settings as QueueSettings),
    ])
      expect(refusal(call)).toMatchObject({ option, message: expect.stringContaining(message) })
  })

  test('a queue needs a store of its own package, and settings go with a name only', () => {
    const store = testStore(server.url)
    expect(refusal(() => new Queue('work', {} as { store: Store })).option).toBe('store')
    expect(refusal(() => new Queue('work', undefined as unknown as { store: Store })).option).toBe('store')
    expect(refusal(() => new Queue('work', { store: {} as Store })).option).toBe('store')
    expect(refusal(() => new Queue(defineQueue('work'), { store, order: 'lifo' })).option).toBe('order')
    expect(refusal(() => new Queue('work', { sotre: store } as unknown as { store: Store })).message).toContain("did you mean 'store'")
  })

  test('what is no definition is refused', () => {
    expect(refusal(() => defineQueue('work', null as unknown as QueueSettings))).toBeTruthy()
    expect(refusal(() => defineQueue('work', { jobs: { bad: {} as ReturnType<typeof job> } })).option).toBe('jobs.bad')
    expect(refusal(() => defineQueue('work', { jobs: 5 as unknown as Record<string, never> })).option).toBe('jobs')
    expect(refusal(() => job({ data: {} as never })).option).toBe('data')
    expect(refusal(() => job({ result: 5 } as never)).option).toBe('result')
    expect(refusal(() => job({ delay: 5 } as never)).option).toBe('delay')
    expect(refusal(() => job({ runAt: 5 } as never)).option).toBe('runAt')
    expect(refusal(() => job({ id: 'fixed' } as never)).option).toBe('id')
    expect(refusal(() => job({ attemts: 3 } as never)).message).toContain("did you mean 'attempts'")
    expect(refusal(() => job(null as never))).toBeTruthy()
  })

  test('a cancel refuses what it does not know, and cancels nothing', async () => {
    const queue = testQueue(server)
    const added = await queue.add('some', 1)
    await expect(queue.cancel(added.id, { reson: 'x' } as object)).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option: 'reson',
      message: expect.stringContaining('reason'),
    })
    await expect(queue.cancel(added.id, { reason: 7 as unknown as string })).rejects.toMatchObject({ option: 'reason' })
    await expect(queue.cancel(added.id, { reason: 'x'.repeat(1_001) })).rejects.toMatchObject({ option: 'reason' })
    await expect(queue.cancel({ state: 'ready' } as unknown as string)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION' })
    await expect(queue.getJob(undefined as unknown as string)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'id' })
    expect((await queue.counts()).ready).toBe(1)
  })
})
