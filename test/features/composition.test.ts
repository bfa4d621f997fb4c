import { verifyQueue } from '@ripen/queue'
import { internals, type Script } from '@ripen/store/internal'
import { describe, expect, test } from 'vitest'
import { Composition, type FeatureName } from '../../packages/queue/src/features/composition.ts'
import { addScript, features, settleScript } from '../../packages/queue/src/scripts.generated.ts'
import { compose, fill, luaOf } from '../../scripts/lua-fragments.mjs'
import { checkIdleNeeds, checkNames, checkNeeds, namesOf } from '../../scripts/lua-names.mjs'
import { runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { parseQueueSettings } from '../../packages/queue/src/queue-settings.ts'
import { Shard } from '../../packages/queue/src/shard/shard.ts'
import { shardKeys } from '../../packages/queue/src/shard/keys.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'

const inTime = { timeout: '15 s' } as const
const names = Object.keys(features) as FeatureName[]
const subsets = names.reduce<FeatureName[][]>((sets, name) => [...sets, ...sets.map((set) => [...set, name])], [[]])
const plain: readonly Script<string, string, unknown>[] = [addScript, settleScript]

test('a queue that uses no feature runs these scripts, whatever features there are', () => {
  // A change of the core changes them, and the bench has to say what it costs. A new feature does not.
  expect(Object.fromEntries(plain.map(({ name, sha }) => [name, sha]))).toEqual(hashes)
  expect(plain.map((script) => Composition.of('').script(script))).toEqual(plain)
})

test('the settle that a worker calls most is small: what runs once a second is a variant of it', () => {
  const tidying = Composition.of('').script(settleScript, 'tidy')
  expect(settleScript.source.length).toBeLessThanOrEqual(14_000)
  expect(settleScript.keys.length).toBeLessThanOrEqual(17)
  expect(tidying.sha).not.toBe(settleScript.sha)
  expect(tidying.source).toContain('recover(100)')
  expect(settleScript.source).not.toMatch(/recover|sweep/)
  expect(Composition.of('').complete(settleScript)).toEqual([settleScript, tidying])
  // The same object for each call: nothing is made.
  expect(Composition.of('').script(settleScript, 'tidy')).toBe(tidying)
})

const hashes = { add: '2be54ef7c571bb462eb04fc5055bcfe63de508d8', settle: 'a72eeea623715a8493aa3249e7b333f4384c697e' }

test.for(subsets.map((set) => [set.join(' ')] as const))('with the features "%s" every name is declared', ([set]) => {
  for (const script of plain) {
    const composed = Composition.of(set).script(script)
    expect(namesOf(composed.source).free).toEqual([])
    expect(composed.keys.slice(0, script.keys.length)).toEqual(script.keys)
    expect(new Set(composed.keys).size).toBe(composed.keys.length)
    expect(composed.sha === script.sha).toBe(set === '')
    for (const variant of Composition.of(set).complete(script)) expect(namesOf(variant.source).free).toEqual([])
  }
})

describe('a composition', () => {
  test('is the same object for the same features, however they are named', () => {
    const [expiry, unique] = ['expiry', 'unique'] as const
    expect(Composition.of('').with([unique, expiry])).toBe(Composition.of('expiry unique'))
    expect(Composition.of('expiry').with([unique]).with([expiry])).toBe(Composition.of('expiry unique'))
    expect(Composition.of('expiry').with([])).toBe(Composition.of('expiry'))
  })

  test('of a newer version is refused, with a remedy', () => {
    expect(() => Composition.of('expiry quotas')).toThrow(
      "queue: uses the feature 'quotas', which this version does not know: upgrade this process",
    )
  })
})

describe('the embedder refuses', () => {
  const lua = luaOf('packages/queue/lua')

  test('a hook that is not known', () => {
    expect(() => compose(lua, '-- @hook elsewhere\n', [])).toThrow("there is no hook 'elsewhere'; known are ranking,")
  })

  test('a fragment that is not there', () => {
    expect(() => compose(lua, '-- @include nothing\n', [])).toThrow("there is no fragment 'nothing'")
  })

  test('a fragment that reads what it does not declare, and one that declares too much', () => {
    const alone = (text: string) => (): void => {
      const lua = { fragments: new Map([['some', text]]), hooked: new Map<string, string>() }
      checkNeeds(lua)
      checkIdleNeeds(lua)
    }
    expect(alone("redis.call('DEL', jobs)")).toThrow("some.lua: reads jobs, which it does not declare: put '-- @needs jobs' at its head")
    expect(alone('-- @needs jobs, ready\nredis.call("DEL", jobs)')).toThrow('some.lua: needs ready, and does not read it')
    expect(alone('-- @needs jobs\nlocal all = jobs\nreturn all')).not.toThrow()
  })

  test('a script that reads what nothing declares', () => {
    const broken = fill(lua, compose(lua, 'local jobs = KEYS[1]\n-- @include wake\nreturn jobs\n', []), [])
    expect(() => checkNames('broken.lua', broken)).toThrow('broken.lua: reads wake, which nothing declares')
  })
})

onEachServer((_name, server) => {
  test.for(subsets.map((set) => [set.join(' ')] as const))('the server takes the scripts with the features "%s"', async ([set]) => {
    const { caller } = internals(testStore(server.url))
    for (const script of plain) {
      for (const { source, sha } of Composition.of(set).complete(script))
        expect(await caller.call((client) => client.script('LOAD', source))).toBe(sha)
    }
  })

  test('workers and producers learn of a feature from whoever uses it first', async () => {
    const queue = testQueue(server)
    const ran: unknown[] = []
    await runningWorker(queue, async ({ data }) => ran.push(data))
    await (await queue.add('some', 'plain')).wait(inTime)
    const stored = async (): Promise<string | null> => queue.store.redis.hget(shardKeys(prefixOf(queue), queue.name, 0).meta, 'features')
    expect(await stored()).toBeNull()

    // The worker, this producer and the other one each know a different set by now.
    const other = elsewhere(queue, server)
    await other.add('some', 'unique', { unique: 'key' })
    expect(await stored()).toBe('unique')
    await queue.add('some', 'expiring', { expiresIn: '1 h' })
    expect(await stored()).toBe('expiry unique')
    await Promise.all([other.add('some', 'plain again'), queue.add('some', 'later', { delay: 20, expiresIn: '1 h' })])
    await until(() => ran.length === 5, 15_000, 'five jobs')
    expect(new Set(ran)).toEqual(new Set(['expiring', 'later', 'plain', 'plain again', 'unique']))
    await queue.schedules.upsert('often', {
      every: 1_000,
      job: { name: 'some', data: 'tick', options: { unique: 'tick', expiresIn: '1 h' } },
    })
    expect(await stored()).toBe('expiry schedules unique')
    await until(() => ran.includes('tick'), 15_000, 'a run of the schedule')
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('a batch that brings two features goes once, in its order', async () => {
    const queue = testQueue(server)
    await elsewhere(queue, server).add('some', 0)
    const jobs = await queue.addBulk([
      { name: 'some', data: 1 },
      { name: 'some', data: 2, options: { unique: 'key' } },
      { name: 'some', data: 3, options: { unique: 'key' } },
      { name: 'some', data: 4, options: { expiresIn: '1 h' } },
      { name: 'some', data: 5, options: { priority: -1 } },
    ])
    expect(jobs[2]).toMatchObject({ id: jobs[1]?.id, duplicate: true })
    const { jobs: ready } = await queue.getJobs({ state: 'ready' })
    expect(ready.map(({ data }) => data)).toEqual([5, 0, 1, 2, 4])
  })

  test('a queue that uses a feature of a newer version is not touched', async () => {
    const queue = testQueue(server)
    await queue.add('some')
    await queue.store.redis.hset(shardKeys(prefixOf(queue), queue.name, 0).meta, 'features', 'quotas')
    const refused = { code: 'RIPEN_CONFIGURATION', message: expect.stringContaining("uses the feature 'quotas'") as string }
    await expect(queue.add('some')).rejects.toMatchObject(refused)
    await expect(elsewhere(queue, server).add('some')).rejects.toMatchObject(refused)
    expect(await queue.counts()).toMatchObject({ ready: 1 })
  })

  test.for(['logs\r\nexpiry', 'expiry\n'])(
    'features that another client wrote as %j are written anew, and nobody calls for ever',
    async (text) => {
      const queue = testQueue(server)
      await runningWorker(queue, async ({ data }) => data)
      expect(await (await queue.add('some', 1)).wait(inTime)).toBe(1)
      const { meta } = shardKeys(prefixOf(queue), queue.name, 0)
      await queue.store.redis.hset(meta, 'features', text)
      const sorted = [...new Set(text.trim().split(/\s+/))].toSorted().join(' ')
      await until(async () => (await queue.store.redis.hget(meta, 'features')) === sorted, 10_000, 'the features as scripts write them')
      expect(await (await queue.add('some', 2)).wait(inTime)).toBe(2)
    },
  )

  test('a settle that knows nothing of the order of the queue moves nothing', async () => {
    for (const [order, features] of [
      ['deadline', 'expiry ties'],
      [() => 1, 'ties'],
    ] as const) {
      const queue = testQueue(server, { order })
      await queue.add('some', 1)
      const shard = new Shard(queue.store, queue.name, parseQueueSettings({}))
      const values = {
        order: 'fifo',
        worker: 'w',
        lane: 'w:0',
        number: 1,
        lease: 30_000,
        want: 5,
        suspectAt: 0,
        channel: shard.channels.news,
      }
      for (const variant of [undefined, 'tidy'] as const)
        await expect(shard.script(Composition.of('').script(settleScript, variant), values)).rejects.toMatchObject({ features })
      expect(await queue.counts()).toMatchObject({ ready: 1, active: 0 })
    }
  })

  test('features that are used and not named are found, and named again', async () => {
    const queue = testQueue(server)
    await queue.add('some', 1, { unique: 'key', expiresIn: '1 h' })
    await queue.store.redis.hdel(shardKeys(prefixOf(queue), queue.name, 0).meta, 'features')
    const finding = (id: string): object => ({ invariant: 'feature', id, detail: 'is used, and not named in meta', repaired: true })
    expect((await verifyQueue(queue, { repair: true })).findings).toEqual([finding('expiry'), finding('unique')])
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })

  test('so are those of the order of the queue', async () => {
    const queue = testQueue(server, { order: 'deadline' })
    await queue.add('some', 1)
    await queue.store.redis.hdel(shardKeys(prefixOf(queue), queue.name, 0).meta, 'features')
    // One that knows the order names them again when it opens.
    expect((await verifyQueue(elsewhere(queue, server, {}), { repair: true })).findings).toMatchObject([{ id: 'expiry' }, { id: 'ties' }])
    expect(await verifyQueue(queue)).toMatchObject({ ok: true, found: 0 })
  })
})
