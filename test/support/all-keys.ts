import type { Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'

/** The keys that match a pattern, of every node of a cluster. */
export function allKeys(store: Store, pattern: string): Promise<string[]> {
  return internals(store).caller.call(async (client) => {
    const nodes = 'nodes' in client ? client.nodes('master') : [client]
    return (await Promise.all(nodes.map((node) => node.keys(pattern)))).flat()
  })
}
