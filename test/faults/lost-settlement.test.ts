import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { Gate } from '../queue/gate.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a settlement that a failover has taken back', () => {
  // The worker was told that it was accepted, and its heartbeat would keep the lease for as long as it lives.
  test('the worker finds that it still has the lease, and runs the job again', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ one: undefined }>('undone', { store: testStore(url, { prefix }) })
    const keys = shardKeys(prefix, 'undone', 0)
    const redis = new Redis(url)
    onTestFinished(() => redis.disconnect())
    const gate = new Gate()
    let runs = 0
    const worker = new Worker(
      queue,
      {
        one: async () => {
          runs++
          await gate.opened
        },
      },
      { lease: '20 s' },
    )
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    const job = await queue.add('one')
    await until(() => runs === 1, 5_000, 'the start of the job')
    const [lease, deadline] = await Promise.all([redis.hget(keys.leases, job.id), redis.zscore(keys.active, job.id)])
    const completed = new Promise((resolve) => worker.once('completed', resolve))
    gate.open()
    await within(5_000, completed, 'the end of the job')
    // As the replica has it that becomes the primary: it has not heard of the settlement, and all connections
    // are new.
    await redis
      .multi()
      .zrem(keys.completed, job.id)
      .hdel(keys.state, job.id)
      .hset(keys.leases, job.id, lease!)
      .zadd(keys.active, deadline!, job.id)
      .call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      .exec()
    await until(() => runs === 2, 5_000, 'the second run')
    await until(async () => (await queue.counts()).completed === 1, 5_000, 'its end')
    expect(await queue.counts()).toMatchObject({ active: 0, ready: 0 })
  })
})
