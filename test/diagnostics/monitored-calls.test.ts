import { Queue } from '@ripen/queue'
import type { Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { monitor } from '../../packages/store/src/diagnostics/index.ts'
import { openedStore } from '../store/opened-store.ts'
import { rejection } from '../store/rejection.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { monitorSetup } from './monitor-setup.ts'

function queueOn(store: Store): Queue {
  const queue = new Queue('monitored', { store })
  onTestFinished(() => queue.close())
  return queue
}

onEachServer((name, server) => {
  // Its server knows no replicas.
  if (name !== 'embedded')
    test('an add with a durability is traced, its script and the wait for replicas', async () => {
      const { telemetry, monitored } = monitorSetup(server.url)
      const queue = queueOn(monitored)
      await queue.add('plain', 1)
      telemetry.forgetSpans()
      expect(await rejection(queue.add('durable', 1, { durability: { replicas: 9, timeout: 20 } }))).toMatchObject({
        code: 'RIPEN_DURABILITY',
      })
      expect(telemetry.names.slice(-2)).toEqual(['db.EVALSHA', 'db.WAIT'])
    })

  describe('close of a monitored store', () => {
    if (name !== 'embedded')
      test('ends an add that waits for replicas', async () => {
        const { store, telemetry, monitored } = monitorSetup(server.url)
        const added = rejection(queueOn(monitored).add('durable', 1, { durability: { replicas: 9, timeout: '30 s' } }))
        await until(() => telemetry.names.includes('db.WAIT'), 3_000, 'the wait for replicas')
        await monitored.close()
        expect(await within(1_000, added, 'the end of the add')).toMatchObject({ code: 'RIPEN_CLOSING' })
        expect(await store.now()).toBeGreaterThan(0)
      })

    test('ends who waits for a job or watches it', async () => {
      const { store, monitored } = monitorSetup(server.url)
      const job = await queueOn(monitored).add('some', 1)
      const watched = job.watch()
      await watched.next()
      const ends = [rejection(job.wait()), rejection(watched.next())]
      await until(async () => (await internals(store).caller.call((client) => client.ping())) === 'PONG', 1_000, 'an answer')
      await monitored.close()
      for (const error of await within(2_000, Promise.all(ends), 'both ends')) expect(error).toMatchObject({ code: 'RIPEN_CLOSING' })
      const other = await queueOn(store).getJob(job.id)
      expect(other).toMatchObject({ state: 'ready' })
    })

    test('refuses what comes after it', async () => {
      const { monitored } = monitorSetup(server.url)
      const { replicated, subscriber } = internals(monitored)
      await monitored.close()
      const uses = [
        () => monitored.ready(),
        () => monitored.database('things'),
        () => subscriber.listen('channel', () => undefined),
        () => replicated.script({ keys: [] } as never, { keys: {} } as never, { replicas: 1, fsync: false, timeout: 1 }),
      ]
      for (const use of uses) expect(await rejection(use)).toMatchObject({ code: 'RIPEN_CLOSING' })
    })

    // A cluster has one database.
    if (name !== 'cluster')
      test('closes its databases, and leaves those of the store open', async () => {
        const store = testStore(server.url, { names: { things: 3 } })
        const monitored = monitor(store, { name: 'db' })
        const things = await monitored.database('things')
        expect(await monitored.database('things')).toBe(things)
        await monitored.close()
        expect(await rejection(() => things.now())).toMatchObject({ code: 'RIPEN_CLOSING' })
        expect(await (await store.database('things')).now()).toBeGreaterThan(0)
      })
  })
})

describeWithRedisServer('in an outage', () => {
  test('a call that waits ends with the monitored store, or with the store', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    const store = openedStore({ url: proxy.url, enqueueTimeout: '20 s' })
    const [first, second] = [monitor(store, { name: 'first' }), monitor(store, { name: 'second' })]
    await first.now()
    proxy.refuse()
    proxy.cut()
    const ended = rejection(first.now())
    const goesOn = rejection(internals(second).caller.call((client) => client.time(), { budget: Infinity }))
    await first.close()
    expect(await within(1_000, ended, 'the end of the call')).toMatchObject({
      code: 'RIPEN_CLOSING',
      message: 'the monitored store is closing',
    })
    await store.close()
    expect(await within(1_000, goesOn, 'the end of the call')).toMatchObject({ code: 'RIPEN_CLOSING', message: 'the store is closing' })
  })

  // A worker compares its leases when it sees that a connection was made anew.
  test('connections are counted, and their trouble is told, as by the store', async () => {
    const proxy = await tcpProxy(inject('testServer').url)
    onTestFinished(() => proxy.close())
    const store = openedStore({ url: proxy.url, enqueueTimeout: '10 s' })
    const monitored = monitor(store, { name: 'db' })
    const { caller } = internals(monitored)
    await monitored.now()
    expect(caller.connections).toBe(internals(store).caller.connections)
    expect(caller.connections).toBeGreaterThan(0)
    const before = caller.connections
    proxy.refuse()
    proxy.cut()
    const late = monitored.now()
    await until(() => caller.trouble !== undefined, 3_000, 'the trouble')
    await proxy.accept()
    await late
    expect(caller.connections).toBeGreaterThan(before)
  })
})
