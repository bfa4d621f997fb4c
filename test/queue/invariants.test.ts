import type { Job, Queue } from '@ripen/queue'
import { Discard, RetryIn, Snooze, type JobContext } from '@ripen/worker'
import { expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { runningWorker } from './running-worker.ts'
import { prefixOf } from './stored-keys.ts'
import { elsewhere, testQueue } from './test-queue.ts'

const sets = ['ready', 'scheduled', 'active', 'completed', 'failed', 'cancelled'] as const

/** Mulberry32 (Tommy Ettinger, 2017): a run can be repeated by its seed. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * What breaks a promise of the keys: every job in exactly one set, every active one with a lease, and nothing
 * left of what is gone.
 */
async function broken(queue: Queue): Promise<string[]> {
  const key = (name: string): string => `{${prefixOf(queue)}:work:0}:${name}`
  // At one instant: workers go on meanwhile.
  const transaction = queue.store.redis.multi()
  for (const name of ['jobs', 'state', 'leases', 'cancels', 'waiters']) transaction.hkeys(key(name))
  for (const name of ['expiry', ...sets]) transaction.zrange(key(name), '0', '-1')
  const read = ((await transaction.exec()) ?? []).map(([error, members]) => {
    if (error !== null) throw error
    return members as string[]
  })
  const [jobs = [], states = [], leases = [], cancels = [], waiters = [], expiry = [], ...members] = read
  const places = new Map<string, string[]>()
  for (const [i, name] of sets.entries()) for (const id of members[i] ?? []) places.set(id, [...(places.get(id) ?? []), name])
  const active = [...places].filter(([, names]) => names[0] === 'active').map(([id]) => id)
  const ended = new Set([...places].filter(([, names]) => ['completed', 'failed', 'cancelled'].includes(names[0] ?? '')).map(([id]) => id))
  return [
    ...jobs.filter((id) => !places.has(id)).map((id) => `${id} is in no set`),
    ...[...places].filter(([, names]) => names.length > 1).map(([id, names]) => `${id} is in ${names.join(' and ')}`),
    ...[...places.keys()].filter((id) => !jobs.includes(id)).map((id) => `${id} is in a set without a row`),
    ...states.filter((id) => !jobs.includes(id)).map((id) => `${id} has a state row and no row`),
    ...active.filter((id) => !leases.includes(id)).map((id) => `${id} is active without a lease`),
    // The empty one is no lease: it keeps the hash a hash table.
    ...leases.filter((id) => id !== '' && !active.includes(id)).map((id) => `${id} has a lease and is not active`),
    ...cancels.filter((id) => !active.includes(id)).map((id) => `${id} has a cancel and is not active`),
    ...waiters
      .filter((id) => !jobs.includes(id) || (ended.has(id) && !expiry.includes(`w:${id}`) && !expiry.includes(`j:${id}`)))
      .map((id) => `${id} has ended or is gone, and is waited for`),
    ...expiry
      .filter((member) => !member.startsWith('s:') && !ended.has(member.slice(2)))
      .map((member) => `${member} expires and has not ended`),
  ]
}

onEachServer((_name, server) => {
  test.for([1, 2, 3])('whatever is done to a queue, its keys hold together (seed %i)', { timeout: 60_000 }, async (seed) => {
    const chance = random(seed)
    const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T
    const queue = testQueue(server, { retain: { completed: { count: 30 }, failed: { count: 20 } } })
    const there = elsewhere(queue, server)
    const outcomes = [
      () => 'done',
      () => 'done',
      () => Promise.reject(new Error('broken')),
      () => Promise.reject(new Snooze(Math.ceil(chance() * 30))),
      () => Promise.reject(new RetryIn(5)),
      () => Promise.reject(new Discard()),
      () => new Promise((resolve) => setTimeout(resolve, chance() * 20)),
    ]
    const handler = async (_job: Job, { progress }: JobContext): Promise<unknown> => {
      if (chance() < 0.2) void progress(chance())
      return pick(outcomes)()
    }
    const workers = [
      await runningWorker(queue, handler, { concurrency: 3, prefetch: 10 }),
      await runningWorker(there, handler, { concurrency: 20 }),
    ]
    const ids: string[] = Array.from({ length: 20 }, (_value, i) => `custom-${i}`)
    const add = async (): Promise<void> => {
      const job = await pick([queue, there]).add('some', 1, {
        ...(chance() < 0.2 ? { id: pick(ids.slice(0, 20)) } : {}),
        ...(chance() < 0.3 ? { delay: Math.floor(chance() * 200) } : {}),
        ...(chance() < 0.2 ? { retain: { completed: pick([false, 50, 60_000] as const), failed: pick([false, 50] as const) } } : {}),
        priority: Math.floor(chance() * 3) - 1,
        attempts: 1 + Math.floor(chance() * 3),
        backoff: Math.floor(chance() * 20),
      })
      ids.push(job.id)
      if (chance() < 0.2) job.wait({ timeout: 500 }).catch(() => undefined) // whatever its end is
    }
    const moves: (() => Promise<unknown>)[] = [
      ...Array.from({ length: 6 }, () => add),
      () => queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'some' }))),
      () => there.cancel(pick(ids)),
      () => there.cancel(pick(ids.slice(-10))),
      () => there.retry(pick(ids)),
      () => there.promote(pick(ids.slice(-20))),
      () => queue.remove(pick(ids)),
      () => queue.counts(),
      async () => (chance() < 0.1 ? queue.clear() : 0),
      async () => (chance() < 0.2 ? queue.pause() : queue.resume()),
      async () => {
        const worker = pick(workers)
        if (chance() < 0.2) void worker.pause().finally(() => worker.resume())
        else worker.concurrency = 1 + Math.floor(chance() * 20)
      },
    ]
    const found: string[] = []
    for (let step = 0; step < 60; step++) {
      await Promise.all(Array.from({ length: 10 }, () => pick(moves)()))
      if (step % 10 === 9) found.push(...(await broken(queue)))
    }
    await queue.resume()
    await until(
      async () =>
        Object.entries(await queue.counts()).every(([state, count]) => count === 0 || !['ready', 'scheduled', 'active'].includes(state)),
      20_000,
      'the end of all jobs',
    )
    for (const worker of workers) await worker.close()
    expect([...found, ...(await broken(queue))]).toEqual([])
    expect(await queue.counts()).toMatchObject({ ready: 0, scheduled: 0, active: 0 })
  })
})
