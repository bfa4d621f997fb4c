import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EndpointClient, Provider, providersFromConfig, type EndpointConfig } from '../../packages/store/src/endpoint/index.ts'
import { rejection } from '../store/rejection.ts'
import { testStore } from '../support/test-store.ts'

const endpoint = (config: object): EndpointConfig => ({ name: 'foo', ...config })

test.each([
  [{ name: 'a b' }, 'name'],
  [{ name: 'a.b' }, 'name'],
  [{ node: '' }, 'node'],
  [{ endpoints: undefined }, 'endpoints'],
  [{ endpoints: [{}] }, 'endpoints[0].name'],
  [{ endpoints: [{ name: 'foo' }, { name: 'foo' }] }, 'endpoints[1].name'],
  [{ endpoints: [endpoint({ calibraton: '{}' })] }, 'endpoints[0].calibraton'],
  [{ endpoints: [endpoint({ calibration: 'process.exit()' })] }, 'endpoints[0].calibration'],
  [{ endpoints: [endpoint({ initial_value: Number.NaN })] }, 'endpoints[0].initial_value'],
  [{ endpoints: [endpoint({ schedule_interval: -2 })] }, 'endpoints[0].schedule_interval'],
  [{ endpoints: [endpoint({ schedule_interval: '5 parsecs' })] }, 'endpoints[0].schedule_interval'],
  [{ endpoints: [endpoint({ max_interval: -1 })] }, 'endpoints[0].max_interval'],
  [{ endpoints: [endpoint({ max_fractional_change: 'much' })] }, 'endpoints[0].max_fractional_change'],
  [{ endpoints: [endpoint({ precision: 16 })] }, 'endpoints[0].precision'],
  [{ endpoints: [endpoint({ get_on_set: 1 })] }, 'endpoints[0].get_on_set'],
  [{ endpoints: [endpoint({ read: 5 })] }, 'endpoints[0].read'],
  [{ endpoints: [endpoint({ commands: { a: 5 } })] }, 'endpoints[0].commands.a'],
  [{ endpoints: [endpoint({ commands: { ping: () => 1 } })] }, 'endpoints[0].commands.ping'],
  [{ lockoutKey: 'zz!' }, 'lockoutKey'],
  [{ endpoint: [] }, 'endpoint'],
])('a provider with %j is refused, and %s is named', async (options, option) => {
  const store = testStore()
  expect(await rejection(() => new Provider(store, { name: 'kv', endpoints: [], ...(options as object) }))).toMatchObject({
    code: 'RIPEN_CONFIGURATION',
    option,
  })
})

test('an option that is misspelt gets the near miss', async () => {
  const store = testStore()
  const error = await rejection(() => new Provider(store, { name: 'kv', endpoints: [endpoint({ log_on_sett: true })] }))
  expect(error.message).toContain("did you mean 'log_on_set'?")
})

test.each([{ timeout: -1 }, { timeout: 0 }, { timeouts: 5 }])('a client with %j is refused', async (options) => {
  const store = testStore()
  expect((await rejection(() => new EndpointClient(store, options as object))).code).toBe('RIPEN_CONFIGURATION')
})

test('providers come from a YAML file, with the service as their node', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ripen-endpoints-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'service.yaml')
  writeFileSync(
    file,
    `
name: my_node
module: Spimescape
endpoints:
  - name: kv_example
    module: kv_store
    endpoints:
      - { name: foo, module: kv_store_key, initial_value: 2, calibration: '2 * {}' }
      - { name: door, module: kv_store_key, initial_value: true, calibration: { true: open, false: closed } }
`,
  )
  const store = testStore()
  const [provider, ...others] = await providersFromConfig(store, file)
  onTestFinished(async () => provider?.close())
  await provider?.start()
  const client = new EndpointClient(store)
  onTestFinished(() => client.close())
  expect(others).toEqual([])
  expect(await client.get('my_node.kv_example.foo')).toEqual({ value_raw: 2, value_cal: 4 })
  expect(await client.get('door')).toEqual({ value_raw: true, value_cal: 'open' })
})

test.each([
  ['a: [', 'config'],
  ['just text', 'config'],
  ['/nowhere/at/all.yaml', 'config'],
  ['{ name: kv, endpoints: [{ name: foo, calibraton: "{}" }] }', 'endpoints[0].calibraton'],
  ['{ nodename: n, providers: [{ name: kv, endpoints: [] }, { name: kv, endpoints: [] }] }', 'name'],
  ['{ nodename: n, brokr: x, providers: [] }', 'brokr'],
  ['{ nodename: n, providers: { name: kv } }', 'providers'],
  ['[5]', 'provider'],
])('the configuration %j is refused, and %s is named', async (config, option) => {
  const store = testStore()
  expect(await rejection(providersFromConfig(store, config))).toMatchObject({ code: 'RIPEN_CONFIGURATION', option })
})

test.each([
  ['a long text', `name: x # ${'x'.repeat(2 ** 20)}`],
  ['more levels than a hundred', `name: ${'['.repeat(101)}${']'.repeat(101)}`],
  ['more levels than the parser can go down', `name: ${'[\n'.repeat(200_000)}`],
  ['lists in one line', '- '.repeat(400_000)],
  ['keys in one line', '? '.repeat(400_000)],
  ['mappings in one line', '{a: '.repeat(200_000)],
  [
    'aliases that stand for millions',
    `a: &a [${'1,'.repeat(9)}]\n${'bcdefghi'.replace(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdefghi'[at] ?? ''},`.repeat(9)}]\n`)}`,
  ],
])('a configuration is refused that has %s', async (_what, config) => {
  const store = testStore()
  const start = performance.now()
  expect(await rejection(providersFromConfig(store, config))).toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'config' })
  expect(performance.now() - start).toBeLessThan(5_000)
})
