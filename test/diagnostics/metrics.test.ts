import { openStore, type Store } from '@ripen/store'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { monitor } from '../../packages/store/src/diagnostics/index.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { freePort } from '../support/free-port.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { Telemetry } from './telemetry.ts'

const requests = 'redis_client_requests_total'
const active = 'redis_client_active_requests'
const latency = 'redis_client_latency_seconds'

onEachServer((_name, server) => {
  let store: Store
  let telemetry: Telemetry
  let key: string
  beforeEach(() => {
    store = testStore(server.url)
    telemetry = new Telemetry()
    key = `{${randomPrefix()}}`
  })

  const labels = (command: string): object => ({ command, database: 0, client_name: 'db', type: store.topology })

  describe('BP-14 the metrics of', () => {
    test('BP-14 a command: one request, one latency, nothing active', async () => {
      await monitor(store, { name: 'db', meter: telemetry.meter }).redis.set(key, 'x')
      expect(await telemetry.counted(requests)).toEqual([{ ...labels('set'), success: true, value: 1 }])
      expect(await telemetry.counted(active)).toEqual([{ ...labels('set'), value: 0 }])
      const [point, ...more] = await telemetry.distribution(latency)
      expect(more).toEqual([])
      expect(point).toMatchObject({ labels: { ...labels('set'), success: true }, histogram: { count: 1 } })
      // In seconds: a server nearby answers within one, and buckets are fine enough to see it.
      expect(point?.histogram.sum).toBeGreaterThan(0)
      expect(point?.histogram.sum).toBeLessThan(1)
      expect(point?.histogram.buckets.boundaries.filter((bound) => bound < 1).length).toBeGreaterThan(5)
    })

    test('BP-14 a command under way: it is active until its answer', async () => {
      const monitored = monitor(store, { name: 'db', meter: telemetry.meter })
      const client = await monitored.blocking()
      const popped = client.blpop(key, 10)
      expect(await telemetry.counted(active)).toEqual([{ ...labels('blpop'), value: 1 }])
      expect(await telemetry.counted(requests)).toEqual([])
      await store.redis.rpush(key, 'x')
      await within(5_000, popped, 'the pop')
      expect(await telemetry.counted(active)).toEqual([{ ...labels('blpop'), value: 0 }])
    })

    test('BP-14 a refused command, and one whose connection ends: failures, nothing active', async () => {
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
        { ...labels('incr'), success: false, value: 1 },
        { ...labels('ping'), success: true, value: 1 },
        { ...labels('blpop'), success: false, value: 1 },
      ])
      expect((await telemetry.counted(active)).map(({ value }) => value)).toEqual([0, 0, 0])
    })

    test('BP-14 a pipeline of two commands: one request, active once', async () => {
      const seen: number[] = []
      const meter = {
        createHistogram: () => ({ record: () => undefined }),
        createCounter: () => ({ add: () => undefined }),
        createUpDownCounter: () => ({ add: (value: number) => void seen.push(value) }),
      }
      const pipelined = (monitored: ReturnType<typeof monitor>): Promise<unknown> =>
        monitored.pipeline('two').set(`${key}1`, 1).set(`${key}2`, 2).exec()
      await pipelined(monitor(store, { name: 'db', meter: telemetry.meter }))
      expect(await telemetry.counted(requests)).toEqual([{ ...labels('pipeline'), success: true, value: 1 }])
      expect((await telemetry.distribution(latency)).map(({ histogram }) => histogram.count)).toEqual([1])
      await pipelined(monitor(store, { name: 'db', meter }))
      expect(seen).toEqual([1, -1])
    })

    test('BP-14 a failing pipeline: one failure, nothing active', async () => {
      const monitored = monitor(store, { name: 'db', meter: telemetry.meter })
      await monitored.pipeline('bad').set(key, 'text').incr(key).exec()
      expect(await telemetry.counted(requests)).toEqual([{ ...labels('pipeline'), success: false, value: 1 }])
      expect(await telemetry.counted(active)).toEqual([{ ...labels('pipeline'), value: 0 }])
    })
  })
})

test('BP-14 a server that is not there: failures, nothing active', async () => {
  const store = openStore({ url: `redis://127.0.0.1:${await freePort()}`, redis: { maxRetriesPerRequest: 0 } })
  onTestFinished(() => store.close())
  const telemetry = new Telemetry()
  const monitored = monitor(store, { name: 'db', ...telemetryOptions(telemetry) })
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

function telemetryOptions({ tracer, meter }: Telemetry): Pick<Telemetry, 'tracer' | 'meter'> {
  return { tracer, meter }
}
