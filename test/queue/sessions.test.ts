import type { Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { elsewhere, testQueue } from './test-queue.ts'

onEachServer((_name, server) => {
  test('jobs of clients that a server has forgotten are not taken for those of clients that it meets after that', async () => {
    const queue = testQueue<{ some: number }>(server)
    const shard = new Shard(queue.store, queue.name, queue.definition.settings)
    const add = (clients: readonly Queue<{ some: number }>[]) => Promise.all(clients.map((client, i) => client.add('some', i)))
    const twelve = (): Queue<{ some: number }>[] => Array.from({ length: 12 }, () => elsewhere(queue, server))

    const known = twelve()
    await add(known)
    // A server that keeps nothing on disk starts again.
    for (const key of Object.values(shard.keys)) await shard.store.caller.call((client) => client.del(key))
    const jobs = await add([...known, ...twelve()])

    expect(jobs.every(({ duplicate }) => !duplicate)).toBe(true)
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(24)
    expect(await queue.counts()).toMatchObject({ ready: 24 })
  })

  test('the ids that the server counts on are those that the client has given', async () => {
    const queue = testQueue<{ some: number }>(server)
    // Over the ends of the last digit and of the last two.
    const jobs = await Promise.all(Array.from({ length: 4_200 }, (_value, i) => queue.add('some', i)))
    const stored = await Promise.all(jobs.map(({ id }) => queue.getJob(id)))
    expect(stored.map((job) => job?.data)).toEqual(jobs.map(({ data }) => data))
  })
})
