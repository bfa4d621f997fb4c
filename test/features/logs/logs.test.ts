import { RetryIn } from '@ripen/worker'
import type { LogLine, Queue } from '@ripen/queue'
import { beforeEach, expect, test } from 'vitest'
import { Deferred, Gate } from '../../queue/gate.ts'
import { runningWorker } from '../../queue/running-worker.ts'
import { elsewhere, testQueue } from '../../queue/test-queue.ts'
import { capturedLog } from '../../store/captured-log.ts'
import { onEachServer } from '../../support/conformance.ts'
import { until, within } from '../../support/deadline.ts'
import { countedCalls } from './counted-calls.ts'

const inTime = { timeout: '15 s' } as const

function messages(lines: readonly LogLine[]): string[] {
  return lines.map(({ n, message }) => `${n} ${message}`)
}

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('lines are kept with the job, in order, with time and fields', async () => {
    await runningWorker(queue, async (_job, { log }) => {
      log('one')
      log('two', { to: 'ada', size: 10n })
    })
    const before = await queue.store.now()
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    const lines = await job.logs()
    expect(lines).toEqual([
      { n: 1, at: expect.any(Number), message: 'one', fields: {} },
      { n: 2, at: expect.any(Number), message: 'two', fields: { to: 'ada', size: '10' } },
    ])
    const after = await queue.store.now()
    for (const { at } of lines) expect(at >= before - 1_000 && at <= after + 1_000).toBe(true)
    const there = await elsewhere(queue, server).getJob(job.id)
    expect(await there?.logs()).toEqual(lines)
  })

  test('they are seen within a second while the job runs', async () => {
    const [gate, written] = [new Gate(), new Deferred<number>()]
    await runningWorker(queue, async (_job, { log }) => {
      log('begun')
      written.resolve(performance.now())
      await gate.opened
      log('over')
    })
    const job = await queue.add('some', 1)
    const since = await within(10_000, written.promise, 'the line')
    await until(async () => (await job.logs()).length === 1, since + 1_000 - performance.now(), 'the line that others see')
    gate.open()
    await job.wait(inTime)
    expect(messages(await job.logs())).toEqual(['1 begun', '2 over'])
  })

  test('n counts on over attempts, workers and retry()', async () => {
    const other = elsewhere(queue, server)
    const handler = (name: string) => (_job: unknown, context: { attempt: number; log: (message: string) => void }) => {
      context.log(`${name} in attempt ${context.attempt}`)
      context.log('and once more')
      if (context.attempt < 3) throw new RetryIn(1)
      throw new Error('for good')
    }
    const here = await runningWorker(queue, handler('here') as never)
    const job = await queue.add('some', 1, { attempts: 3 })
    await expect(job.wait(inTime)).rejects.toThrow('for good')
    await here.close()
    await runningWorker(other, handler('there') as never)
    expect(await job.retry()).toBe(true)
    await expect(job.wait(inTime)).rejects.toThrow('for good')
    const attempts = ['here in attempt 1', 'here in attempt 2', 'here in attempt 3', 'there in attempt 1', 'there in attempt 2', 'there in attempt 3'] // prettier-ignore
    expect(messages(await job.logs())).toEqual(
      attempts.flatMap((attempt, index) => [`${2 * index + 1} ${attempt}`, `${2 * index + 2} and once more`]),
    )
  })

  test('the last 1,000 lines are kept, and a first n says that some have gone', async () => {
    await runningWorker(queue, async (_job, { attempt, log }) => {
      for (let i = 1; i <= 700; i++) log(`${attempt} ${i}`)
      if (attempt < 3) throw new RetryIn(1)
    })
    const job = await queue.add('some', 1, { attempts: 3 })
    await job.wait(inTime)
    const lines = await job.logs({ limit: 1_000 })
    expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_value, index) => 1_101 + index))
    expect([lines[0]?.message, lines.at(-1)?.message]).toEqual(['2 401', '3 700'])
  })

  test('of more lines than a job keeps, written at once, the last ones', async () => {
    await runningWorker(queue, async (_job, { attempt, log }) => {
      if (attempt === 1) {
        log('first')
        throw new RetryIn(1)
      }
      for (let i = 1; i <= 20_000; i++) log(`line ${i}`)
    })
    const job = await queue.add('some', 1, { attempts: 2 })
    await job.wait(inTime)
    const lines = await job.logs({ limit: 1_000 })
    expect([lines.length, lines[0], lines.at(-1)]).toMatchObject([
      1_000,
      { n: 19_002, message: 'line 19001' },
      { n: 20_001, message: 'line 20000' },
    ])
  })

  test('at most 64 kB are kept, in few calls and in many', async () => {
    await runningWorker(queue, async (_job, { attempt, log }) => {
      for (let i = 0; i < (attempt === 1 ? 50 : 7); i++) log('x'.repeat(1_000), { i })
      if (attempt < 10) throw new RetryIn(1)
    })
    const job = await queue.add('some', 1, { attempts: 10 })
    await job.wait(inTime)
    const lines = await job.logs({ limit: 1_000 })
    const bytes = lines.reduce((sum, { at, message, fields }) => sum + JSON.stringify([at, message, fields]).length + 1, 0)
    expect(bytes).toBeLessThanOrEqual(65_537)
    expect(bytes).toBeGreaterThan(64_000)
    expect(lines.at(-1)).toMatchObject({ n: 113, fields: { i: 6 } })
    expect(lines.map(({ n }) => n)).toEqual(lines.map((_line, index) => 114 - lines.length + index))
  })

  test('a line has 2 kB at most, and one that was cut says so', async () => {
    await runningWorker(queue, async (_job, { log }) => {
      log('漢'.repeat(5_000), { short: true })
      log('short', { long: 'y'.repeat(5_000) })
    })
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    const [one, two] = await job.logs()
    expect(one).toMatchObject({ message: expect.stringMatching(/^漢+…$/), fields: { short: true } })
    expect(two).toMatchObject({ message: 'short', fields: { long: expect.stringMatching(/^y+…$/) } })
    for (const line of [one, two]) expect(Buffer.byteLength(JSON.stringify([line?.at, line?.message, line?.fields]))).toBeLessThan(2_049)
  })

  test('pages: after and limit', async () => {
    await runningWorker(queue, async (_job, { log }) => {
      for (let i = 1; i <= 250; i++) log(`line\n${i}`)
    })
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    expect((await job.logs()).map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_value, index) => index + 1))
    const read: number[] = []
    for (let after = 0; ;) {
      const page = await job.logs({ after, limit: 60 })
      if (page.length === 0) break
      for (const { n, message } of page) expect(message).toBe(`line\n${n}`)
      read.push(...page.map(({ n }) => n))
      after = page.at(-1)?.n ?? 0
    }
    expect(read).toEqual(Array.from({ length: 250 }, (_value, index) => index + 1))
    expect((await job.logs({ after: 249, limit: 1_000 })).map(({ n }) => n)).toEqual([250])
    expect(await job.logs({ after: Number.MAX_SAFE_INTEGER })).toEqual([])
  })

  test.for<[string, object | number, string]>([
    ['limit', { limit: 0 }, 'limit'],
    ['limit', { limit: 1_001 }, 'limit'],
    ['limit', { limit: 1.5 }, 'limit'],
    ['after', { after: -1 }, 'after'],
    ['after', { after: '5' }, 'after'],
    ['an unknown option', { before: 1 }, 'before'],
  ])('refuses %s: %j', async ([, options, named]) => {
    const job = await queue.add('some', 1)
    await expect(job.logs(options as never)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', message: expect.stringContaining(named) })
  })

  test('no fields and no message end a handler', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    await runningWorker(queue, async (_job, { log }) => {
      for (const fields of [
        cycle,
        { size: 1n },
        {
          get bad(): never {
            throw new Error('no')
          },
        },
        proxy,
        { proxy },
        null,
        'text',
        new Error('e'),
      ])
        // prettier-ignore
        log('odd', fields as object)
      for (const message of [undefined, 5, Symbol('s'), proxy, cycle]) log(message as string)
      return 'done'
    })
    const job = await queue.add('some', 1)
    expect(await job.wait(inTime)).toBe('done')
    const lines = await job.logs()
    expect(lines.length).toBe(13)
    expect(lines.slice(0, 3).map(({ fields }) => fields)).toEqual([
      { self: 'a value that it is part of' },
      { size: '1' },
      { bad: 'a value that cannot be read' },
    ])
    expect(lines.slice(8).map(({ message }) => typeof message)).toEqual(Array.from({ length: 5 }, () => 'string'))
  })

  test('10,000 lines of 200 jobs at concurrency 50 travel in few calls, each with its job', async () => {
    const calls = await countedCalls(queue)
    await runningWorker(
      queue,
      async (job, { log }) => {
        for (let i = 1; i <= 50; i++) {
          log(`${String(job.data)} ${i}`)
          if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
        }
      },
      { concurrency: 50 },
    )
    const jobs = await queue.addBulk(Array.from({ length: 200 }, (_value, index) => ({ name: 'some', data: index })))
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    for (const job of jobs)
      expect((await job.logs()).map(({ message }) => message)).toEqual(
        Array.from({ length: 50 }, (_value, index) => `${String(job.data)} ${index + 1}`),
      )
    expect(calls()).toBeLessThanOrEqual(100)
  })

  test('a reader who follows while lines are written sees each once, in order', async () => {
    await runningWorker(queue, async (_job, { log }) => {
      for (let i = 1; i <= 600; i++) {
        log(`line ${i}`)
        if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })
    const job = await queue.add('some', 1)
    const seen: string[] = []
    await until(
      async () => {
        const page = await job.logs({ after: seen.length, limit: 50 })
        seen.push(...messages(page))
        return seen.length === 600
      },
      20_000,
      'all lines',
    )
    expect(seen).toEqual(Array.from({ length: 600 }, (_value, index) => `${index + 1} line ${index + 1}`))
  })

  test('what is logged when the attempt has ended is not kept, and the log of the process says so once', async () => {
    const { logger, entries } = capturedLog()
    let late: ((message: string) => void) | undefined
    await runningWorker(queue, async (_job, { log }) => void (late = log), { logger })
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    late?.('late')
    late?.('later')
    expect(await job.logs()).toEqual([])
    expect(entries.filter(({ message }) => message.includes('when its attempt'))).toEqual([
      { level: 'warn', message: expect.any(String), fields: { queue: 'work', job: job.id } },
    ])
  })

  test('context.logger writes to the log of the process alone, with queue, job, jobName and attempt', async () => {
    const { logger, entries } = capturedLog()
    const failure = new Error('lost')
    const far: unknown = new DOMException('took too long', 'TimeoutError')
    const lines: [given: unknown, message: unknown, fields: object, shown: unknown][] = [
      [{ to: 'ada', name: 'own' }, 'sent', { to: 'ada', name: 'own' }, 'sent'],
      [{ to: 'ada', job: 'forged', jobName: 1 }, 'clash', { to: 'ada', given: { job: 'forged', jobName: 1 } }, 'clash'],
      [{ job: 'forged', given: 1, get bad(): never { throw new Error('no') } }, 'odd', { given: { job: 'forged', given: 1 } }, 'odd'], // prettier-ignore
      [failure, 'an error', { err: failure }, 'an error'],
      [failure, undefined, { err: failure }, 'lost'],
      [far, 'far', { err: far }, 'far'],
      ['text', undefined, {}, 'text'],
      ['text', { to: 'ada' }, { to: 'ada' }, 'text'],
      ['text', 'ada', { value: 'ada' }, 'text'],
      ['text', failure, { err: failure }, 'text'],
      [[1, 2], 'list', { value: [1, 2] }, 'list'],
      [undefined, 'none', {}, 'none'],
      [null, 'null', {}, 'null'],
    ]
    await runningWorker(
      queue,
      async (_job, context) => {
        for (const [fields, message] of lines) context.logger.info(fields as object, message as string)
      },
      { logger },
    )
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    const bound = { queue: 'work', job: job.id, jobName: 'some', attempt: 1 }
    expect(entries.filter(({ fields }) => 'jobName' in fields)).toEqual(
      lines.map(([, , fields, message]) => ({ level: 'info', message, fields: { ...fields, ...bound } })),
    )
    expect(await job.logs()).toEqual([])
  })
})
