import { readFile, stat } from 'node:fs/promises'
import { parse } from 'yaml'
import { ConfigurationError } from '../errors/errors.ts'
import type { Store } from '../store.ts'
import { Provider, type ProviderOptions } from './provider.ts'

type Mapping = Readonly<Record<string, unknown>>

/**
 * Creates the providers that a YAML or JSON configuration describes, without starting them. The configuration
 * is
 *
 * - a provider: `name`, `endpoints` and the other {@link ProviderOptions};
 * - a list of providers;
 * - a node: `node` (or `nodename`, or `name`) and its `providers` (or `endpoints`, when those have endpoints
 *   of their own).
 *
 * `module`, and the `broker` of a node, belong to dripline and are ignored.
 *
 * @param yamlOrObject the text of the configuration, the path of a file (one line that ends in .yaml, .yml or
 *   .json), or the parsed content of such a file.
 * @throws ConfigurationError for text that is not YAML, for an option that breaks its rule, or for two
 *   providers with one name.
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
    const { size } = await stat(given)
    if (size > 4 * longestText) throw new Error(`it has ${size} bytes`)
    return await readFile(given, 'utf8')
  } catch (error) {
    throw new ConfigurationError('config', `must be a readable file (${(error as Error).message})`, given)
  }
}

/** The longest configuration, in characters. */
const longestText = 2 ** 20
/** How deep lists and mappings may be in one another. */
const deepest = 100

function parseText(text: string): unknown {
  if (text.length > longestText) throw new ConfigurationError('config', `must have at most ${longestText} characters, got ${text.length}`)
  if (nestsDeeply(text)) throw new ConfigurationError('config', `must be at most ${deepest} levels deep`)
  let config: unknown
  try {
    // An alias may stand for many others: what they come to is bounded.
    config = parse(text, { maxAliasCount: 100 })
  } catch (error) {
    // Its first line: the others repeat what is there.
    throw new ConfigurationError('config', `must be YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  checkDepth(config)
  return config
}

/**
 * Asked of the text, since the parser goes down by recursion, and what is very deep ends the process: more
 * brackets are open than may be, or a line begins with more list items or keys.
 */
function nestsDeeply(text: string): boolean {
  let open = 0
  for (const bracket of text.match(/[[\]{}]/g) ?? []) {
    open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1))
    if (open > deepest) return true
  }
  return /^(?:[ \t]*[-?:][ \t]+){101}/m.test(text)
}

/** Each list and mapping is looked at once, however many aliases stand for it. */
function checkDepth(config: unknown): void {
  const seen = new Set<unknown>()
  let level: unknown[] = [config]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) throw new ConfigurationError('config', `must be at most ${deepest} levels deep`)
    const below = level.flatMap((value) => (typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : []))
    level = below.filter((value) => typeof value === 'object' && value !== null && !seen.has(value) && seen.add(value))
  }
}

function providerConfigs(config: unknown): ProviderOptions[] {
  if (Array.isArray(config)) return config.map((entry) => providerOptions(entry))
  const { providers, endpoints, node, nodename, name, ...others } = mapping('config', config)
  const nested = providers ?? (Array.isArray(endpoints) && endpoints.some(hasEndpoints) ? endpoints : undefined)
  if (nested === undefined) return [providerOptions(config)]
  if (!Array.isArray(nested)) throw new ConfigurationError('providers', 'must be a list of providers', nested)
  const unknown = Object.keys(others).find((key) => key !== 'module' && key !== 'broker')
  if (unknown !== undefined) throw new ConfigurationError(unknown, 'is not an option of a node; the options are node and providers')
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
