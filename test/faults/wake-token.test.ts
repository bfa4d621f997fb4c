import { Queue } from '@ripen/queue'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { sharedClock, workerProcess } from './worker-process.ts'

const rounds = 4

describeWithRedisServer('a wake token that goes to somebody who does nothing with it', () => {
  test('a job is picked up by another within 1.2 s', async () => {
    const { url } = await ownServer()
    const prefix = randomPrefix()
    const queue = new Queue<{ quick: undefined }>('token', { store: testStore(url, { prefix }) })
    await queue.ready()
    // To the server, a worker that was stopped, or whose connection is half open, is a client that waits. It
    // serves first who has waited longest.
    const eaters = Array.from({ length: rounds }, () => new Redis(url))
    onTestFinished(() => eaters.forEach((eater) => eater.disconnect()))
    let eaten = 0
    for (const eater of eaters)
      eater.blpop(shardKeys(prefix, 'token', 0).wake, 0).then(
        () => eaten++,
        () => undefined, // a test that has failed disconnects those who still wait
      )
    const observer = new Redis(url)
    onTestFinished(() => observer.disconnect())
    const waiting = async (): Promise<number> => Number(/blocked_clients:(\d+)/.exec(await observer.info('clients'))?.[1])
    await until(async () => (await waiting()) === rounds, 2_000, 'those who will do nothing')
    const worker = workerProcess({ url, prefix, queue: 'token', options: { concurrency: 10 } })
    await worker.event('ready')

    const delays: number[] = []
    for (let round = 0; round < rounds; round++) {
      await until(async () => (await waiting()) === rounds - round + 1, 3_000, 'an idle worker')
      const from = sharedClock()
      const { id } = await queue.add('quick')
      await until(() => eaten === round + 1, 1_000, 'the loss of the token')
      const { at } = await worker.event('started', ({ jobId }) => jobId === id)
      delays.push(Number(at) - from)
    }
    console.log(`picked up after ${delays.map(Math.round).join(', ')} ms`)
    expect(Math.max(...delays)).toBeLessThan(1_200)
  })
})
