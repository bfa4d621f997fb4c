import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runExample, type ExampleRun } from './example-process.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from './support/redis-server.ts'

const minute = 60_000

/** The numbers of the summary's line that begins with this word, in order. */
function numbers(run: ExampleRun, word: string): number[] {
  const line = new RegExp(`^  ${word} +(.+)$`, 'm').exec(run.stdout)?.[1]
  if (line === undefined) throw new Error(`the demo's summary has no line '${word}':\n${run.stdout}\n${run.stderr}`)
  return [...line.replaceAll(/p\d+/g, '').matchAll(/-?\d[\d,]*(?:\.\d+)?/g)].map(([text]) => Number(text.replaceAll(',', '')))
}

function expectWhole(run: ExampleRun): void {
  expect(run.code, run.stderr).toBe(0)
  expect(run.took).toBeLessThan(minute)
  // Plain lines, one a second, as there is no terminal.
  expect(run.stdout).not.toContain('\u001B')
  expect(run.stdout.match(/^ +[\d.]+ s +\d+ % +ready /gm)?.length).toBeGreaterThan(5)

  const [total, completed = 0, failed = 0, cancelled = 0, left] = numbers(run, 'jobs')
  expect(total).toBe(4_000 + 1_000 + 200 + 1)
  expect(completed + failed + cancelled).toBe(total)
  expect(left).toBe(0)

  const [attempts = 0, retried = 0, snoozed] = numbers(run, 'attempts')
  expect(snoozed).toBe(100)
  expect(attempts).toBe(completed + failed + retried + 100)
  // One retry of 80 full mailboxes and 400 busy servers, two of 200 others, three of the 8 that stay busy.
  expect(retried).toBe(80 + 400 + 2 * 200 + 3 * 8)
  expect(numbers(run, 'failed')).toEqual([40, 8])
  expect(failed).toBe(48)

  const seconds = Number(/^done in ([\d.]+) s$/m.exec(run.stdout)?.[1])
  const [mean = 0, busiest = 0] = numbers(run, 'throughput')
  expect(mean / (attempts / seconds)).toBeCloseTo(1, 1)
  expect(busiest).toBeGreaterThanOrEqual(mean)

  const [ran, p50 = Number.NaN, p99, early] = numbers(run, 'lateness')
  expect(ran).toBe(1_000 - cancelled)
  expect(p50).toBeLessThanOrEqual(p99 ?? Number.NaN)
  expect(early).toBe(0)
  expect(numbers(run, 'priority')[0]).toBe(200)
  expect(numbers(run, 'ids')).toEqual([10])
  expect(cancelled).toBeGreaterThan(0)
  expect(numbers(run, 'cancel')).toEqual([cancelled])
  expect(numbers(run, 'progress')).toEqual([80])
}

describe('on the embedded server', () => {
  test('the demo ends within a minute, and its numbers add up', { timeout: minute + 10_000 }, async () => {
    const run = await runExample('demo.ts', undefined, { deadline: minute })
    expect(run.stdout).toContain('on the embedded server')
    expectWhole(run)
  })
})

describeWithRedisServer('on redis-server', () => {
  let server: RedisServer
  let observer: Redis
  beforeAll(async () => {
    server = await redisServer()
    observer = new Redis(server.url)
    await observer.set('{ripen:mail:0}:meta', 'of somebody else')
  })
  afterAll(async () => {
    observer.disconnect()
    await server.close()
  })

  test('the demo ends within a minute, its numbers add up, and nothing stays behind', { timeout: minute + 10_000 }, async () => {
    const run = await runExample('demo.ts', server.url, { deadline: minute })
    expect(run.stdout).toContain('on a server of yours')
    expectWhole(run)
    expect(await observer.keys('*')).toEqual(['{ripen:mail:0}:meta'])
  })

  test('interrupted, it ends at once with 130, and nothing stays behind', async () => {
    const run = await runExample('demo.ts', server.url, { interruptAt: ' ready ' })
    expect(run.code, run.stderr).toBe(130)
    expect(run.stdout).not.toContain('done in')
    expect(run.lingered).toBeLessThan(8_000)
    expect(await observer.keys('*')).toEqual(['{ripen:mail:0}:meta'])
  })
})
