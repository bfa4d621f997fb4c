import { Queue, type Job } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { Composition } from '../../packages/queue/src/features/composition.ts'
import { addScript, extendScript, settleScript } from '../../packages/queue/src/scripts.generated.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'
import { randomNumbers } from './random-numbers.ts'

type Jobs = { quick: { number: number }; gated: { number: number } }

const rounds = 20
/** As it is sent for a queue that uses unique keys. */
const uniqueAddScript = Composition.of('unique').script(addScript)
/** Whether a request has a settle, also one that tidies. */
const settles = (request: Buffer): boolean => settleScripts.some(({ sha }) => request.includes(sha))
const settleScripts = Composition.of('').complete(settleScript)

interface Opened {
  readonly proxy: TcpProxy
  /** Through the proxy. */
  readonly far: Queue<Jobs>
  /** Straight to the server. */
  readonly near: Queue<Jobs>
}

async function opened(): Promise<Opened> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const queue = (url: string): Queue<Jobs> =>
    new Queue<Jobs>('lost', { store: testStore(url, { prefix }), retain: { completed: { count: 100_000 } } })
  return { proxy, far: queue(proxy.url), near: queue(server.url) }
}

interface Watched {
  readonly errors: Error[]
  readonly stalled: string[]
  readonly completed: string[]
  /** Runs of each job by its number. */
  readonly runs: Map<number, number>
  /** Lets gated jobs end. */
  readonly open: () => void
}

async function working(queue: Queue<Jobs>, concurrency: number): Promise<Watched> {
  let open!: () => void
  const gate = new Promise<void>((resolve) => (open = resolve))
  const runs = new Map<number, number>()
  const run = ({ data }: { data: { number: number } }): void => void runs.set(data.number, (runs.get(data.number) ?? 0) + 1)
  const worker = new Worker(
    queue,
    {
      quick: async (job) => run(job),
      gated: (job) => {
        run(job)
        return gate
      },
    },
    { concurrency, prefetch: concurrency, lease: '3 s' },
  )
  const watched: Watched = { errors: [], stalled: [], completed: [], runs, open }
  worker.on('error', (error) => watched.errors.push(error))
  worker.on('stalled', (id) => watched.stalled.push(id))
  worker.on('completed', ({ id }) => watched.completed.push(id))
  const running = worker.run()
  onTestFinished(async () => {
    open()
    await worker.close()
    await running
  })
  await worker.ready()
  return watched
}

function expectNothingNoticed({ errors, stalled, completed, runs }: Watched, jobs: number): void {
  expect(errors).toEqual([])
  expect(stalled).toEqual([])
  expect([...runs.values()].filter((times) => times !== 1)).toEqual([])
  expect(runs.size).toBe(jobs)
  expect(completed.length).toBe(jobs)
  expect(new Set(completed).size).toBe(jobs)
}

/** Jobs that the worker does not see yet, after one that it has done. */
async function fiveGated(watched: Watched, near: Queue<Jobs>): Promise<Job[]> {
  await near.add('quick', { number: -1 })
  await until(() => watched.completed.length === 1, 5_000, 'a first job')
  await near.pause()
  return near.addBulk(Array.from({ length: 5 }, (_value, number) => ({ name: 'gated' as const, data: { number } })))
}

/**
 * Loses the answer of the call that takes them; answers when. Each new call is cut, once, until one has taken
 * them; what is sent again gets through.
 */
async function loseTake(proxy: TcpProxy, near: Queue<Jobs>, beforeReconnect?: () => Promise<unknown>): Promise<number> {
  let taken = false
  // By lane and number: what is sent again may come with another call in one piece.
  const seen = new Set<string>()
  const cut = (): Promise<void> =>
    proxy.cutAfterRequest((request) => {
      if (taken || !settles(request)) return false
      const before = seen.size
      for (const [call] of request.toString('latin1').matchAll(/[-\w]{12}:\d\r\n\$\d+\r\n\d+\r\n/g)) seen.add(call)
      if (seen.size === before) return false
      proxy.refuse()
      return true
    })
  let planned = cut()
  let lost = 0
  await near.resume()
  while (!taken) {
    await within(3_000, planned, 'the cut')
    lost = performance.now()
    planned = cut()
    taken = (await near.counts()).active > 0
    if (taken) await beforeReconnect?.()
    await proxy.accept()
  }
  return lost
}

describeWithRedisServer('a call that was applied and whose answer is lost', () => {
  test(`add, ${rounds} times: one job for each add`, async () => {
    const { proxy, far, near } = await opened()
    await far.add('quick', { number: -1 })
    const random = randomNumbers(1)
    const ids: string[] = []
    for (let round = 0; round < rounds; round++) {
      // A batch on each of the four lanes: the cut takes some of them before and some after they were
      // applied.
      let position = Math.floor(random() * 4)
      const cut = proxy.cutAfterRequest((request) => request.includes(addScript.sha) && position-- === 0)
      const adds: Promise<{ id: string; duplicate: boolean }>[] = []
      for (let batch = 0; batch < 4; batch++) {
        for (let index = 0; index < 10; index++) {
          const number = ids.length + adds.length
          adds.push(far.add('quick', { number }, random() < 0.2 ? { id: `own-${number}` } : random() < 0.2 ? { delay: '1 h' } : {}))
        }
        await Promise.resolve() // the adds of one tick are one batch
      }
      const jobs = await Promise.all(adds)
      await within(2_000, cut, 'the cut')
      expect(jobs.filter(({ duplicate }) => duplicate)).toEqual([])
      ids.push(...jobs.map(({ id }) => id))
    }
    expect(new Set(ids).size).toBe(rounds * 40)
    const { ready, scheduled } = await near.counts()
    expect(ready + scheduled).toBe(rounds * 40 + 1)
  })

  test('add, of a job that has ended and is not kept when the add is sent again: it does not run twice', async () => {
    const { proxy, far, near } = await opened()
    const watched = await working(near, 1)
    await far.add('quick', { number: -1 })
    // A hash that a server does not know is refused, not applied.
    await near.store.redis.script('LOAD', uniqueAddScript.source)
    for (const [number, options] of ([{}, { id: 'own' }, { unique: 'k' }] as const).entries()) {
      const cut = proxy.cutAfterRequest('unique' in options ? uniqueAddScript.sha : addScript.sha)
      // Nobody comes back before the job has gone.
      const adding = far.add('quick', { number }, { ...options, retain: { completed: false } })
      proxy.refuse()
      await within(2_000, cut, 'the cut')
      await until(() => watched.completed.length === number + 2, 2_000, 'the end of the job')
      await proxy.accept()
      expect(await adding).toMatchObject({ id: watched.completed.at(-1) })
    }
    await far.add('quick', { number: 3 }, { id: 'last' })
    await until(() => watched.completed.includes('last'), 2_000, 'the last job')
    expectNothingNoticed(watched, 5)
  })

  test(`add, with a unique key, ${rounds} times: each is decided once`, async () => {
    const { proxy, far, near } = await opened()
    await far.add('quick', { number: -1 }, { unique: 'first' })
    const random = randomNumbers(3)
    const ways = ['keep', 'replace', 'debounce'] as const
    for (let round = 0; round < rounds; round++) {
      let position = Math.floor(random() * ways.length)
      const cut = proxy.cutAfterRequest((request) => request.includes(uniqueAddScript.sha) && position-- === 0)
      const adds: Promise<Job>[] = []
      for (const onConflict of ways) {
        // Two of each key.
        for (let number = 0; number < 10; number++)
          adds.push(far.add('quick', { number }, { unique: { key: `${round} ${onConflict} ${number >> 1}`, onConflict } }))
        await Promise.resolve() // the adds of one tick are one batch
      }
      const jobs = await Promise.all(adds)
      await within(2_000, cut, 'the cut')
      expect(jobs.map(({ duplicate }) => duplicate)).toEqual(jobs.map((_job, i) => i % 2 === 1))
      expect(jobs.map(({ id }) => id)).toEqual(jobs.map((_job, i) => jobs[i - (i % 2)]?.id))
    }
    expect(await near.counts()).toMatchObject({ ready: rounds * 15 + 1, scheduled: 0, blocked: 0 })
  })

  test.each(['replace', 'debounce'] as const)('add, that has replaced a job (%s): it does not undo a later one', async (onConflict) => {
    const { proxy, far, near } = await opened()
    const options = { unique: { key: 'k', onConflict }, delay: '1 h' } as const
    await far.add('quick', { number: -1 })
    const job = await near.add('quick', { number: 0 }, options)
    const cut = proxy.cutAfterRequest(uniqueAddScript.sha)
    const replacing = far.add('quick', { number: 1 }, options)
    proxy.refuse()
    await within(2_000, cut, 'the cut')
    await until(async () => (await near.getJob(job.id))?.data.number === 1, 2_000, 'the new data')
    await near.add('quick', { number: 2 }, options)
    await proxy.accept()
    expect(await replacing).toMatchObject({ id: job.id, duplicate: true, data: { number: 2 } })
    expect(await near.getJob(job.id)).toMatchObject({ state: 'scheduled', data: { number: 2 } })
  })

  test(`settle, ${rounds} times at random calls: nothing is run twice, refused or stalled`, async () => {
    const { proxy, far, near } = await opened()
    const watched = await working(far, 10)
    const random = randomNumbers(2)
    let number = 0
    for (let round = 0; round < rounds; round++) {
      let position = Math.floor(random() * 6)
      const cut = proxy.cutAfterRequest((request) => settles(request) && position-- === 0)
      const jobs = await near.addBulk(Array.from({ length: 200 }, () => ({ name: 'quick' as const, data: { number: number++ } })))
      await within(10_000, cut, 'the cut')
      await until(() => watched.completed.length === (round + 1) * jobs.length, 3_000, `the end of all jobs of round ${round}`)
    }
    expectNothingNoticed(watched, number)
    expect(await near.counts()).toMatchObject({ ready: 0, active: 0, completed: number })
  })

  test('settle: the jobs it took are adopted within 1 s of the reconnect', async () => {
    const { proxy, far, near } = await opened()
    const watched = await working(far, 5)
    const jobs = await fiveGated(watched, near)
    const lost = await loseTake(proxy, near)
    await until(() => watched.runs.size === jobs.length + 1, 5_000, 'their start')
    expect(performance.now() - lost).toBeLessThan(1_000)
    watched.open()
    await until(() => watched.completed.length === jobs.length + 1, 2_000, 'their end')
    expectNothingNoticed(watched, jobs.length + 1)
    for (const job of jobs) expect(await job.refresh()).toMatchObject({ state: 'completed', stalls: 0 })
  })

  test('settle: the jobs it took are adopted as soon as the server lets the worker compare its leases', async () => {
    const { proxy, far, near } = await opened()
    const watched = await working(far, 5)
    const jobs = await fiveGated(watched, near)
    await loseTake(proxy, near, () => near.store.redis.acl('SETUSER', 'default', '-zrevrange'))
    await until(() => watched.errors.length >= 2, 5_000, 'a second refusal, when it has tried again')
    await near.store.redis.acl('SETUSER', 'default', '+zrevrange')
    await until(() => watched.runs.size === jobs.length + 1, 5_000, 'their start')
    watched.open()
    await until(() => watched.completed.length === jobs.length + 1, 2_000, 'their end')
    expect(new Set(watched.errors.map(({ message }) => message))).toEqual(
      new Set(['the user of this connection may not use command zrevrange']),
    )
    expectNothingNoticed({ ...watched, errors: [] }, jobs.length + 1)
  })

  test('extend, five beats in a row: no lease is lost', { timeout: 40_000 }, async () => {
    const { proxy, far, near } = await opened()
    const watched = await working(far, 5)
    const jobs = await near.addBulk(Array.from({ length: 5 }, (_value, number) => ({ name: 'gated' as const, data: { number } })))
    await until(() => watched.runs.size === jobs.length, 5_000, 'running jobs')
    // A heartbeat that the server does not know is refused, not applied.
    await until(async () => ((await near.store.redis.script('EXISTS', extendScript.sha)) as number[])[0] === 1, 5_000, 'a first heartbeat')
    for (let beat = 0; beat < 5; beat++) await within(5_000, proxy.cutAfterRequest(extendScript.sha), 'the cut of a heartbeat')
    watched.open()
    await until(() => watched.completed.length === jobs.length, 2_000, 'the end of the jobs')
    expectNothingNoticed(watched, jobs.length)
  })
})
