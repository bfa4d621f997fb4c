import { isRipenError, type AccessError } from '@ripen/store'
import { Queue, verifyQueue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { roleOf, Users } from './limited-user.ts'
import { rulesOf } from '../../scripts/access-roles.mjs'

/**
 * Without it ioredis does not look whether the server has loaded, and nobody is warned of eviction: nothing
 * else.
 */
const optional = '+info'
/** Found when the worker listens for cancels, and it can do without. */
const onlyListening = new Set(['+subscribe', '+unsubscribe', '&{ripen:mail:0}:cancels:*'])

describeWithRedisServer("a worker's user without one right", () => {
  let server: RedisServer
  beforeAll(async () => (server = await redisServer()))
  afterAll(() => server.close())

  const rules = rulesOf(roleOf('worker'))

  test.for(rules.filter((rule) => rule !== optional))('%s: an error names it, and no job is lost', { timeout: 15_000 }, async (missing) => {
    const users = new Users(server)
    const { store } = await users.store(users.rules('worker').filter((rule) => rule !== users.own(missing)))
    const queue = new Queue('mail', { store: users.full })
    await queue.addBulk([
      ...Array.from({ length: 10 }, (_value, data) => ({ name: 'x', data })),
      { name: 'x', data: 10, options: { expiresIn: '1 h' } },
    ])
    const errors: unknown[] = []
    const worker = new Worker('mail', async () => 1, { store, concurrency: 5, steering: false })
    worker.on('error', (error) => errors.push(error))
    const running = worker.run()
    const named = (): AccessError | undefined => errors.find((error): error is AccessError => isRipenError(error, 'RIPEN_ACCESS'))
    await until(() => named() !== undefined, 5_000, 'an error')
    expect(named()?.missing).toMatch(nameOf(users.own(missing)))
    expect(named()?.cause).toMatchObject({ message: expect.stringMatching(/permission|access|can't (?:run|publish)/i) as string })
    const where = onlyListening.has(missing) ? 'completed' : 'ready'
    await until(async () => (await queue.counts())[where] === 11, 5_000, `the jobs in ${where}`)
    expect((await verifyQueue(queue)).findings).toEqual([])
    await within(5_000, worker.close({ timeout: '2 s' }), 'the close')
    await running
    await queue.close()
  })
})

/** How an AccessError names what a rule grants. */
function nameOf(rule: string): RegExp {
  const kind = { '+': 'command', '~': 'key', '&': 'channel' }[rule[0] ?? '']
  const name = rule
    .slice(1)
    .replaceAll(/[{}|.]/g, '\\$&')
    .replace('*', '\\S*')
  return new RegExp(`(^|, )${kind} ${name}(,|$)`)
}
