import { randomBytes } from 'node:crypto'
import { openStore, type Store, type StoreOptions } from '@ripen/store'
import { inject, onTestFinished } from 'vitest'
import { expectNoConnections } from './leaks.ts'

/**
 * Opens a store with a key prefix that no other test has, closes it after the test, and fails the test when the store leaves a connection open.
 *
 * To be called in a test or in a `beforeEach`.
 *
 * @param url default: the server that all tests share.
 */
export function testStore(url: string = inject('testServer').url, options: Omit<StoreOptions, 'url' | 'redis'> = {}): Store {
  const id = randomPrefix()
  const store = openStore({ url, prefix: id, ...options, redis: { connectionName: id } })
  onTestFinished(async () => {
    await store.close()
    if (!url.startsWith('embedded:')) await expectNoConnections(url, id)
  })
  return store
}

/** For tests that use keys without a store. */
export function randomPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`
}
