import type { Store } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { onTestFinished } from 'vitest'
import { randomPrefix } from '../support/test-store.ts'

/** A name, and so a key, that no other test has; whatever is there after the test is removed. */
export function setName(store: Store): string {
  const name = `set-${randomPrefix()}`
  onTestFinished(async () => {
    await internals(store).caller.call((client) => client.unlink(name))
  })
  return name
}

/** What `pop` and `peek` reject with when there is nothing. */
export const empty = { code: 'RIPEN_EMPTY_SET' }
