import { Queue, type JobOptions } from '@ripen/queue'
import type { Duration } from '@ripen/store'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { Composition } from '../../packages/queue/src/features/composition.ts'
import { addScript, schedulePutScript, scheduleRemoveScript, settleScript, tickScript } from '../../packages/queue/src/scripts.generated.ts'
import { ticking } from '../queue/ticking.ts'
import { until, within } from '../support/deadline.ts'
import { deliverLate } from '../support/late-delivery.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

type Jobs = { quick: undefined; hold: undefined }

/** As it is sent for a queue that uses unique keys. */
const uniqueAddScript = Composition.of('unique').script(addScript)

const hourly = { every: '1 h', job: { name: 'quick' } } as const

interface Intercepted {
  readonly cut: Promise<void>
  readonly deliver: () => Promise<void>
}

interface Opened {
  readonly proxy: TcpProxy
  /** Through the proxy, with its scripts known to the server. */
  readonly far: Queue<Jobs>
  /** Beside it. */
  readonly near: Queue<Jobs>
  /**
   * Cuts the connection before the next call of this script arrives; what the network still had of it comes
   * later.
   */
  readonly intercept: (script: { readonly sha: string }) => Intercepted
}

async function opened(enqueueTimeout: Duration = '5 s'): Promise<Opened> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const far = new Queue<Jobs>('late', { store: testStore(proxy.url, { prefix, enqueueTimeout }) })
  const near = new Queue<Jobs>('late', { store: testStore(server.url, { prefix }) })
  const intercept = (script: { readonly sha: string }): Intercepted => {
    let copy = Buffer.alloc(0)
    const cut = proxy.cutBeforeRequest((request) => {
      if (!request.includes(script.sha)) return false
      copy = Buffer.from(request)
      return true
    })
    return { cut, deliver: () => deliverLate(server.port, copy) }
  }
  return { proxy, far, near, intercept }
}

// A network that comes back delivers what a dead connection had in its buffers: the first copy of a call may
// arrive after the copy that was sent again.
describeWithRedisServer('a call that arrives after its own repetition', () => {
  test('add: a job that has ended meanwhile does not come back', async () => {
    const { far, near, intercept } = await opened()
    const retain = { completed: false } as const
    const worker = new Worker(near, { quick: async () => undefined, hold: async () => undefined })
    const completed: string[] = []
    worker.on('completed', ({ id }) => completed.push(id))
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    await far.add('quick', undefined, { retain })
    const { cut, deliver } = intercept(addScript)
    const job = await far.add('quick', undefined, { retain })
    await cut
    await until(() => completed.includes(job.id), 5_000, 'the end of the job')
    await deliver()
    await far.add('quick', undefined, { id: 'last', retain })
    await until(() => completed.includes('last'), 5_000, 'the end of the last job')
    expect(completed.filter((id) => id === job.id)).toEqual([job.id])
  })

  test('add: a job that waits keeps its one place', async () => {
    const { far, near, intercept } = await opened()
    await far.add('quick', undefined, { id: 'before' })
    const { cut, deliver } = intercept(addScript)
    const job = await far.add('quick')
    await cut
    await far.add('quick', undefined, { id: 'after' })
    await deliver()
    expect((await near.getJobs({ state: 'ready' })).jobs.map(({ id }) => id)).toEqual(['before', job.id, 'after'])
  })

  test('add: one with a unique key decides nothing, whether the key is free again or held', async () => {
    const { far, near, intercept } = await opened()
    const options = { unique: { key: 'k', onConflict: 'replace' } } as const
    await far.add('quick', undefined, { id: 'before' })
    await near.store.redis.script('LOAD', uniqueAddScript.source)
    const first = intercept(uniqueAddScript)
    const gone = await far.add('quick', undefined, options)
    await first.cut
    await gone.remove()
    await first.deliver()
    expect(await near.counts()).toMatchObject({ ready: 1 })

    const job = await near.add('quick', undefined, options)
    const second = intercept(uniqueAddScript)
    expect(await far.add('hold', undefined, options)).toMatchObject({ id: job.id, name: 'hold', duplicate: true })
    await second.cut
    await near.add('quick', undefined, options)
    await second.deliver()
    expect((await near.getJobs({ state: 'ready' })).jobs.map(({ id, name }) => [id, name])).toEqual([
      ['before', 'quick'],
      [job.id, 'quick'],
    ])
  })

  test('add: a job that was added again by its id, and has ended, does not come back with the add that was given up', async () => {
    const { proxy, far, near, intercept } = await opened('300 ms')
    const runs: string[] = []
    const worker = new Worker(near, { quick: async ({ id }) => void runs.push(id), hold: async () => undefined })
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close()
      await running
    })
    await (await far.add('quick')).wait()
    await near.store.redis.script('LOAD', uniqueAddScript.source)
    const ways: (JobOptions & { beside?: string })[] = [{}, { priority: 1 }, { beside: 'a job with an id' }, { unique: 'k' }]
    for (const [position, { beside, ...options }] of ways.entries()) {
      const { cut, deliver } = intercept(options.unique === undefined ? addScript : uniqueAddScript)
      const given = far.add('quick', undefined, options).catch((error: unknown) => error as { code: string; jobId: string })
      const other = beside === undefined ? undefined : far.add('quick', undefined, { id: beside }).catch((error: unknown) => error)
      await cut
      proxy.refuse()
      const error = (await given) as { code: string; jobId: string }
      expect(error.code).toBe('RIPEN_ENQUEUE_TIMEOUT')
      await other
      const again = await near.add('quick', undefined, { id: error.jobId, retain: { completed: position === 0 ? '1 h' : false } })
      await until(() => runs.includes(again.id), 5_000, 'the run of the job')
      await until(async () => (await near.counts()).active === 0, 5_000, 'its end')
      await deliver()
      await proxy.accept()
      const last = await near.add('quick', undefined, { id: `last-${position}` })
      await last.wait()
      expect(runs.filter((id) => id === again.id)).toEqual([again.id])
      expect(await near.counts()).toMatchObject({ ready: 0, active: 0 })
    }
  })

  test('add: of one that was cut off nobody says that it was refused, though the memory is full when it is sent again', async () => {
    const { far, near, intercept } = await opened('300 ms')
    await far.add('quick')
    const { cut, deliver } = intercept(addScript)
    await near.store.redis.config('SET', 'maxmemory', '1')
    const given = far.add('quick').catch((error: unknown) => error)
    await cut
    const error = (await given) as { jobId: string }
    expect(error).toMatchObject({ code: 'RIPEN_ENQUEUE_TIMEOUT', cause: { cause: { code: 'RIPEN_STORE_FULL' } } })
    await expect(far.add('quick')).rejects.toMatchObject({ code: 'RIPEN_STORE_FULL' })
    await near.store.redis.config('SET', 'maxmemory', '0')
    await deliver()
    expect(await near.getJob(error.jobId)).toMatchObject({ state: 'ready' })
  })

  test.for(
    Composition.of('')
      .complete(settleScript)
      .map((script, variant) => [variant === 0 ? 'settle' : 'settle that tidies', script] as const),
  )('%s: it leases no job to nobody', async ([, script]) => {
    const { far, near, intercept } = await opened()
    const worker = new Worker(
      far,
      { quick: async () => undefined, hold: () => new Promise(() => undefined) },
      { concurrency: 3, prefetch: 0 },
    )
    const running = worker.run()
    onTestFinished(async () => {
      await worker.close({ timeout: 1_000 })
      await running
    })
    const drained = new Promise<void>((resolve) => worker.once('drained', () => resolve()))
    await near.add('quick')
    await within(5_000, drained, 'an idle worker')
    // The call that takes one job, sent twice: its late copy must not take the other three, of which two
    // would find no free hand.
    const { cut, deliver } = intercept(script)
    await cut
    await until(async () => (await near.counts()).active === 0, 2_000, 'a worker that looks')
    await near.addBulk(Array.from({ length: 3 }, () => ({ name: 'hold' as const })))
    await until(async () => (await near.counts()).active === 3, 5_000, 'three running jobs')
    await near.addBulk(Array.from({ length: 3 }, () => ({ name: 'hold' as const })))
    await deliver()
    expect(await near.counts()).toMatchObject({ ready: 3, active: 3 })
  })

  test('schedulePut: a schedule that was removed meanwhile does not come back', async () => {
    const { far, near, intercept } = await opened()
    await far.schedules.upsert('other', hourly)
    const { cut, deliver } = intercept(schedulePutScript)
    await far.schedules.upsert('some', hourly)
    await cut
    expect(await near.schedules.remove('some')).toBe(true)
    await deliver()
    expect(await near.schedules.get('some')).toBeNull()
  })

  test('scheduleRemove: a schedule that was made meanwhile stays', async () => {
    const { far, near, intercept } = await opened()
    for (const id of ['other', 'some']) await far.schedules.upsert(id, hourly)
    await far.schedules.remove('other')
    const { cut, deliver } = intercept(scheduleRemoveScript)
    expect(await far.schedules.remove('some')).toBe(true)
    await cut
    const made = await near.schedules.upsert('some', hourly)
    await deliver()
    expect(await near.schedules.get('some')).toEqual(made)
  })

  test('tick: a run is added once', async () => {
    const { far, near, intercept } = await opened()
    await far.schedules.upsert('some', { ...hourly, catchUp: 'all', overlap: 'all' })
    const { look, tick } = await ticking(far)
    far.store.clockOffset = 3_601_000
    await tick(await look())
    far.store.clockOffset = 7_201_000
    const { cut, deliver } = intercept(tickScript)
    await tick(await look())
    await cut
    await deliver()
    expect(await near.schedules.get('some')).toMatchObject({ runs: 2 })
    expect((await near.counts()).ready).toBe(2)
  })
})
