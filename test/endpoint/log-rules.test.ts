import { describe, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

/** Gives one value after the other, and null when there are no more. */
function sequence(...values: unknown[]): { read: () => unknown; readonly left: number } {
  return {
    read: () => values.shift() ?? null,
    get left() {
      return values.length
    },
  }
}

onEachServer((_name, server) => {
  describe('scheduled logging:', () => {
    test('the first reading, then changes by more than max_fractional_change; text that changes does not log by itself', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client)
      const values = sequence(10, 10, 11, 11.2, 0, 0.5, -5, -9, 'abc', 'def', -9, '7')
      await running(store, [{ name: 'foo', schedule_interval: '30ms', max_interval: 100, max_fractional_change: 0.1, read: values.read }])
      expect(await heard.payloads(7)).toEqual([10, 11.2, 0, 0.5, -5, -9, '7'].map((value_raw) => ({ value_raw })))
      await until(() => values.left === 0, 5_000, 'the last reading')
      expect(heard.all.length).toBe(7)
    })

    test('by default any change logs, and a value that stays does not', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client)
      const values = sequence(1, 1, 1, 2, 2, 1e-9, 1e-9, 1e300, 9007199254740990, 9007199254740991)
      await running(store, [{ name: 'foo', schedule_interval: '30ms', calibration: '2 * {}', read: values.read }])
      const expected = [1, 2, 1e-9, 1e300, 9007199254740990, 9007199254740991].map((value) => ({
        value_raw: value,
        value_cal: 2 * value,
      }))
      expect(await heard.payloads(expected.length)).toEqual(expected)
      expect(heard.all[0]).toMatchObject({ routingKey: 'sensor_value.foo', name: 'foo' })
    })

    test('a first text logs; a number after it is a change', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client)
      await running(store, [{ name: 'foo', schedule_interval: '30ms', read: sequence('abc', 'def', 5).read }])
      expect(await heard.payloads(2)).toEqual([{ value_raw: 'abc' }, { value_raw: 5 }])
    })

    test('more than max_interval after the last one a value logs, changed or not; at 0 never for that reason', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client)
      let reads = 0
      const read = (): string => {
        reads++
        return 'same'
      }
      await running(store, [
        { name: 'foo', schedule_interval: '30ms', max_interval: 100, read },
        { name: 'bar', schedule_interval: '30ms', max_interval: 0, initial_value: 5 },
      ])
      await heard.payloads(2)
      store.clockOffset += 95_000
      const before = reads
      await until(() => reads > before + 1, 5_000, 'another reading')
      expect(heard.all.length).toBe(2)
      // More than a day, of which the original saw only the seconds.
      store.clockOffset += 86_400_000
      await heard.payloads(3)
      expect(heard.all[2]).toMatchObject({ name: 'foo', payload: { value_raw: 'same' } })
      const [, , last] = heard.all
      expect((last?.at ?? 0) - (heard.all.find(({ name }) => name === 'foo')?.at ?? 0)).toBeGreaterThan(86_400_000)
    })

    test('a set with log_on_set is no scheduled log: the next action logs all the same', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client)
      await running(store, [{ name: 'foo', log_on_set: true, schedule_interval: 3_600 }])
      await client.set('foo', 5)
      await heard.payloads(1)
      await client.cmd('foo', 'single_schedule', [0])
      expect(await heard.payloads(2)).toEqual([{ value_raw: 5 }, { value_raw: 5 }])
    })

    test('attributes that are set take effect at the next action', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      const heard = alertsOf(client, 'other.*')
      await running(store, [{ name: 'foo', initial_value: 10, schedule_interval: 3_600 }])
      expect(await client.set('foo.max_fractional_change', 0.5)).toBe(0.5)
      expect(await client.set('foo.alert_routing_key', 'other')).toBe('other')
      for (const value of [10, 14, 16]) {
        await client.set('foo', value)
        await client.cmd('foo', 'single_schedule', [0])
        await until(async () => !(await pending(store)), 5_000, 'the single action')
      }
      // 10 may have been logged by the first action already, under the old key.
      await until(() => heard.all.some(({ payload }) => (payload as { value_raw: number }).value_raw === 16), 5_000, 'the alert for 16')
      expect(heard.all.map(({ payload }) => payload)).not.toContainEqual({ value_raw: 14 })
    })

    test('single_schedule takes a delay from 0 on', async () => {
      const store = testStore(server.url)
      const client = clientOf(store)
      await running(store, [{ name: 'foo' }])
      for (const args of [[], [-1], ['soon'], [Number.MAX_VALUE]])
        await expect(client.cmd('foo', 'single_schedule', args)).rejects.toMatchObject(refusal(999))
    })
  })
})

/** Whether a single action is due and has not been taken. */
async function pending(store: ReturnType<typeof testStore>): Promise<boolean> {
  const { prefix } = (store as unknown as { options: { prefix: string } }).options
  return (await store.redis.zscore(`{${prefix}::endpoint:kv_example}:due`, 'foo!')) !== null
}
