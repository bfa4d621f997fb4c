import type { Clock } from './clock/clock.ts'
import { OpenedStore } from './opened-store.ts'
import { sharedKey } from './connection/shared-key.ts'
import { parseStoreOptions, type ParsedStoreOptions, type StoreOptions } from './options/store-options.ts'
import type { Store } from './store.ts'
import { version } from './version.generated.ts'

/** Shared stores live on the process, not in this module: a hot reload loads the module anew. */
const registry = ((globalThis as Record<symbol, unknown>)[Symbol.for(`ripen.shared-stores ${version}`)] ??= new Map()) as Map<
  string,
  SharedStore
>

interface SharedStore {
  readonly store: OpenedStore
  /** How many were given it, less those whose `connect` failed. */
  holders: number
}

/**
 * Opens a store without any I/O until it is used: for module scope, serverless functions and tests.
 *
 * @param target a URL, or options. Default: `RIPEN_URL`, else `REDIS_URL`, else `'embedded:'`, with a
 *   warning.
 * @throws ConfigurationError for a target or an option that breaks its rule, or if there is no target and
 *   `NODE_ENV` is `production`.
 */
export function openStore(target?: string | StoreOptions): Store {
  return open(parseStoreOptions(target)).store
}

/** As {@link openStore}, with a clock that a test moves. */
export function openStoreWithClock(clock: Clock, target?: string | StoreOptions): Store {
  return open({ ...parseStoreOptions(target), clock }).store
}

function open(options: ParsedStoreOptions): SharedStore {
  if (!options.shared) return { store: new OpenedStore(options), holders: 1 }
  const key = sharedKey(options)
  const known = registry.get(key)
  if (known !== undefined) {
    known.holders++
    return known
  }
  const store = new OpenedStore(options)
  const shared = { store, holders: 1 }
  registry.set(key, shared)
  const close = store.close.bind(store)
  store.close = () => {
    if (registry.get(key) === shared) registry.delete(key)
    return close()
  }
  return shared
}

/**
 * A store for `main()`: connected, or failed at once.
 *
 * @throws ConfigurationError as {@link openStore}; ConnectionError when the server does not answer.
 */
export async function connect(target?: string | StoreOptions): Promise<Store> {
  const opened = open(parseStoreOptions(target))
  try {
    return await opened.store.ready()
  } catch (error) {
    // A shared store goes on trying for those who have it.
    if (--opened.holders === 0) await opened.store.close()
    throw error
  }
}
