import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runExample } from './example-process.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from './support/redis-server.ts'

const folder = new URL('../examples/', import.meta.url)
const examples = readdirSync(folder).filter((file) => /^\d\d-.+\.ts$/.test(file))

/**
 * ms in which a program ends that has closed all it opened; a connection or a timer that was left keeps it
 * for seconds.
 */
const promptly = 2_000

function suite(url: () => string | undefined): void {
  test.each(examples)('%s says what is written beside it, and ends', async (file) => {
    const run = await runExample(file, url())
    expect(run.stdout).toBe(readFileSync(new URL(file.replace(/\.ts$/, '.txt'), folder), 'utf8'))
    expect(run.code).toBe(0)
    expect(run.lingered).toBeLessThan(promptly)
  })
}

test('the examples are there', () => {
  expect(examples.length).toBeGreaterThanOrEqual(3)
})

describe('on the embedded server', () => suite(() => undefined))

describeWithRedisServer('on redis-server', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await redisServer()
  })
  afterAll(() => server.close())
  suite(() => server.url)
})
