import { isRipenError } from '@ripen/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { within } from '../support/deadline.ts'
import { describeWithRedisServer, redisServer, type RedisServer } from '../support/redis-server.ts'
import { roles, Users } from './limited-user.ts'
import { workOfRoles } from './work-of-roles.ts'

const names = roles.map(({ name }) => name)
/** Who is given more than one role. */
const besides: Readonly<Record<string, readonly string[]>> = { 'steered worker': ['worker'] }
/**
 * No one's rights are among those of the role that comes next. A worker whose endpoints are refused does
 * without them, so it is not asked to serve them.
 */
const alone = names.filter((name) => besides[name] === undefined)
const pairs = alone.map((name, position) => [name, alone[(position + 1) % alone.length] ?? ''] as const)

describeWithRedisServer('a user with the rights of one role', () => {
  let server: RedisServer
  beforeAll(async () => (server = await redisServer()))
  afterAll(() => server.close())

  test.each(names)('%s: does all its work, and nothing is refused', { timeout: 40_000 }, async (name) => {
    const users = new Users(server)
    const { store, user } = await users.store(users.rules(name, ...(besides[name] ?? [])))
    await within(30_000, workOfRoles[name]?.(store, users.full) ?? Promise.reject(new Error('no work')), 'its work')
    expect(await users.refusals(user)).toEqual([])
  })

  test.each(pairs)('%s: cannot do the work of %s', { timeout: 40_000 }, async (name, next) => {
    const users = new Users(server)
    const { store } = await users.store(users.rules(name))
    const error: unknown = await within(30_000, workOfRoles[next]?.(store, users.full) ?? Promise.resolve(), 'a refusal').catch(
      (e: unknown) => e,
    )
    expect(isRipenError(error, 'RIPEN_ACCESS'), String(error)).toBe(true)
  })
})
