import type { Store } from '@ripen/store'

/**
 * Removes every key under the prefix, page by page. All keys of a queue have one hash tag, which begins with
 * the store's prefix: `{prefix:queue:shard}:name`.
 */
export async function removeKeys(store: Store, prefix: string): Promise<void> {
  // Fails soon when the server is away, where the client for commands would try for a minute.
  await store.now()
  const { redis } = store
  // It connects with its first command, and a cluster's client knows its nodes only then.
  await redis.ping()
  for (const node of 'nodes' in redis ? redis.nodes('master') : [redis]) {
    for await (const keys of node.scanStream({ match: `{${prefix}:*`, count: 1_000 })) {
      for (const key of keys as string[]) await node.unlink(key)
    }
  }
}
