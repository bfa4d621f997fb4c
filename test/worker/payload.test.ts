import type { Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { runningWorker } from '../queue/running-worker.ts'
import { storedKeys } from '../queue/stored-keys.ts'
import { testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'

const inTime = { timeout: '15 s' } as const
const cyclic: Record<string, unknown> = {}
cyclic['self'] = { of: cyclic }

const refused: readonly (readonly [string, unknown])[] = [
  ['cyclic', cyclic],
  ['a BigInt', { count: 1n }],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  [
    'what throws when it is written',
    {
      toJSON: () => {
        throw new TypeError('not me')
      },
    },
  ],
  ['one byte too large', 'x'.repeat(99)],
  ['too large in UTF-8 only', 'ä'.repeat(50)],
]

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(async () => {
    queue = testQueue(server, { maxPayload: 100 })
    await queue.ready()
  })

  test.for(refused)('data that is %s is refused, and nothing is written', async ([, data]) => {
    const before = await storedKeys(queue)
    await expect(queue.add('some', data)).rejects.toMatchObject({
      code: 'RIPEN_INVALID_JOB',
      message: expect.stringContaining('data of job some'),
    })
    expect(await storedKeys(queue)).toEqual(before)
  })

  test.for(refused)('a result that is %s fails the job without retry', async ([, result]) => {
    let runs = 0
    await runningWorker(queue, async () => {
      runs++
      return result
    })
    const job = await queue.add('some', 1, { attempts: 3, backoff: 1 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED', cause: { code: 'RIPEN_INVALID_JOB' } })
    expect(runs).toBe(1)
    expect(await job.refresh()).toMatchObject({ state: 'failed', attempt: 1, result: undefined })
  })

  test.for<[string, unknown]>([
    ['ASCII', 'x'.repeat(98)],
    ['UTF-8', 'ä'.repeat(49)],
  ])('what is exactly maxPayload bytes goes in and comes out: %s', async ([, data]) => {
    await runningWorker(queue, async (job) => job.data)
    const job = await queue.add('some', data)
    expect(await job.wait(inTime)).toBe(data)
  })

  test('by default a payload may have 1 MiB', async () => {
    const usual = testQueue(server)
    await runningWorker(usual, async ({ data }) => data)
    const text = 'x'.repeat(2 ** 20 - 2)
    const job = await usual.add('some', text)
    expect((await job.wait(inTime)) === text).toBe(true)
    await expect(usual.add('some', `${text}x`)).rejects.toMatchObject({
      code: 'RIPEN_INVALID_JOB',
      message: expect.stringContaining('1048577 bytes'),
    })
  })

  test('maxPayload may be raised to 16 MiB', async () => {
    const large = testQueue(server, { maxPayload: 16 * 2 ** 20 })
    await runningWorker(large, async ({ data }) => (data as string).length)
    expect(await (await large.add('some', 'x'.repeat(5_000_000))).wait(inTime)).toBe(5_000_000)
  })

  test('an error that is too long is cut, not lost', async () => {
    await runningWorker(queue, async () => Promise.reject(new Error('x'.repeat(100_000))))
    const job = await queue.add('some', 1)
    await expect(job.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED' })
    const error = (await job.refresh())?.error
    expect(error?.message).toMatch(/^x{1000,10000}$/)
  })
})
