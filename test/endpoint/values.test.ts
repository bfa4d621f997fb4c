import { describe, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

onEachServer((_name, server) => {
  describe('get and set', () => {
    test('keep the type of a value; unset is null', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo' }])
      const client = clientOf(store)
      expect(await client.get('foo')).toEqual({ value_raw: null })
      const exact = 0.1 + 0.2
      for (const value of [4, exact, -1.239, 12345678901234568, 'text', '0.3', '', true, null, [1, [2]], { a: { b: null } }, 'ü\n"']) {
        expect(await client.set('foo', value)).toEqual(value)
        expect(await client.get('foo')).toEqual({ value_raw: value })
      }
    })

    test('what was set to null stays null, although there is an initial value', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', initial_value: 1 }])
      const client = clientOf(store)
      expect(await client.get('foo')).toEqual({ value_raw: 1 })
      await client.set('foo', null)
      expect(await client.get('foo')).toEqual({ value_raw: null })
    })

    test('a precision rounds numbers and texts that are numbers, halves away from zero, but not the initial value', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', precision: 2, initial_value: 1.005 }])
      const client = clientOf(store)
      expect(await client.get('foo')).toEqual({ value_raw: 1.005 })
      const results = []
      for (const value of [1.79, 1.785, 4.0, -1.235, '2.345', 'abc', [1.005]]) results.push(await client.set('foo', value))
      expect(results).toEqual([1.79, 1.79, 4, -1.24, 2.35, 'abc', [1.005]])
      expect(await client.set('foo.precision', 0)).toBe(0)
      expect(await client.set('foo', 2.5)).toBe(3)
    })

    test('calibrate by an expression and by a table; what does not fit is a 304 with the raw value', async () => {
      const store = testStore(server.url)
      await running(store, [
        { name: 'volts', calibration: 'times2({}) + 1' },
        { name: 'door', calibration: { '0': 'closed', '1': 'open' } },
      ])
      const client = clientOf(store)
      expect(await client.get('volts')).toEqual({ value_raw: null })
      expect(await client.set('volts', 4)).toBe(4)
      expect(await client.get('volts')).toEqual({ value_raw: 4, value_cal: 9 })
      await client.set('volts', 'abc')
      await expect(client.get('volts')).rejects.toMatchObject({ ...refusal(304), payload: { value_raw: 'abc' } })
      await client.set('door', 1)
      expect(await client.get('door')).toEqual({ value_raw: 1, value_cal: 'open' })
      await client.set('door', 2)
      await expect(client.get('door')).rejects.toMatchObject({ ...refusal(304), payload: { value_raw: 2 } })
    })

    test('get_on_set answers what get gives; the value is stored even when that fails', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', calibration: '2 * {}', get_on_set: true }])
      const client = clientOf(store)
      expect(await client.set('foo', 4)).toEqual({ value_raw: 4, value_cal: 8 })
      await expect(client.set('foo', 'abc')).rejects.toMatchObject({ ...refusal(304), payload: { value_raw: 'abc' } })
      expect(await client.get('foo.value')).toBe('abc')
    })

    test('log_on_set publishes the value; with get_on_set the calibrated reading; nothing when the reading fails', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', calibration: '2 * {}', log_on_set: true }])
      const client = clientOf(store)
      const heard = alertsOf(client, 'sensor_value.*')
      await client.set('foo', 4)
      expect(await client.set('foo.get_on_set', true)).toBe(true)
      await client.set('foo', 5)
      await expect(client.set('foo', 'abc')).rejects.toMatchObject(refusal(304))
      expect(await client.set('foo.log_on_set', false)).toBe(false)
      await client.set('foo', 6)
      expect(await client.set('foo.log_on_set', true)).toBe(true)
      await client.set('foo', 7)
      expect(await heard.payloads(3)).toEqual([{ value_raw: 4 }, { value_raw: 5, value_cal: 10 }, { value_raw: 7, value_cal: 14 }])
      expect(heard.all[0]).toMatchObject({ routingKey: 'sensor_value.foo', name: 'foo' })
    })

    test('a value that JSON cannot tell is refused before anything is sent', async () => {
      const client = clientOf(testStore(server.url))
      for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n])
        await expect(client.set('foo', value)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'value' })
    })
  })

  describe('functions of an endpoint', () => {
    test('read and write take the place of the stored value', async () => {
      const store = testStore(server.url)
      let concurrency = 4
      await running(store, [
        { name: 'concurrency', read: () => concurrency, write: (value: number) => void (concurrency = value) },
        { name: 'rss', read: async () => process.memoryUsage.rss() },
      ])
      const client = clientOf(store)
      expect(await client.get('concurrency')).toEqual({ value_raw: 4 })
      expect(await client.set('concurrency', 8)).toBe(8)
      expect([concurrency, await client.get('concurrency')]).toEqual([8, { value_raw: 8 }])
      expect((await client.get('rss')).value_raw).toBeGreaterThan(1_000_000)
      await expect(client.set('rss', 1)).rejects.toMatchObject(refusal(306))
    })

    test('write alone stores what it was given, or what it returns', async () => {
      const store = testStore(server.url)
      const written: unknown[] = []
      await running(store, [
        { name: 'a', write: (value) => void written.push(value) },
        { name: 'b', write: (value: number) => value * 10 },
      ])
      const client = clientOf(store)
      expect([await client.set('a', 1), await client.set('b', 2)]).toEqual([1, 20])
      expect([written, await client.get('a'), await client.get('b')]).toEqual([[1], { value_raw: 1 }, { value_raw: 20 }])
    })

    test('what they throw is a 999 with its message, and nothing is stored', async () => {
      const store = testStore(server.url)
      const fail = (): never => {
        throw new TypeError('the wire is cut')
      }
      await running(store, [
        { name: 'foo', initial_value: 1, write: fail, commands: { fail, huge: () => 1n } },
        { name: 'bar', read: fail },
      ])
      const client = clientOf(store)
      const failed = { ...refusal(999), message: 'the wire is cut' }
      await expect(client.set('foo', 2)).rejects.toMatchObject(failed)
      await expect(client.get('bar')).rejects.toMatchObject(failed)
      await expect(client.cmd('foo', 'fail')).rejects.toMatchObject(failed)
      await expect(client.cmd('foo', 'huge')).rejects.toMatchObject(refusal(999))
      expect(await client.get('foo')).toEqual({ value_raw: 1 })
    })

    test('commands get a list as arguments, anything else as the only one; undefined becomes null', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', commands: { count: (...args: unknown[]) => args.length, same: (value: unknown) => value } }])
      const client = clientOf(store)
      expect([
        await client.cmd('foo', 'count'),
        await client.cmd('foo', 'count', [1, 2]),
        await client.cmd('foo', 'count', { a: 1 }),
      ]).toEqual([0, 2, 1])
      expect([await client.cmd('foo', 'same', { a: 1 }), await client.cmd('foo', 'same', 5), await client.cmd('foo', 'same')]).toEqual([
        { a: 1 },
        5,
        null,
      ])
    })

    test('two requests to one endpoint do not wait for each other', async () => {
      const store = testStore(server.url)
      let open!: () => void
      const gate = new Promise<void>((resolve) => (open = resolve))
      await running(store, [{ name: 'foo', commands: { wait: () => gate, open: () => open() } }])
      const client = clientOf(store)
      expect(await Promise.all([client.cmd('foo', 'wait'), client.cmd('foo', 'open')])).toEqual([null, null])
    })
  })

  describe('attributes', () => {
    test('tell the settings, the value and the state', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', initial_value: 3, calibration: '2 * {}', schedule_interval: '10 minutes' }])
      const client = clientOf(store)
      const names = [
        'name',
        'value',
        'initial_value',
        'is_locked',
        'schedule_status',
        'logging_status',
        'calibration',
        'get_on_set',
        'log_on_set',
      ]
      const more = ['schedule_interval', 'max_interval', 'max_fractional_change', 'alert_routing_key', 'precision']
      const read = async (name: string): Promise<unknown> => client.get(`foo.${name}`)
      expect(await Promise.all(names.map(read))).toEqual(['foo', 3, 3, false, true, true, '2 * {}', false, false])
      expect(await Promise.all(more.map(read))).toEqual([600, 0, 0, 'sensor_value', null])
    })

    test('are set for all nodes, and set to null they go back to the configuration', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo', initial_value: 3, calibration: '2 * {}' }])
      const client = clientOf(store)
      expect(await client.set('foo.calibration', '3 * {}')).toBe('3 * {}')
      const other = await running(testStore(server.url, { prefix: prefixOf(store) }), [
        { name: 'foo', initial_value: 3, calibration: '2 * {}' },
      ])
      expect(await other.endpoint('foo').get()).toEqual({ value_raw: 3, value_cal: 9 })
      expect(await client.set('foo.calibration', null)).toBe('2 * {}')
      expect(await client.get('foo')).toEqual({ value_raw: 3, value_cal: 6 })
    })

    test('of a value set it; those that cannot be set are refused with 304, bad values with 999', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo' }])
      const client = clientOf(store)
      expect(await client.set('foo.value', 5)).toBe(5)
      expect(await client.get('foo')).toEqual({ value_raw: 5 })
      for (const name of ['name', 'is_locked', 'initial_value'])
        await expect(client.set(`foo.${name}`, 1)).rejects.toMatchObject(refusal(304))
      for (const [name, value] of [
        ['max_interval', -1],
        ['max_interval', 'soon'],
        ['schedule_interval', -1],
        ['max_fractional_change', -0.1],
        ['calibration', '2 *'],
        ['calibration', 7],
        ['get_on_set', 'yes'],
        ['alert_routing_key', ''],
        ['precision', 1.5],
        ['schedule_status', 'maybe'],
      ] as const)
        await expect(client.set(`foo.${name}`, value), name).rejects.toMatchObject(refusal(999))
      expect([await client.set('foo.max_interval', '1.5'), await client.set('foo.max_interval', '2 minutes')]).toEqual([1.5, 120])
    })

    test('a provider has its own; a get or set of a provider itself is refused with 306', async () => {
      const store = testStore(server.url)
      await running(store, [{ name: 'foo' }])
      const client = clientOf(store)
      expect([await client.get('kv_example.name'), await client.get('kv_example.is_locked')]).toEqual(['kv_example', false])
      await expect(client.get('kv_example')).rejects.toMatchObject(refusal(306))
      await expect(client.set('kv_example', 1)).rejects.toMatchObject(refusal(306))
      await expect(client.set('kv_example.name', 'x')).rejects.toMatchObject(refusal(304))
      await expect(client.cmd('kv_example', 'anything')).rejects.toMatchObject(refusal(306))
      await expect(client.list('foo')).rejects.toMatchObject(refusal(306))
      expect([await client.ping('kv_example'), await client.ping('foo')]).toEqual([null, null])
    })
  })
})

function prefixOf(store: ReturnType<typeof testStore>): string {
  return (store as unknown as { options: { prefix: string } }).options.prefix
}
