import { ConfigurationError } from '@ripen/store'
import { expect, test } from 'vitest'
import { monitor } from '../../packages/store/src/diagnostics/index.ts'
import { rejection } from '../store/rejection.ts'
import { onEachServer } from '../support/conformance.ts'
import { monitorSetup } from './monitor-setup.ts'

const failed = 2

onEachServer((_name, server) => {
  test('needs a name', async () => {
    const { store, monitored } = monitorSetup(server.url)
    const unnamed = monitored as unknown as { pipeline(name?: unknown): unknown }
    for (const bad of [undefined, '', 1, null]) expect(await rejection(() => unnamed.pipeline(bad))).toMatchObject({ option: 'name' })
    const bare = monitor(store, { name: 'db' }) as unknown as typeof unnamed
    expect(await rejection(() => bare.pipeline())).toBeInstanceOf(ConfigurationError)
  })

  test('is a failure when one of its commands fails, and answers as ioredis does', async () => {
    const { telemetry, monitored, key } = monitorSetup(server.url)
    const results = await monitored.pipeline('mixed').set(key, 'text').incr(key).get(key).exec()
    expect(results).toMatchObject([[null, 'OK'], [{ message: expect.stringContaining('integer') as string }], [null, 'text']])
    expect(telemetry.spans).toMatchObject([{ name: 'db.pipeline_mixed', status: { code: failed }, events: [{ name: 'exception' }] }])
  })

  test('may be empty, and may hold a transaction', async () => {
    const { telemetry, monitored, key } = monitorSetup(server.url)
    expect(await monitored.pipeline('empty').exec()).toEqual([])
    const pipeline = monitored.pipeline('transaction')
    ;(pipeline as unknown as { multi(): unknown }).multi()
    pipeline.set(key, 'text').incr(key)
    void pipeline.exec()
    expect(telemetry.names).toEqual(['db.pipeline_empty'])
    expect((await pipeline.exec())?.at(-1)?.[1]).toMatchObject(['OK', { name: 'ReplyError' }])
    expect(telemetry.spans[1]).toMatchObject({ name: 'db.pipeline_transaction', status: { code: failed } })
    expect(telemetry.spans.length).toBe(2)
  })
})
