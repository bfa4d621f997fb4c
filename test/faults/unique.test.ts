import { setTimeout as pause } from 'node:timers/promises'
import { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { allKeys } from '../support/all-keys.ts'
import { spawnFixture, type FixtureProcess } from '../support/child.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { randomNumbers } from './random-numbers.ts'
import { eventsOf, sharedClock } from './worker-process.ts'

const keys = 50

/**
 * Of each key, in one step, how many jobs have not ended (blocked ones apart) and how many are blocked; told
 * by the rows of the jobs alone.
 */
const look = `
local counts = {}
for _, name in ipairs(KEYS) do
  if name ~= KEYS[1] then
    for _, id in ipairs(redis.call('ZRANGE', name, 0, -1)) do
      local row = redis.call('HGET', KEYS[1], id)
      local key = cjson.decode(string.match(row, '^[^\\n]*\\n([^\\n]+)')).unique.key
      local at = (name == KEYS[2] and 'blocked: ' or 'unfinished: ') .. key
      counts[at] = (counts[at] or 0) + 1
    end
  end
end
return cjson.encode(counts)`

interface Run {
  readonly id: string
  readonly key: string
  readonly begins: number
  /** When its worker was killed, if that came first. */
  readonly ends: number
}

/** The runs that a worker has told of. */
function runsOf(worker: FixtureProcess, killed: number | undefined): Run[] {
  const ends = new Map(eventsOf(worker, 'ends').map(({ run, at }) => [run, Number(at)]))
  return eventsOf(worker, 'begins').map(({ run, id, key, at }) => {
    const end = ends.get(run) ?? killed
    if (end === undefined) throw new Error(`${String(run)} has not ended`)
    return { id: String(id), key: String(key), begins: Number(at), ends: end }
  })
}

/**
 * Runs of one key, in their order: one at a time, and no other job of the key comes between two runs of a
 * job.
 */
function brokenRuns(runs: readonly Run[]): string[] {
  const broken: string[] = []
  const over = new Set<string>()
  for (const [i, { id, key, begins }] of runs.entries()) {
    const before = runs[i - 1]
    if (before === undefined) continue
    if (begins < before.ends) broken.push(`${key}: ${id} begins ${before.ends - begins} ms before ${before.id} ends`)
    if (before.id !== id) over.add(before.id)
    if (over.has(id)) broken.push(`${key}: ${id} runs again after ${before.id}`)
  }
  return broken
}

onEachServer((name, server) => {
  // In full on one of them.
  const { processes, adds, workers, kills } =
    name === 'redis-server' ? { processes: 8, adds: 2_000, workers: 4, kills: 7 } : { processes: 3, adds: 300, workers: 2, kills: 2 }

  test(
    `${processes} processes × ${adds} adds over ${keys} unique keys, while workers are killed: never two unfinished jobs of one key`,
    { timeout: 180_000 },
    async () => {
      const prefix = randomPrefix()
      const queue = new Queue('unique', { store: testStore(server.url, { prefix }) })
      const { jobs, blocked, scheduled, ready, active, unique } = shardKeys(prefix, 'unique', 0)
      const { caller } = internals(queue.store)
      const random = randomNumbers(5)
      const crew: { readonly worker: FixtureProcess; killed?: number }[] = []
      const hire = async (): Promise<void> => {
        const worker = spawnFixture('unique-worker.mjs', [JSON.stringify({ url: server.url, prefix })])
        crew.push({ worker })
        await worker.event('ready', undefined, 60_000)
      }
      await Promise.all(Array.from({ length: workers }, hire))
      const adders = Array.from({ length: processes }, (_value, i) =>
        spawnFixture('unique-adder.mjs', [JSON.stringify({ url: server.url, prefix, adds, keys, seed: i + 1 })]),
      )

      let over = false
      let looks = 0
      let seen = 0
      const tooMany: string[] = []
      const looking = (async () => {
        while (!over) {
          const counts = await caller.call((client) => client.eval(look, 5, jobs, blocked, scheduled, ready, active))
          for (const [at, count] of Object.entries(JSON.parse(String(counts)) as Record<string, number>)) {
            seen++
            if (count > 1) tooMany.push(`${count} ${at}`)
          }
          looks++
          await pause(random() * 20)
        }
      })()
      const progress = (): number => adders.reduce((sum, adder) => sum + eventsOf(adder, 'added').length, 0)
      const share = (processes * adds) / 100 / (kills + 1)
      for (let kill = 1; kill <= kills; kill++) {
        await until(() => progress() >= kill * share, 60_000, `${kill} of ${kills + 1} parts of the adds`)
        const living = crew.filter(({ killed }) => killed === undefined)
        const victim = living[Math.floor(random() * living.length)] as (typeof crew)[number]
        victim.worker.kill('SIGKILL')
        await victim.worker.exit()
        victim.killed = sharedClock()
        await hire()
      }
      const done = await Promise.all(adders.map((adder) => adder.event('done', undefined, 60_000)))
      await until(
        async () => {
          const counts = await queue.counts()
          return counts.scheduled + counts.ready + counts.active + counts.blocked === 0
        },
        60_000,
        'the end of all jobs',
        100,
      )
      over = true
      await looking
      for (const { worker, killed } of crew) {
        if (killed !== undefined) continue
        worker.kill('SIGTERM')
        expect(await worker.exit(30_000)).toMatchObject({ code: 0 })
      }

      const runs = crew.flatMap(({ worker, killed }) => runsOf(worker, killed)).toSorted((a, b) => a.begins - b.begins)
      const broken = [...new Set(runs.map(({ key }) => key))].flatMap((key) => brokenRuns(runs.filter((run) => run.key === key)))
      const added = new Set(done.flatMap((event) => event['added'] as string[]))
      const heardOf = done.flatMap((event) => event['heardOf'] as string[])
      console.log(
        `${name}: ${processes * adds} adds of ${keys} keys became ${added.size} jobs in ${runs.length} runs, ${kills} workers killed; ` +
          `${looks} looks at ${seen} counts of a key: ${tooMany.length} above one; ${broken.length} runs side by side`,
      )
      expect(tooMany).toEqual([])
      expect(broken).toEqual([])
      expect(looks).toBeGreaterThan(20)
      expect(seen).toBeGreaterThan(10 * keys)
      expect(crew.flatMap(({ worker }) => eventsOf(worker, 'error'))).toEqual([])
      // Every job that was added has ended, and nobody heard of another one.
      const { completed, failed, cancelled } = await queue.counts()
      expect(completed + failed + cancelled).toBe(added.size)
      expect(heardOf.filter((id) => !added.has(id))).toEqual([])
      expect(await caller.call((client) => client.hgetall(unique))).toEqual({})
      const tag = jobs.slice(0, -'jobs'.length)
      const ordinary = [
        'jobs',
        'completed',
        'failed',
        'cancelled',
        'leases',
        'state',
        'expiry',
        'wake',
        'workers',
        'worker',
        'sessions',
        'meta',
      ]
      const left = (await allKeys(queue.store, `${tag}*`)).map((key) => key.slice(tag.length))
      expect(left.filter((key) => !ordinary.includes(key))).toEqual([])
    },
  )
})
