import { keyTag } from '../script/key-tag.ts'

/**
 * The keys that all providers of a store share. Like those of a provider they carry one hash tag, so a script
 * may use them together in a cluster.
 */
export interface RegistryKeys {
  /** hash: provider → its endpoints, joined by newlines */
  readonly providers: string
  /** sorted set, all of score 0: endpoint, newline, provider */
  readonly names: string
  /** sorted set → when it was last heard of, in ms: provider, and provider, newline, node */
  readonly seen: string
}

/** The keys of one provider. */
export interface ProviderKeys {
  /** hash: endpoint → its value as JSON; only for endpoints that were set */
  readonly values: string
  /** hash: endpoint.attribute → what was set at run time, as JSON */
  readonly settings: string
  /** hash: endpoint, or '.' for the provider → its lockout key */
  readonly locks: string
  /**
   * hash: endpoint → when its schedule last logged, in ms, a blank, and the number it logged ('' for text)
   */
  readonly logged: string
  /** sorted set: endpoint, or endpoint and '!' for a single action → when it is due, in ms */
  readonly due: string
  /** hash: member of `due` → token of the node that took its last tick */
  readonly claims: string
  /** sorted set: id of a call that was applied → when; for a minute */
  readonly applied: string
  /** hash: id → request, or its answer, until the deadline */
  readonly requests: string
  /** sorted sets: id → deadline of a request in ms; those that nobody has taken, and all */
  readonly pending: string
  readonly deadlines: string
}

/** How a provider itself is named in `locks`. Names have no dot. */
export const providerItself = '.'

export function registryKeys(prefix: string): RegistryKeys {
  const tag = keyTag(prefix, '', 'endpoint')
  return { providers: `${tag}:providers`, names: `${tag}:names`, seen: `${tag}:seen` }
}

const names = ['values', 'settings', 'locks', 'logged', 'due', 'claims', 'applied', 'requests', 'pending', 'deadlines'] as const

export function providerKeys(prefix: string, provider: string): ProviderKeys {
  const tag = keyTag(prefix, '', 'endpoint', provider)
  return Object.fromEntries(names.map((name) => [name, `${tag}:${name}`])) as Record<(typeof names)[number], string>
}

/**
 * Keys that are useless without clients. The others are kept for the day on which the provider may come back.
 */
export function passingKeys({ claims, applied, requests, pending, deadlines }: ProviderKeys): string[] {
  return [claims, applied, requests, pending, deadlines]
}

/**
 * The channel of all alerts of a store. Channels are common to all databases of a server, so their names end
 * with the database.
 */
export function alertChannel(prefix: string, database: number): string {
  return `${keyTag(prefix, '', 'endpoint')}:alerts:${database}`
}

/** The channel that tells the nodes of a provider about requests (their ids) and changed schedules (''). */
export function wakeChannel(prefix: string, provider: string, database: number): string {
  return `${keyTag(prefix, '', 'endpoint', provider)}:wake:${database}`
}

/** The channel that tells a client about answers. */
export function answerChannel(prefix: string, client: string, database: number): string {
  return `${keyTag(prefix, '', 'endpoint')}:answers:${client}:${database}`
}
