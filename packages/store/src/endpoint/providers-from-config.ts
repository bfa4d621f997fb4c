import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { ConfigurationError } from '../errors.ts'
import type { Store } from '../store.ts'
import { Provider, type ProviderOptions } from './provider.ts'

type Mapping = Readonly<Record<string, unknown>>

/**
 * Providers as a YAML or JSON configuration describes them, not started yet. It may be
 *
 * - a provider: `name`, `endpoints` and the other {@link ProviderOptions};
 * - a list of providers;
 * - a node: `node` (or `nodename`, or `name`) and its `providers` (or `endpoints`, when those have endpoints of their own).
 *
 * `module`, and the `broker` of a node, are for dripline and ignored.
 *
 * @param yamlOrObject the text of the configuration, the path of a file (one line that ends with .yaml, .yml or .json), or what such a file holds.
 * @throws ConfigurationError for text that is no YAML, for an option that breaks its rule, and for two providers of one name.
 */
export async function providersFromConfig(store: Store, yamlOrObject: unknown): Promise<Provider[]> {
  const config = typeof yamlOrObject === 'string' ? parseText(await textOf(yamlOrObject)) : yamlOrObject
  const names = new Set<string>()
  return providerConfigs(config).map((options) => {
    const provider = new Provider(store, options)
    if (names.has(provider.name)) throw new ConfigurationError('name', `provider (${provider.name}) already present`, provider.name)
    names.add(provider.name)
    return provider
  })
}

async function textOf(given: string): Promise<string> {
  if (!/^[^\n]+\.(ya?ml|json)$/.test(given)) return given
  try {
    return await readFile(given, 'utf8')
  } catch (error) {
    throw new ConfigurationError('config', `must be a file that can be read (${(error as Error).message})`, given)
  }
}

function parseText(text: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    // Its first line: the others repeat what is there.
    throw new ConfigurationError('config', `must be YAML: ${(error as Error).message.split('\n')[0]}`)
  }
}

function providerConfigs(config: unknown): ProviderOptions[] {
  if (Array.isArray(config)) return config.map((entry) => providerOptions(entry))
  const { providers, endpoints, node, nodename, name, ...others } = mapping('config', config)
  const nested = providers ?? (Array.isArray(endpoints) && endpoints.some(hasEndpoints) ? endpoints : undefined)
  if (nested === undefined) return [providerOptions(config)]
  if (!Array.isArray(nested)) throw new ConfigurationError('providers', 'must be a list of providers', nested)
  const unknown = Object.keys(others).find((key) => key !== 'module' && key !== 'broker')
  if (unknown !== undefined) throw new ConfigurationError(unknown, 'is not an option of a node; known are node and providers')
  const host = node ?? nodename ?? name
  return nested.map((entry) => providerOptions(entry, host))
}

function providerOptions(entry: unknown, node?: unknown): ProviderOptions {
  const { module: _module, endpoints, ...options } = mapping('provider', entry)
  const list = Array.isArray(endpoints) ? endpoints.map(withoutModule) : (endpoints ?? [])
  return { ...(node === undefined ? {} : { node }), ...options, endpoints: list } as unknown as ProviderOptions
}

function withoutModule(entry: unknown): unknown {
  const { module: _module, ...config } = mapping('endpoint', entry)
  return config
}

function hasEndpoints(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'endpoints' in entry
}

function mapping(option: string, value: unknown): Mapping {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConfigurationError(option, 'must be a mapping', value)
  return value as Mapping
}
