import { openStore, type Store, type StoreOptions } from '@ripen/store'
import { onTestFinished } from 'vitest'

/**
 * `openStore` with a `close` after the test: for stores that `testStore` cannot make, because they have a
 * client or a server of their own.
 */
export function openedStore(target?: string | StoreOptions): Store {
  const store = openStore(target)
  onTestFinished(() => store.close())
  return store
}
