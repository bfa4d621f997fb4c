import { expect, test } from 'vitest'
import { testStore } from '../support/test-store.ts'
import { alertsOf, clientOf, refusal, running } from './running.ts'

const most = 'x'.repeat(2 ** 20 - 2)
const large = `${most}x`

test('a value, an argument, a method and an address that are too long are refused before anything is sent', async () => {
  const store = testStore()
  const provider = await running(store, [{ name: 'foo', commands: { echo: (value: unknown) => value } }])
  const client = clientOf(store)
  await expect(client.set('foo', large)).rejects.toMatchObject({ option: 'value', message: expect.stringContaining('1048576 bytes') })
  await expect(client.set('foo.alert_routing_key', large)).rejects.toMatchObject({ option: 'value' })
  await expect(client.cmd('foo', 'echo', large)).rejects.toMatchObject({ option: 'args' })
  await expect(client.cmd('foo', large)).rejects.toMatchObject({ option: 'method' })
  await expect(client.get(`foo.${'a.'.repeat(1_000)}b`)).rejects.toMatchObject({ option: 'address' })
  await expect(client.set('foo', 1, { lockoutKey: large })).resolves.toBe(1) // it is not locked
  await expect(client.lock('foo', large)).rejects.toMatchObject(refusal(308))
  await expect(provider.endpoint('foo').set(large)).rejects.toMatchObject({ option: 'value' })
  expect(await client.get('foo')).toEqual({ value_raw: 1 })
})

test('a value of 1 MiB is set, read and logged', async () => {
  const store = testStore()
  await running(store, [{ name: 'foo', log_on_set: true }])
  const client = clientOf(store)
  const heard = alertsOf(client)
  expect(await client.set('foo', most)).toBe(most)
  expect(await client.get('foo')).toEqual({ value_raw: most })
  expect(await heard.payloads(1)).toEqual([{ value_raw: most }])
})

test('what a function of an endpoint gives, and what its error carries, is bounded and answered', async () => {
  const store = testStore()
  const long = 'y'.repeat(2 ** 21)
  const fail = (): never => {
    throw Object.assign(new Error(long), { code: 'RIPEN_ENDPOINT', retcode: 200, payload: long })
  }
  await running(store, [
    { name: 'reads', read: () => long },
    { name: 'writes', write: () => long },
    { name: 'logs', read: () => long, write: () => 1, log_on_set: true, get_on_set: true, commands: { give: () => long, fail } },
  ])
  const client = clientOf(store)
  const heard = alertsOf(client)
  await expect(client.get('reads')).rejects.toMatchObject({ ...refusal(303), message: expect.stringContaining('1048576 bytes') })
  await expect(client.get('reads.value')).rejects.toMatchObject(refusal(303))
  await expect(client.set('writes', 1)).rejects.toMatchObject(refusal(303))
  await expect(client.set('logs', 1)).rejects.toMatchObject(refusal(303))
  await expect(client.cmd('logs', 'give')).rejects.toMatchObject(refusal(303))
  const failure = await client.cmd('logs', 'fail').catch((error: unknown) => error as Error)
  expect(failure).toMatchObject({ ...refusal(200), payload: undefined })
  expect((failure as Error).message.length).toBeLessThan(10_000)
  expect(await client.get('writes')).toEqual({ value_raw: null })
  expect(heard.all).toEqual([])
})
