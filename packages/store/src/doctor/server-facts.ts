import type { Redis } from 'ioredis'
import type { Topology } from '../connection/target.ts'

/** What a server says about itself. What it refuses to tell, as managed servers do, is absent. */
export interface ServerFacts {
  readonly topology: Topology
  /** The fields of INFO. */
  readonly info: ReadonlyMap<string, string>
  /** The parameters of CONFIG GET. */
  readonly config: ReadonlyMap<string, string>
  /** The fields of CLUSTER INFO; empty where the server is no part of a cluster. */
  readonly cluster: ReadonlyMap<string, string>
}

const parameters = ['appendfsync', 'save', 'min-replicas-to-write']

/**
 * @throws Error when the connection is lost; a command that is refused leaves out what it would have told.
 */
export async function readFacts(node: Redis, topology: Topology): Promise<ServerFacts> {
  const info = parseFields(await told(node.info()))
  const config = new Map<string, string>()
  for (const parameter of parameters) {
    const [name, value] = ((await told(node.call('CONFIG', 'GET', parameter))) ?? []) as string[]
    if (name !== undefined && value !== undefined) config.set(name, value)
  }
  const cluster = info.get('cluster_enabled') === '1' || topology === 'cluster' ? await told(node.call('CLUSTER', 'INFO')) : undefined
  return { topology, info, config, cluster: parseFields(cluster as string | undefined) }
}

/** The answer; undefined when the server refuses it. */
async function told<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') return undefined
    throw error
  }
}

/** The lines `field:value` of INFO and CLUSTER INFO. */
export function parseFields(text = ''): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, field = '', value = '']) => [field, value]))
}
