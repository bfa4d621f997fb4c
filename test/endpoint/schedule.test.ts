import type { Store } from '@ripen/store'
import { describe, expect, test } from 'vitest'
import { capturedLog } from '../store/captured-log.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

/** Gives a number that changes at each reading. */
function counter(): { read: () => number; readonly reads: number } {
  let reads = 0
  return {
    read: () => ++reads,
    get reads() {
      return reads
    },
  }
}

async function dueOf(store: Store, endpoint: string): Promise<number | null> {
  const { prefix } = (store as unknown as { options: { prefix: string } }).options
  const score = await store.redis.zscore(`{${prefix}::endpoint:kv_example}:due`, endpoint)
  return score === null ? null : Number(score)
}

onEachServer((_name, server) => {
  describe('schedule:', () => {
    test('start begins at once, with every interval above 0, and goes on at a fixed rate', async () => {
      const store = testStore(server.url)
      const [fast, never] = [counter(), counter()]
      await running(store, [
        { name: 'fast', schedule_interval: 0.2, read: fast.read },
        { name: 'zero', schedule_interval: 0, read: never.read },
        { name: 'minus', schedule_interval: -1, read: never.read },
      ])
      const first = Number(await until(() => dueOf(store, 'fast'), 2_000, 'the schedule'))
      await until(() => fast.reads >= 4, 5_000, 'four readings')
      expect((((await dueOf(store, 'fast')) ?? 0) - first) % 200).toBe(0)
      expect([never.reads, await dueOf(store, 'zero'), await dueOf(store, 'minus')]).toEqual([0, null, null])
      const client = clientOf(store)
      expect(await client.get('kv_example.schedule_status')).toEqual([
        ['fast', true],
        ['zero', false],
        ['minus', false],
      ])
    })

    test('each due tick is published once, however many nodes run the provider', async () => {
      const prefix = randomPrefix()
      const store = testStore(server.url, { prefix })
      const client = clientOf(store)
      const heard = alertsOf(client)
      const values = counter()
      for (let node = 0; node < 4; node++)
        await running(testStore(server.url, { prefix }), [{ name: 'foo', schedule_interval: 0.2, read: values.read }])
      await heard.payloads(11)
      // Not the first one, before which scripts are loaded and rights tried.
      const [first, last] = [heard.all[1]?.at ?? 0, heard.all[10]?.at ?? 0]
      // Ten alerts need ten ticks, the first and the last of which may have been late or in time.
      expect(last - first).toBeGreaterThanOrEqual(9 * 200 - 150)
      expect(values.reads - heard.all.length).toBeLessThanOrEqual(1)
    })

    test('missed ticks are not made up, and the rate stays', async () => {
      const store = testStore(server.url)
      const values = counter()
      const config = [{ name: 'foo', schedule_interval: 60, read: values.read }]
      const first = await running(store, config)
      await until(() => values.reads === 1, 2_000, 'the first reading')
      const due = (await dueOf(store, 'foo')) ?? 0
      await first.close()
      store.clockOffset += 10 * 60_000 + 30_000
      await running(store, config)
      await until(() => values.reads === 2, 2_000, 'the reading after the pause')
      const next = await until(
        async () => ((await dueOf(store, 'foo')) ?? 0) > (await store.now()) && dueOf(store, 'foo'),
        2_000,
        'the next tick',
      )
      expect([(Number(next) - due) / 60_000, values.reads]).toEqual([10, 2])
    })

    test('schedule_status and logging_status start, stop and restart; anything else is a 999', async () => {
      const store = testStore(server.url)
      const values = counter()
      await running(store, [{ name: 'foo', schedule_interval: 3_600, read: values.read }, { name: 'none' }])
      const client = clientOf(store)
      await until(() => values.reads === 1, 2_000, 'the first reading')
      expect([await client.set('foo.schedule_status', 'off'), await client.get('foo.logging_status'), await dueOf(store, 'foo')]).toEqual([
        false,
        false,
        null,
      ])
      expect([await client.set('foo.logging_status', 'start'), await client.get('foo.schedule_status')]).toEqual([true, true])
      await until(() => values.reads === 2, 2_000, 'the reading after the start')
      await client.set('foo.schedule_status', 'restart')
      await until(() => values.reads === 3, 2_000, 'the reading after the restart')
      await client.set('foo.schedule_status', 'stop')
      await client.set('foo.schedule_status', 'on')
      await until(() => values.reads === 4, 2_000, 'the reading after another start')
      await expect(client.set('foo.schedule_status', 'maybe')).rejects.toMatchObject({
        ...refusal(999),
        message: expect.stringContaining('unrecognized schedule state setting') as string,
      })
      await expect(client.set('none.schedule_status', 'on')).rejects.toMatchObject({
        ...refusal(999),
        message: expect.stringContaining('schedule loop interval must be > 0') as string,
      })
    })

    test('a schedule that is changed wakes the nodes: none waits for its next look', async () => {
      const store = testStore(server.url)
      const values = counter()
      await running(store, [{ name: 'foo', schedule_interval: 3_600, read: values.read }])
      const client = clientOf(store)
      await until(() => values.reads === 1, 2_000, 'the first reading')
      const start = performance.now()
      for (let round = 2; round <= 9; round++) {
        await client.set('foo.schedule_status', 'restart')
        await until(() => values.reads === round, 2_000, 'the reading after the restart')
      }
      // A node looks by itself once a second.
      expect(performance.now() - start).toBeLessThan(4_000)
    })

    test('of a provider: set reaches each endpoint; one without an interval is a warning, no error', async () => {
      const { logger, entries } = capturedLog()
      const store = testStore(server.url, { logger })
      await running(store, [
        { name: 'foo', schedule_interval: 3_600, initial_value: 1 },
        { name: 'none' },
        { name: 'never', schedule_interval: -1 },
      ])
      const client = clientOf(store)
      const status = (foo: boolean): unknown => [
        ['foo', foo],
        ['none', false],
        ['never', false],
      ]
      expect(await client.set('kv_example.schedule_status', 'off')).toEqual(status(false))
      expect(await client.get('kv_example.logging_status')).toEqual(status(false))
      expect(await client.set('kv_example.logging_status', 'on')).toEqual(status(true))
      const warnings = entries.filter(({ message }) => message === 'a schedule was left as it was')
      expect(warnings.map(({ fields }) => (fields as { endpoint: string }).endpoint)).toEqual(['none'])
    })

    test('a new interval counts from now, without an action in between; 0 ends the schedule', async () => {
      const store = testStore(server.url)
      const values = counter()
      await running(store, [{ name: 'foo', schedule_interval: 3_600, read: values.read }])
      await until(() => values.reads === 1, 2_000, 'the first reading')
      const client = clientOf(store)
      expect(await client.set('foo.schedule_interval', '10 minutes')).toBe(600)
      expect(Math.abs(((await dueOf(store, 'foo')) ?? 0) - (await store.now()) - 600_000)).toBeLessThan(5_000)
      expect(values.reads).toBe(1)
      await client.set('foo.schedule_interval', 0.1)
      await until(() => values.reads > 3, 5_000, 'readings every 100 ms')
      expect(await client.set('foo.schedule_interval', 0)).toBe(0)
      expect([await client.get('foo.schedule_status'), await dueOf(store, 'foo')]).toEqual([false, null])
    })

    test('single_schedule is one action after the delay; the schedule goes on', async () => {
      const store = testStore(server.url)
      const values = counter()
      await running(store, [
        { name: 'foo', schedule_interval: 3_600, read: values.read },
        { name: 'bar', read: values.read },
      ])
      const client = clientOf(store)
      await until(() => values.reads === 1, 2_000, 'the first reading')
      const due = await dueOf(store, 'foo')
      await client.cmd('foo', 'single_schedule', [60])
      expect(Math.abs(((await dueOf(store, 'foo!')) ?? 0) - (await store.now()) - 60_000)).toBeLessThan(5_000)
      expect(values.reads).toBe(1)
      store.clockOffset += 60_000
      await until(() => values.reads === 2, 3_000, 'the single action')
      expect([await dueOf(store, 'foo'), await dueOf(store, 'foo!')]).toEqual([due, null])
      await client.cmd('bar', 'single_schedule', [0])
      await until(() => values.reads === 3, 2_000, 'the single action of an endpoint without a schedule')
    })

    test('an action that throws, or finds null, is logged and the schedule goes on', async () => {
      const { logger, entries } = capturedLog()
      const store = testStore(server.url, { logger })
      const client = clientOf(store)
      const heard = alertsOf(client)
      const results = [
        () => {
          throw new Error('the wire is cut')
        },
        () => null,
        () => 'abc',
        () => 5,
      ]
      await running(store, [
        { name: 'foo', schedule_interval: '30ms', calibration: '2 * {}', read: () => (results.shift() ?? (() => 5))() },
      ])
      expect(await heard.payloads(1)).toEqual([{ value_raw: 5, value_cal: 10 }])
      // On a busy machine an action may take longer than the interval, which is told too.
      const told = entries.filter(({ level, message }) => level === 'warn' && !message.startsWith('a scheduled action was skipped'))
      expect(told.map(({ message }) => message)).toEqual([
        'a scheduled action failed',
        'a scheduled action had nothing to log: the value is null',
        'a scheduled action failed',
      ])
    })

    test('an action that takes longer than the interval is not begun a second time', async () => {
      const { logger, entries } = capturedLog()
      const store = testStore(server.url, { logger })
      let [reading, most] = [0, 0]
      let end!: () => void
      const gate = new Promise<void>((resolve) => (end = resolve))
      await running(store, [
        {
          name: 'foo',
          schedule_interval: '50ms',
          read: async () => {
            most = Math.max(most, ++reading)
            await gate
            reading--
            return 1
          },
        },
      ])
      await until(() => entries.filter(({ message }) => message.includes('has not ended')).length >= 3, 5_000, 'three warnings')
      end()
      expect(most).toBe(1)
    })

    test('the schedule of an endpoint that is no longer configured ends', async () => {
      const store = testStore(server.url)
      const first = await running(store, [{ name: 'old', schedule_interval: 0.1, initial_value: 1 }, { name: 'foo' }])
      await until(() => dueOf(store, 'old'), 2_000, 'the schedule')
      await clientOf(store).set('old.schedule_interval', 0.2)
      await first.close()
      await running(store, [{ name: 'foo' }])
      await until(async () => (await dueOf(store, 'old')) === null, 3_000, 'the end of the schedule')
      await expect(clientOf(store).get('kv_example.old')).rejects.toMatchObject(refusal(102))
    })
  })

  test('value, lock, attributes, what was logged last and schedules survive a restart of the provider', async () => {
    const prefix = randomPrefix()
    const store = testStore(server.url, { prefix })
    const client = clientOf(store)
    const heard = alertsOf(client)
    const config = [
      { name: 'foo', initial_value: 1, schedule_interval: '50ms' as const },
      { name: 'bar', initial_value: 1, schedule_interval: '50ms' as const },
    ]
    const before = testStore(server.url, { prefix })
    const first = await running(before, config)
    await heard.payloads(2)
    await client.set('foo', 7)
    await heard.payloads(3)
    await client.set('foo.max_interval', 1_000)
    await client.set('bar.schedule_status', 'off')
    const key = await client.lock('foo')
    await first.close()
    await before.close()
    let reads = 0
    await running(testStore(server.url, { prefix }), [
      { ...config[0], name: 'foo' },
      { ...config[1], name: 'bar' },
      { name: 'new', schedule_interval: '50ms', read: () => void reads++ },
    ])
    expect([await client.get('foo'), await client.get('foo.max_interval'), await client.get('bar.schedule_status')]).toEqual([
      { value_raw: 7 },
      1_000,
      false,
    ])
    await expect(client.set('foo', 8)).rejects.toMatchObject(refusal(307))
    await until(() => reads > 3, 5_000, 'ticks of the new process')
    // The value is the one that was logged before the restart.
    expect(heard.all.length).toBe(3)
    expect(await client.set('foo', 8, { lockoutKey: key })).toBe(8)
    expect((await heard.payloads(4))[3]).toEqual({ value_raw: 8 })
  })
})
