import { Discard, RetryIn, Snooze, Worker } from '@ripen/worker'
import type { Job } from '@ripen/queue'
import type { JobContext } from '@ripen/worker'
import { expect, inject, test } from 'vitest'
import { testQueue } from '../queue/test-queue.ts'
import { within } from '../support/deadline.ts'
import { oddValues } from '../support/odd-values.ts'
import { randomNumbers } from '../faults/random-numbers.ts'

/** How many values are thrown, returned or reported. RIPEN_FUZZ_SEED repeats a run. */
const values = 10_000
const seed = Number(process.env['RIPEN_FUZZ_SEED'] ?? (Date.now() % 1_000_000) + 1)
/** No record may be longer, in bytes: name, code, message and stack of the error, and 25 causes and parts. */
const longestRecord = 400_000

test(`whatever handlers throw, return or report, every job ends, and the process lives (seed ${seed})`, { timeout: 240_000 }, async () => {
  process.stdout.write(`fuzz: seed ${seed}\n`)
  const random = randomNumbers(seed)
  const odd = oddValues()
  // Of the first JSON.stringify would need minutes; the second is a thenable that never settles: a handler
  // that returns it has not ended.
  const returnable = odd.filter(([name]) => name !== 'a sparse array' && name !== 'a proxy without an end')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const queue = testQueue({ name: 'shared', url: inject('testServer').url })
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const unhandled: unknown[] = []
  const collect = (thrown: unknown): void => void unhandled.push(thrown)
  process.on('unhandledRejection', collect)
  const before = Object.fromEntries(Object.entries(Error))
  // The runner maps each frame of each stack to its source.
  Object.assign(Error, { prepareStackTrace: undefined, stackTraceLimit: 3 })

  const handler = async (_job: Job, { attempt, progress }: JobContext): Promise<unknown> => {
    const what = random()
    if (what < 0.2) void progress(pick(returnable)[1])
    if (what < 0.3) await progress(pick(returnable)[1])
    if (what < 0.5) return pick(returnable)[1]
    const thrown = pick(odd)[1]
    if (what < 0.55) throw new Discard('hopeless', { cause: thrown })
    if (what < 0.6 && attempt === 1) throw new RetryIn(0, { cause: thrown })
    if (what < 0.62) throw new Snooze(0, { cause: thrown })
    if (what < 0.7) throw new Error('wrapped', { cause: thrown })
    if (what < 0.75) throw new AggregateError([thrown, pick(odd)[1]], 'several')
    throw thrown
  }
  const worker = new Worker(
    queue,
    (job, context) => (random() < 0.5 ? handler(job, context) : Promise.resolve().then(() => handler(job, context))),
    {
      concurrency: 50,
      logger,
      retryDelay: (error) => {
        const what = random()
        if (what < 0.3) throw pick(odd)[1]
        return what < 0.6 ? (pick(odd)[1] as number) : String(error).length > 3 ? 0 : false
      },
    },
  )
  const toThrow = (): void => {
    if (random() < 0.1) throw pick(odd)[1]
  }
  for (const event of ['completed', 'failed', 'retrying', 'progress', 'error'] as const) {
    worker.on(event, toThrow)
    worker.on(event, async () => Promise.resolve().then(toThrow)) // oxlint-disable-line typescript/no-misused-promises -- the case
  }
  try {
    const ended = worker.run()
    const ids: string[] = []
    for (let added = 0; added < values; added += 1_000) {
      const jobs = await queue.addBulk(
        Array.from({ length: 1_000 }, () => ({
          name: 'some',
          options: { attempts: 2, backoff: 0, retain: { completed: '1 h', failed: '1 h' } } as const,
        })),
      )
      ids.push(...jobs.map(({ id }) => id))
    }
    await expect
      .poll(
        async () => {
          const { completed, failed } = await queue.counts()
          return completed + failed
        },
        { timeout: 200_000, interval: 200 },
      )
      .toBe(values)
    await within(20_000, worker.close({ timeout: 10_000 }), 'the close of the worker')
    await ended
    const counts = await queue.counts()
    expect(counts).toMatchObject({ active: 0, ready: 0, scheduled: 0, blocked: 0 })
    for (const state of ['failed', 'completed'] as const) {
      const { jobs } = await queue.getJobs({ state }, { limit: 1_000 })
      expect(jobs.length).toBeGreaterThan(0)
      for (const { error, stalls } of jobs) {
        expect(stalls).toBe(0)
        expect(Buffer.byteLength(JSON.stringify(error) ?? '')).toBeLessThan(longestRecord)
      }
    }
    expect(unhandled).toEqual([])
  } finally {
    Object.assign(Error, before)
    process.off('unhandledRejection', collect)
    await worker.close({ timeout: 1_000 })
  }
})
