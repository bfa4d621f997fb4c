import { ConfigurationError, EndpointError } from '../errors/errors.ts'
import { providerAttributes } from './provider-handler.ts'

/** Characters of an address. */
const longest = 1_024

/** Where a request goes. */
export interface Address {
  readonly provider: string
  /** `''`: any node of the provider. */
  readonly node: string
  /** `''`: the provider itself. */
  readonly endpoint: string
  /** The attribute; `''`: none. */
  readonly specifier: string
}

/** What the registry knows of the first two parts of an address; see `lua/endpoint-find.lua`. */
export type Found = readonly [now: string, first: string | null, second: string | null, flat: readonly string[]]

/**
 * The parts of an address: `foo`, `kv_example.foo` or `somenode.kv_example.foo`, each with an optional
 * attribute, or a provider itself.
 *
 * @throws ConfigurationError for what has no such form.
 */
export function splitAddress(address: string): string[] {
  const parts = typeof address === 'string' && address.length <= longest ? address.split('.') : []
  if (parts.length === 0 || parts.some((part) => !/^[A-Za-z0-9_:-]{1,128}$/.test(part)))
    throw new ConfigurationError(
      'address',
      "must be 'endpoint', 'provider.endpoint' or 'node.provider.endpoint', with an optional '.attribute'",
      address,
    )
  return parts
}

/**
 * Finds what an address stands for: a provider on a node before a provider before the endpoint of the only
 * provider that has one of that name.
 *
 * @throws EndpointError 102 when nothing has this address, or several providers have the endpoint.
 */
export function resolveAddress(parts: readonly string[], [, first, second, flat]: Found): Address {
  const [one = '', two = ''] = parts
  const address = parts.join('.')
  if (second !== null) return within(address, { provider: two, node: one, endpoints: second }, parts.slice(2))
  if (first !== null) return within(address, { provider: one, node: '', endpoints: first }, parts.slice(1))
  const providers = flat.map((entry) => entry.slice(one.length + 1))
  if (providers.length > 1)
    throw new EndpointError(102, `several providers have an endpoint '${one}', such as ${providers.join(' and ')}: use 'provider.endpoint'`)
  const [provider] = providers
  if (provider === undefined) throw new EndpointError(102, `no provider or endpoint has the address '${address}'`)
  return { provider, node: '', endpoint: one, specifier: specifierOf(parts.slice(1)) }
}

function within(
  address: string,
  { provider, node, endpoints }: { readonly provider: string; readonly node: string; readonly endpoints: string },
  rest: readonly string[],
): Address {
  const [name] = rest
  if (name === undefined) return { provider, node, endpoint: '', specifier: '' }
  if (endpoints.split('\n').includes(name)) return { provider, node, endpoint: name, specifier: specifierOf(rest.slice(1)) }
  const specifier = specifierOf(rest)
  if (!(providerAttributes as readonly string[]).includes(specifier))
    throw new EndpointError(102, `no endpoint has the address '${address}': provider ${provider} has no '${name}'`)
  return { provider, node, endpoint: '', specifier }
}

function specifierOf(parts: readonly string[]): string {
  return parts.join('.').replaceAll('-', '_')
}
