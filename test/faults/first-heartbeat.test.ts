import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/keys.ts'
import { within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a worker that starts', () => {
  // Its heartbeat thread may be slow to come up on a busy machine, and a lease is as short as 1 s.
  test('takes no job before its heartbeat is known', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ look: undefined }>('first', { store: testStore(url, { prefix }) })
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    await queue.add('look')
    const worker = new Worker(queue, { look: () => redis.zcard(shardKeys(prefix, 'first', 0).workers) }, { lease: '1 s' })
    const result = new Promise<unknown>((resolve) => worker.once('completed', (_job, value) => resolve(value)))
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    expect(await within(5_000, result, 'the end of the job')).toBe(1)
  })
})
