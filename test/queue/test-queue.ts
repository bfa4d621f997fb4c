import { Queue, type QueueSettings } from '@ripen/queue'
import { onTestFinished } from 'vitest'
import type { ConformanceServer } from '../support/conformance.ts'
import { testStore, type TestStoreOptions } from '../support/test-store.ts'
import { prefixOf } from './stored-keys.ts'

/**
 * A queue on a store of its own, with a key prefix that no other test has; closed after the test. To be
 * called in a test or in a `beforeEach`.
 */
export function testQueue<J = Record<string, any>>(
  server: ConformanceServer,
  settings: QueueSettings = {},
  options?: TestStoreOptions,
): Queue<J> {
  return closing(new Queue<J>('work', { store: testStore(server.url, options), ...settings }))
}

/**
 * The same queue as another process sees it: through a store, and connections, of its own.
 *
 * @param settings other ones than the queue's.
 */
export function elsewhere<J>(queue: Queue<J>, server: ConformanceServer, settings?: QueueSettings): Queue<J> {
  const store = testStore(server.url, { prefix: prefixOf(queue) })
  return closing(settings === undefined ? new Queue<J>(queue.definition, { store }) : new Queue<J>(queue.name, { store, ...settings }))
}

function closing<J>(queue: Queue<J>): Queue<J> {
  onTestFinished(() => queue.close())
  return queue
}
