import { SortedSet } from '@ripen/queue'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { contextFactory, monitor, type MonitorContext, type MonitorOptions } from '../../packages/store/src/diagnostics/index.ts'
import { TreeLock } from '../../packages/store/src/lock/index.ts'
import { rejection } from '../store/rejection.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { monitorSetup } from './monitor-setup.ts'
import { Telemetry } from './telemetry.ts'

const failed = 2

onEachServer((name, server) => {
  describe('within a server span', () => {
    test('BP-10 a command is exactly one child span', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const request = telemetry.tracer.startSpan('request')
      const { redis } = contextFactory(store, { tracer: telemetry.tracer }).forSpan('redis', request)
      expect(await redis.ping()).toBe('PONG')
      expect(telemetry.spans).toMatchObject([
        {
          name: 'redis.PING',
          kind: 2,
          ended: true,
          status: { code: 0 },
          events: [],
          parentSpanContext: { spanId: request.spanContext().spanId, traceId: request.spanContext().traceId },
        },
      ])
    })

    test('BP-11 an unknown command fails, and its span with it', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const request = telemetry.tracer.startSpan('request')
      const { redis } = contextFactory(store, { tracer: telemetry.tracer }).forSpan('redis', request)
      const error: unknown = await redis.call('crazycommand').catch((cause: unknown) => cause)
      expect(error).toMatchObject({ name: 'ReplyError', message: expect.stringContaining('unknown command') as string })
      expect(telemetry.spans).toMatchObject([
        {
          name: 'redis.crazycommand',
          ended: true,
          // Without the arguments, which the server repeats: they may be secret.
          status: { code: failed, message: "ERR unknown command 'crazycommand'" },
          events: [{ name: 'exception', attributes: { 'exception.message': "ERR unknown command 'crazycommand'" } }],
          parentSpanContext: { spanId: request.spanContext().spanId },
        },
      ])
    })

    test('BP-12 a named pipeline is exactly one child span, around exec', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const request = telemetry.tracer.startSpan('request')
      const redis = contextFactory(store, { tracer: telemetry.tracer }).forSpan('redis', request)
      const pipeline = redis.pipeline('foo')
      pipeline.ping()
      expect(telemetry.spans).toEqual([])
      expect(await pipeline.exec()).toEqual([[null, 'PONG']])
      expect(telemetry.spans).toMatchObject([
        {
          name: 'redis.pipeline_foo',
          ended: true,
          status: { code: 0 },
          parentSpanContext: { spanId: request.spanContext().spanId },
        },
      ])
    })

    test('BP-13 a lock makes child spans, all of which end', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const request = telemetry.tracer.startSpan('request')
      const redis = contextFactory(store, { tracer: telemetry.tracer }).forSpan('redis', request)
      const lease = await new TreeLock(redis, 'foo').acquire()
      const entered = telemetry.spans.length
      expect(entered).toBeGreaterThan(0)
      expect(await lease.release()).toBe(true)
      expect(telemetry.spans.length).toBeGreaterThan(entered)
      for (const span of telemetry.spans) {
        expect(span.name).toMatch(/^redis\.EVAL(SHA)?$/)
        expect(span).toMatchObject({ ended: true, parentSpanContext: { spanId: request.spanContext().spanId } })
      }
    })

    test('a local span within it has a view of its own', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const factory = contextFactory(store, { tracer: telemetry.tracer })
      const [outer, inner] = [telemetry.tracer.startSpan('outer'), telemetry.tracer.startSpan('inner')]
      await Promise.all([factory.forSpan('one', outer).redis.ping(), factory.forSpan('two', inner).redis.ping()])
      const parents = Object.fromEntries(telemetry.spans.map((span) => [span.name, span.parentSpanContext?.spanId]))
      expect(parents).toEqual({ 'one.PING': outer.spanContext().spanId, 'two.PING': inner.spanContext().spanId })
    })

    test('a hundred views open no connection', async () => {
      const { store, telemetry } = monitorSetup(server.url)
      const factory = contextFactory(store, { tracer: telemetry.tracer })
      await store.redis.ping()
      const before = store.redis.listenerCount('ready')
      for (let i = 0; i < 100; i++) {
        const view = factory.forSpan('redis', telemetry.tracer.startSpan('request'))
        await Promise.all([view.redis.ping(), view.now()])
        await view.close()
      }
      expect(telemetry.spans.length).toBe(200)
      expect(store.redis.listenerCount('ready')).toBe(before)
      expect(await store.redis.ping()).toBe('PONG')
    })
  })

  describe('a monitored store', () => {
    test('names commands as they are sent, and answers as the store does', async () => {
      const { telemetry, monitored, key } = monitorSetup(server.url)
      const { redis } = monitored
      expect(await redis.set(key, 'one')).toBe('OK')
      expect(await redis.call('get', key)).toBe('one')
      expect(await redis.call('GET', key)).toBe('one')
      expect(await redis.getBuffer(key)).toEqual(Buffer.from('one'))
      expect(await new Promise((resolve) => void redis.get(key, (_error, value) => resolve(value)))).toBe('one')
      expect(telemetry.names).toEqual(['db.SET', 'db.get', 'db.GET', 'db.GET', 'db.GET'])
      expect(JSON.stringify(telemetry.spans.map(({ attributes }) => attributes))).not.toContain(key)
    })

    test("leaves the store's own client alone", async () => {
      const { store, telemetry, monitored } = monitorSetup(server.url)
      await store.redis.ping()
      expect(telemetry.spans).toEqual([])
      expect(monitored.redis).not.toBe(store.redis)
      expect(monitored.redis).toBe(monitored.redis)
      expect(monitored.redis.status).toBe(store.redis.status)
      expect(monitored.redis).toBeInstanceOf(name === 'cluster' ? Cluster : Redis)
    })

    test('traces each command of a transaction, of a pipeline without a name, of a script and of a scan', async () => {
      const { telemetry, monitored, key } = monitorSetup(server.url)
      const { redis } = monitored
      expect(await redis.multi().set(key, 1).incr(key).exec()).toEqual([
        [null, 'OK'],
        [null, 2],
      ])
      expect(telemetry.names).toEqual(['db.MULTI', 'db.SET', 'db.INCR', 'db.EXEC'])
      telemetry.forgetSpans()
      await redis.pipeline().incr(key).get(key).exec()
      expect(telemetry.names).toEqual(['db.INCR', 'db.GET'])
      telemetry.forgetSpans()
      redis.defineCommand('twice', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], 2)" })
      expect(await (redis as unknown as { twice(key: string): Promise<number> }).twice(key)).toBe(5)
      expect(telemetry.names).toEqual(['db.EVALSHA'])
      telemetry.forgetSpans()
      await redis.hset(`${key}h`, 'field', 'value')
      const found: unknown[] = []
      for await (const page of redis.hscanStream(`${key}h`)) found.push(page)
      expect(found).toEqual([['field', 'value']])
      expect(telemetry.names).toEqual(['db.HSET', 'db.HSCAN'])
    })

    test('marks the span of a transaction one of whose commands failed', async () => {
      const { telemetry, monitored, key } = monitorSetup(server.url)
      const { redis } = monitored
      await redis.set(key, 'text')
      const results = await redis.multi().incr(key).exec()
      expect(results?.[0]?.[0]).toBeInstanceOf(Error)
      expect(telemetry.spans.at(-1)).toMatchObject({ name: 'db.EXEC', status: { code: failed } })
    })

    test('traces the scripts of what is built on it', async () => {
      const { telemetry, monitored, key } = monitorSetup(server.url)
      const set = new SortedSet(monitored, key)
      await set.add('item')
      expect(await set.take(1)).toEqual(['item'])
      expect(await set.size()).toBe(0)
      expect(Math.abs((await monitored.now()) - Date.now())).toBeLessThan(5_000)
      const names = telemetry.names.filter((span) => span !== 'db.EVAL')
      expect(names).toEqual(['db.EVALSHA', 'db.EVALSHA', 'db.ZCARD', 'db.TIME'])
    })

    test('traces a blocking command as one span, marked as such', async () => {
      const { store, telemetry, monitored, key } = monitorSetup(server.url)
      const client = await monitored.blocking()
      const popped = client.blpop(key, 5)
      await store.redis.rpush(key, 'message')
      expect(await within(4_000, popped, 'the pop')).toEqual([key, 'message'])
      expect(telemetry.spans).toMatchObject([{ name: 'db.BLPOP', attributes: { 'redis.blocking': true } }])
      await monitored.redis.ping()
      expect(telemetry.spans[1]?.attributes).not.toHaveProperty('redis.blocking')
    })

    test('is closed by itself: what it gave out ends, and the store stays open', async () => {
      const { store, monitored } = monitorSetup(server.url)
      const client = await monitored.blocking()
      await client.ping()
      const ended = new Promise((resolve) => client.once('end', () => resolve(true)))
      await monitored.close()
      await monitored.close()
      expect(await within(2_000, ended, 'the end of the connection')).toBe(true)
      const uses = [() => monitored.redis, () => monitored.pipeline('x'), () => monitored.now(), () => monitored.blocking()]
      for (const use of uses) expect(await rejection(use)).toMatchObject({ code: 'RIPEN_CLOSING' })
      expect(await store.redis.ping()).toBe('PONG')
      expect(await store.now()).toBeGreaterThan(0)
    })

    test('is the store in all else', async () => {
      const { store, monitored } = monitorSetup(server.url)
      expect(await monitored.ready()).toBe(monitored)
      expect(monitored).toMatchObject({ topology: store.topology, url: store.url, clockOffset: 0 })
      store.clockOffset = 3_600_000
      expect((await monitored.now()) - Date.now()).toBeGreaterThan(3_000_000)
      monitored.clockOffset = 0
      expect(store.clockOffset).toBe(0)
    })

    // A cluster has one database.
    if (name !== 'cluster')
      test('a named database of it is monitored as well', async () => {
        const { telemetry, key } = monitorSetup(server.url)
        const named = testStore(server.url, { names: { things: 3 } })
        const things = await monitor(named, { name: 'db', tracer: telemetry.tracer, meter: telemetry.meter }).database('things')
        await things.redis.set(key, 'x')
        expect(telemetry.spans).toMatchObject([{ name: 'db.SET', attributes: { 'db.namespace': '3' } }])
        expect(await telemetry.counted('redis_client_requests_total')).toMatchObject([{ database: 3 }])
      })
  })

  test('with neither tracer nor meter the commands go to the client itself', async () => {
    const { store, key } = monitorSetup(server.url)
    const monitored = monitor(store, { name: 'db' })
    expect(monitored.redis).toBe(store.redis)
    expect(await monitored.pipeline('plain').set(key, 1).get(key).exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
    ])
    expect(await monitored.now()).toBeGreaterThan(0)
  })

  test('without a span given, the tracer finds the parent by its own rules', async () => {
    const { store } = monitorSetup(server.url)
    const given: unknown[] = []
    const span = { recordException: () => undefined, setStatus: () => undefined, end: () => undefined }
    const tracer = {
      startSpan(...parameters: [string, object?, MonitorContext?]) {
        given.push(parameters[2])
        return span
      },
    }
    await monitor(store, { name: 'db', tracer }).redis.ping()
    await contextFactory(store, { tracer }).forSpan('db', span).redis.ping()
    expect(given[0]).toBeUndefined()
    const context = given[1] as MonitorContext
    const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')
    expect(context.getValue(spanKey)).toBe(span)
    expect(context.getValue(Symbol('other'))).toBeUndefined()
    const changed = context.setValue(spanKey, 'another')
    expect([context.getValue(spanKey), changed.getValue(spanKey), changed.deleteValue(spanKey).getValue(spanKey)]).toEqual([
      span,
      'another',
      undefined,
    ])
  })
})

describe('options', () => {
  test('that break their rule are refused', async () => {
    const store = testStore()
    const { tracer } = new Telemetry()
    const refused = async (options: unknown): Promise<string | undefined> =>
      (await rejection(() => monitor(store, options as MonitorOptions))).option
    expect(await refused(undefined)).toBe('name')
    expect(await refused({ name: '' })).toBe('name')
    expect(await refused({ name: 'db', tracer: {} })).toBe('tracer')
    expect(await refused({ name: 'db', meter: tracer })).toBe('meter')
    const misspelt = await rejection(() => monitor(store, { name: 'db', tracr: tracer } as MonitorOptions))
    expect(misspelt.message).toContain("did you mean 'tracer'?")
    const factory = contextFactory(store, { tracer })
    expect((await rejection(() => contextFactory(store, {} as { tracer: typeof tracer }))).option).toBe('tracer')
    expect((await rejection(() => factory.forSpan('', tracer.startSpan('x')))).option).toBe('name')
    expect((await rejection(() => factory.forSpan('db', undefined as never))).option).toBe('span')
  })
})
