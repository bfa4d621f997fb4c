import { randomBytes } from 'node:crypto'
import { openStore, type Store, type StoreOptions } from '@ripen/store'
import { openStoreWithClock, type Clock } from '@ripen/store/internal'
import { inject, onTestFinished } from 'vitest'
import { expectNoConnections } from './leaks.ts'

export type TestStoreOptions = Omit<StoreOptions, 'url' | 'redis'> & { readonly clock?: Clock }

/**
 * Opens a store with a key prefix that no other test has, closes it after the test, and fails the test when
 * the store leaves a connection open.
 *
 * To be called in a test or in a `beforeEach`.
 *
 * @param url default: the server that all tests share.
 * @param options.clock a {@link MovableClock}, to move the timers of the store, its queues and its workers;
 *   `store.clockOffset` moves the server.
 */
export function testStore(url: string = inject('testServer').url, { clock, ...options }: TestStoreOptions = {}): Store {
  const id = randomPrefix()
  const target = { url, prefix: id, ...options, redis: { connectionName: id } }
  const store = clock === undefined ? openStore(target) : openStoreWithClock(clock, target)
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
