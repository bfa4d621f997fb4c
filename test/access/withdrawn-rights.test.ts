import { isRipenError } from '@ripen/store'
import { Queue, verifyQueue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { Users } from './limited-user.ts'

describeWithRedisServer('a right that is withdrawn while somebody works', () => {
  let server: RedisServer
  beforeAll(async () => (server = await redisServer()))
  afterAll(() => server.close())

  test('channels: every job ends all the same, and steering goes on', async () => {
    const users = new Users(server)
    const { store, user } = await users.store(['~*', '&*', '+@all'])
    const [queue, limited] = [new Queue('mail', { store: users.full }), new Queue('mail', { store })]
    const worker = new Worker(limited, async () => 1, { concurrency: 5, steering: false })
    const running = worker.run()
    await within(10_000, (await queue.add('x', 0)).wait({ timeout: '10 s' }), 'a first job')
    await limited.add('late', 0, { id: 'a', delay: '1 h' })
    expect(await limited.cancel('a')).toBe(1)
    await users.admin.call('ACL', 'SETUSER', user, 'resetchannels')
    const waited = await queue.add('x', 1)
    waited.wait({ timeout: '10 s' }).catch(() => undefined)
    await queue.addBulk(Array.from({ length: 20 }, (_value, data) => ({ name: 'x', data })))
    await until(async () => (await queue.counts()).completed === 22, 5_000, 'the jobs')
    expect((await verifyQueue(queue)).findings).toEqual([])
    await worker.close()
    await running
    await Promise.all([queue.close(), limited.close()])
  })

  test('all commands: it says so, rests between tries, and goes on when it may', { timeout: 30_000 }, async () => {
    const users = new Users(server)
    const { store, user } = await users.store(['~*', '&*', '+@all'])
    const queue = new Queue('mail', { store: users.full })
    const worker = new Worker('mail', async () => 1, { store, steering: false })
    const errors: unknown[] = []
    worker.on('error', (error) => errors.push(error))
    const running = worker.run()
    await within(10_000, (await queue.add('x', 0)).wait({ timeout: '10 s' }), 'a first job')
    await users.admin.call('ACL', 'SETUSER', user, '-evalsha')
    await until(() => errors.length >= 2, 8_000, 'two errors')
    expect(errors.every((error) => isRipenError(error, 'RIPEN_ACCESS') && error.message.includes('command evalsha'))).toBe(true)
    await users.admin.call('ACL', 'SETUSER', user, '+evalsha')
    await within(10_000, (await queue.add('x', 1)).wait({ timeout: '10 s' }), 'the next job')
    expect(errors.length).toBeLessThan(6)
    await worker.close()
    await running
    await queue.close()
  })
})
