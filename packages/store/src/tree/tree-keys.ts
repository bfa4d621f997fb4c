import { keyTag } from '../script/key-tag.ts'

/**
 * A section, the first segment of a path, lives in one slot. Its nodes are named by what follows the section:
 * each further segment with the byte 1 before it, `''` for the section itself. So everything below a node is
 * one range of the index, in path order.
 */
export interface SectionKeys {
  /** hash: leaf → value as JSON; `{}` for an empty branch */
  readonly nodes: string
  /** sorted set, all scores 0: every leaf */
  readonly index: string
  /** sorted set: leaf → when it ends, in ms of the server's clock; only leaves with a time to live */
  readonly expiry: string
}

export function sectionKeys(prefix: string, section: string): SectionKeys {
  const tag = keyTag(prefix, '', 'tree', section)
  return { nodes: `${tag}:nodes`, index: `${tag}:index`, expiry: `${tag}:expiry` }
}

/** The names of all sections, for calls that start at the root. */
export interface RootKeys {
  /** sorted set, all scores 0: names of sections, perhaps of some that have become empty */
  readonly sections: string
  /** hash: section → when somebody last meant to write it, in ms */
  readonly registered: string
}

export function rootKeys(prefix: string): RootKeys {
  const tag = keyTag(prefix, '', 'tree')
  return { sections: `${tag}:sections`, registered: `${tag}:registered` }
}

/**
 * Changes are published under the section, and once more for those who watch the root. Channels are common to
 * all databases.
 */
export function changesChannel(prefix: string, database: number, section: string | undefined): string {
  const tag = section === undefined ? keyTag(prefix, '', 'tree') : keyTag(prefix, '', 'tree', section)
  return `${tag}:changed:${database}`
}

/**
 * A node as the scripts name it, in its section or among the locks: each segment with the byte 1 before it,
 * `''` where there is none.
 */
export function encodeNode(segments: readonly string[]): string {
  return segments.map((segment) => `\u0001${segment}`).join('')
}

export function decodeNode(node: string): string[] {
  return node === '' ? [] : node.slice(1).split('\u0001')
}
