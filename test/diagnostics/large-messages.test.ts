import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { testStore } from '../support/test-store.ts'
import { openedQueue } from './opened-queue.ts'

test('a message of 1 MiB is put and got, a longer one is refused before anything is written', async () => {
  const queue = openedQueue(testStore())
  const most = 'ü'.repeat(2 ** 19)
  await expect(queue.put(`${most}x`)).rejects.toMatchObject({ option: 'message', message: expect.stringContaining('1048576 bytes') })
  expect(await queue.size()).toBe(0)
  await queue.put(most)
  expect(await queue.get()).toBe(most)
})

test('a take gives back about 8 MB of what has lapsed, the oldest first, and the next one goes on', async () => {
  const store = testStore()
  const queue = openedQueue(store, { reliable: {} })
  const tag = `{${internals(store).options.prefix}::messages:messages}`
  const held: Record<string, string> = {}
  for (let fence = 10; fence < 20; fence++) held[fence] = `${fence}${'x'.repeat(2 ** 20)}`
  await store.redis.hset(`${tag}:held`, held)
  await store.redis.zadd(`${tag}:leases`, ...Object.keys(held).flatMap((fence) => [fence, fence]))
  expect((await queue.get({ timeout: '5 s' })).slice(0, 3)).toBe('10x')
  expect(await store.redis.llen(`${tag}:list`)).toBe(6)
  expect(await store.redis.zcard(`${tag}:leases`)).toBe(3)
  const rest = new Set<string>()
  for (let i = 0; i < 9; i++) rest.add((await queue.get({ timeout: '5 s' })).slice(0, 2))
  expect([...rest].toSorted()).toEqual(['11', '12', '13', '14', '15', '16', '17', '18', '19'])
  expect(await store.redis.exists(`${tag}:held`, `${tag}:leases`, `${tag}:list`)).toBe(0)
})
