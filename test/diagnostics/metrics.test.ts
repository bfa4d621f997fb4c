import { openStore, type Store } from '@ripen/store'
import { describe, expect, onTestFinished, test } from 'vitest'
import { monitor } from '../../packages/store/src/diagnostics/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { monitorSetup } from './monitor-setup.ts'
import { Telemetry } from './telemetry.ts'

const requests = 'redis_client_requests_total'
const active = 'redis_client_active_requests'
const latency = 'redis_client_latency_seconds'

const labels = ({ topology }: Store, command: string): object => ({ command, database: 0, client_name: 'db', type: topology })

onEachServer((_name, server) => {
  describe('BP-14 the metrics of', () => {
    test('BP-14 a command: one request, one latency, nothing active', async () => {
      const { store, telemetry, key } = monitorSetup(server.url)
      await monitor(store, { name: 'db', meter: telemetry.meter }).redis.set(key, 'x')
      expect(await telemetry.counted(requests)).toEqual([{ ...labels(store, 'set'), success: true, value: 1 }])
      expect(await telemetry.counted(active)).toEqual([{ ...labels(store, 'set'), value: 0 }])
      const [point, ...more] = await telemetry.distribution(latency)
      expect(more).toEqual([])
      expect(point).toMatchObject({ labels: { ...labels(store, 'set'), success: true }, histogram: { count: 1 } })
      // In seconds: a server nearby answers within one, and buckets are fine enough to see it.
      expect(point?.histogram.sum).toBeGreaterThan(0)
      expect(point?.histogram.sum).toBeLessThan(1)
      expect(point?.histogram.buckets.boundaries.filter((bound) => bound < 1).length).toBeGreaterThan(5)
    })

    test('BP-14 a command under way: it is active until its answer', async () => {
      const { store, telemetry, key } = monitorSetup(server.url)
      const monitored = monitor(store, { name: 'db', meter: telemetry.meter })
      const client = await monitored.blocking()
      const popped = client.blpop(key, 10)
      expect(await telemetry.counted(active)).toEqual([{ ...labels(store, 'blpop'), value: 1 }])
      expect(await telemetry.counted(requests)).toEqual([])
      await store.redis.rpush(key, 'x')
      await within(5_000, popped, 'the pop')
      expect(await telemetry.counted(active)).toEqual([{ ...labels(store, 'blpop'), value: 0 }])
    })

    test('BP-14 a refused command, and one whose connection ends: failures, nothing active', async () => {
      const { store, telemetry, key } = monitorSetup(server.url)
      const monitored = monitor(store, { name: 'db', meter: telemetry.meter })
      await store.redis.set(key, 'text')
      await expect(monitored.redis.incr(key)).rejects.toThrow('integer')
      const client = await monitored.blocking()
      await client.ping()
      const popped = client.blpop(`${key}2`, 10)
      popped.catch(() => undefined) // looked at below
      client.disconnect()
      await expect(within(5_000, popped, 'the end of the pop')).rejects.toThrow('closed')
      expect(await telemetry.counted(requests)).toEqual([
        { ...labels(store, 'incr'), success: false, value: 1 },
        { ...labels(store, 'ping'), success: true, value: 1 },
        { ...labels(store, 'blpop'), success: false, value: 1 },
      ])
      expect((await telemetry.counted(active)).map(({ value }) => value)).toEqual([0, 0, 0])
    })

    test('BP-14 a pipeline of two commands: one request, active once', async () => {
      const { store, telemetry, key } = monitorSetup(server.url)
      const seen: number[] = []
      const meter = {
        createHistogram: () => ({ record: () => undefined }),
        createCounter: () => ({ add: () => undefined }),
        createUpDownCounter: () => ({ add: (value: number) => void seen.push(value) }),
      }
      const pipelined = (monitored: ReturnType<typeof monitor>): Promise<unknown> =>
        monitored.pipeline('two').set(`${key}1`, 1).set(`${key}2`, 2).exec()
      await pipelined(monitor(store, { name: 'db', meter: telemetry.meter }))
      expect(await telemetry.counted(requests)).toEqual([{ ...labels(store, 'pipeline'), success: true, value: 1 }])
      expect((await telemetry.distribution(latency)).map(({ histogram }) => histogram.count)).toEqual([1])
      await pipelined(monitor(store, { name: 'db', meter }))
      expect(seen).toEqual([1, -1])
    })

    test('BP-14 a failing pipeline: one failure, nothing active', async () => {
      const { store, telemetry, key } = monitorSetup(server.url)
      const monitored = monitor(store, { name: 'db', meter: telemetry.meter })
      await monitored.pipeline('bad').set(key, 'text').incr(key).exec()
      expect(await telemetry.counted(requests)).toEqual([{ ...labels(store, 'pipeline'), success: false, value: 1 }])
      expect(await telemetry.counted(active)).toEqual([{ ...labels(store, 'pipeline'), value: 0 }])
    })
  })
})

test('BP-14 a server that is not there: failures, nothing active', async () => {
  const store = openStore({ url: `redis://127.0.0.1:${await freePort()}`, redis: { maxRetriesPerRequest: 0 } })
  onTestFinished(() => store.close())
  const telemetry = new Telemetry()
  const monitored = monitor(store, { name: 'db', tracer: telemetry.tracer, meter: telemetry.meter })
  await expect(monitored.redis.set('key', 'x')).rejects.toThrow()
  expect(await monitored.pipeline('gone').set('key', 'x').exec()).toMatchObject([[expect.any(Error)]])
  expect(await telemetry.counted(requests)).toMatchObject([
    { command: 'set', success: false, value: 1 },
    { command: 'pipeline', success: false, value: 1 },
  ])
  expect((await telemetry.counted(active)).map(({ value }) => value)).toEqual([0, 0])
  expect(telemetry.spans).toMatchObject([
    { name: 'db.SET', status: { code: 2 } },
    { name: 'db.pipeline_gone', status: { code: 2 } },
  ])
})
