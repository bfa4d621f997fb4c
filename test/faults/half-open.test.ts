import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

type Jobs = { quick: { number: number }; gated: { number: number } }

describeWithRedisServer('a network that swallows everything for 10 s and tells nobody', () => {
  test('calls fail in their time, recover, and nothing is lost', { timeout: 60_000 }, async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const prefix = randomPrefix()
    const far = new Queue<Jobs>('half', { store: testStore(proxy.url, { prefix, enqueueTimeout: '1 s' }) })
    const near = new Queue<Jobs>('half', { store: testStore(server.url, { prefix }) })
    let open!: () => void
    const gate = new Promise<void>((resolve) => (open = resolve))
    const runs = new Map<string, number>()
    const count = ({ id }: { id: string }): void => void runs.set(id, (runs.get(id) ?? 0) + 1)
    const worker = new Worker(
      far,
      {
        quick: async (job) => count(job),
        gated: (job) => {
          count(job)
          return gate
        },
      },
      { concurrency: 5, lease: '30 s' },
    )
    const errors: Error[] = []
    worker.on('error', (error) => errors.push(error))
    const running = worker.run()
    onTestFinished(async () => {
      open()
      await worker.close()
      await running
    })
    const gated = await far.addBulk(Array.from({ length: 3 }, (_value, number) => ({ name: 'gated' as const, data: { number } })))
    await until(() => gated.every(({ id }) => runs.has(id)), 5_000, 'running jobs')
    const waited = Promise.all(gated.map((job) => job.wait()))

    proxy.halfOpen()
    const silent = performance.now()
    // Ended in silence: these settlements have to come through later.
    open()
    const waiting = await near.addBulk(Array.from({ length: 20 }, (_value, number) => ({ name: 'quick' as const, data: { number } })))
    const unconfirmed: string[] = []
    const take = async (): Promise<boolean> => {
      const outcome = await within(
        1_500,
        far.add('quick', { number: -1 }, { id: `silent-${unconfirmed.length}` }),
        'the end of an add',
      ).then(
        () => 'confirmed',
        (error: { code?: string; jobId?: string }) => {
          unconfirmed.push(String(error.jobId))
          return error.code
        },
      )
      expect(outcome).toBe('RIPEN_ENQUEUE_TIMEOUT')
      await expect(within(1_500, far.counts(), 'the end of a call')).rejects.toMatchObject({ code: 'RIPEN_CONNECTION' })
      return performance.now() - silent >= 10_000
    }
    await until(take, 15_000, 'the end of the silence')
    proxy.restore()
    proxy.cut()
    const back = performance.now()

    await until(
      () =>
        far.counts().then(
          () => true,
          () => false,
        ),
      2_000,
      'a call that is answered',
    )
    const again = await Promise.all(unconfirmed.map((id) => far.add('quick', { number: -1 }, { id })))
    expect(again.map(({ id }) => id)).toEqual(unconfirmed)
    await within(3_000, waited, 'the results of those who waited')
    const ids = [...gated, ...waiting, ...again].map(({ id }) => id)
    await until(async () => (await near.counts()).completed === ids.length, 3_000, 'the end of all jobs')
    console.log(`all ${ids.length} jobs had ended ${Math.round(performance.now() - back)} ms after the network was back`)
    expect([...runs.keys()].toSorted()).toEqual(ids.toSorted())
    expect([...runs.values()].filter((times) => times !== 1)).toEqual([])
    // Of nothing but that the worker took nothing meanwhile.
    expect(errors.filter(({ message }) => !message.includes('takes no jobs'))).toEqual([])
  })

  test('a silent connection is given up by itself, also when it is never closed', { timeout: 30_000 }, async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const far = new Queue<Jobs>('half', { store: testStore(proxy.url, { enqueueTimeout: '20 s' }) })
    await far.add('quick', { number: 0 })
    proxy.halfOpen()
    const adding = far.add('quick', { number: 1 })
    // New connections work; the one in use stays silent for ever.
    proxy.restore()
    expect((await within(8_000, adding, 'the add, on another connection')).duplicate).toBe(false)
    expect((await far.counts()).ready).toBe(2)
    proxy.cut()
  })
})
