import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

interface Warning {
  readonly fields: object
  readonly message: string
}

function listening(): { readonly warnings: Warning[]; readonly logger: NonNullable<Parameters<typeof testStore>[1]>['logger'] & object } {
  const warnings: Warning[] = []
  const silent = (): void => undefined
  return {
    warnings,
    logger: { debug: silent, info: silent, error: silent, warn: (fields, message) => void warnings.push({ fields, message }) },
  }
}

describeWithRedisServer('a maxmemory-policy', () => {
  test('that is not noeviction: a warning with the remedy, once', async () => {
    const { url } = await ownServer({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    const { warnings, logger } = listening()
    await testStore(url, { logger }).ready()
    const store = testStore(url, { logger })
    await Promise.all([store.ready(), new Queue('full', { store }).ready()])
    expect(warnings).toEqual([
      { fields: { maxmemoryPolicy: 'allkeys-lru' }, message: expect.stringMatching(/allkeys-lru.*CONFIG SET maxmemory-policy noeviction/) },
    ])
  })

  test('a worker that just runs is told as well', async () => {
    const { url } = await ownServer({ args: ['--maxmemory-policy', 'volatile-lru'] })
    const { warnings, logger } = listening()
    const worker = new Worker('full', async () => undefined, { store: testStore(url, { logger }) })
    const ended = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await ended
    })
    await until(() => warnings.length > 0, 3_000, 'a warning')
    expect(warnings.length).toBe(1)
  })

  test('noeviction: no warning', async () => {
    const { url } = await ownServer({ args: ['--maxmemory-policy', 'noeviction'] })
    const { warnings, logger } = listening()
    await testStore(url, { logger }).ready()
    expect(warnings).toEqual([])
  })
})
